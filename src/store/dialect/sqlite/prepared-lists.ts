/** Runs lists by condition: each shape is prepared once; after that a list only binds its values and reads its rows. */

import type { StatementSync } from 'node:sqlite';
import type { FlowRun } from '../../../core/flow-run.ts';
import { chain, type MaybePromise } from '../../../core/maybe-promise.ts';
import type { StateType } from '../../../core/state.ts';
import type { HistoryCount, HistoryRequest } from '../../port/query.ts';
import type { Plan } from '../../queries/find.ts';
import { valuesOf, type PlanRunner } from '../../queries/lists-by-condition.ts';
import { checkSize, type Shape } from '../../queries/shape.ts';
import type { Bindable } from '../../queries/sql-dialect.ts';
import type { Connection } from './connection.ts';
import { flowRunMemory } from './flow-run-memory.ts';
import {
  historyByStatePlan,
  historyParts,
  readHistoryRows,
  shapeOfHistoryByState,
  SIDES,
  STATES_MAX,
  statesSql,
  type HistoryParts,
  type HistoryRow,
  type RunState,
} from './list-queries-history.ts';
import { sqliteQueryDialect } from './query-dialect.ts';
import type { ReaderThread } from './reader-thread.ts';

/** Statements that are kept prepared; clients use some dozens of shapes. */
const PLANS_MAX = 500;

interface Prepared extends Plan {
  readonly statement: StatementSync;
  /** Duration of the last run; `null`: unknown yet. */
  lastMicroseconds: number | null;
  /** Duration of the run before; 0: unknown. */
  earlierMicroseconds: number;
}

/**
 * Lists that took longer are read on the other thread, so that other requests do not wait. Measured: a 4 ms chart, read
 * here again and again, halved the states set a second; on the other thread it takes a tenth of them.
 */
const LONG_MICROSECONDS = 1000;
const PAGE_BYTES = 4096;
/** Characters; longer patterns (with wildcards) are not what people type. */
const PATTERN_LENGTH = 32;
/**
 * Bytes; in a smaller database nothing takes longer than some 80 ms: its server is spared the second thread (15 MB)
 * until something took this long twice.
 */
const SMALL_BYTES = 128 * 1024 * 1024;
const LONG_IN_SMALL_MICROSECONDS = 5000;

export class PreparedLists implements PlanRunner {
  readonly dialect = sqliteQueryDialect;
  readonly #connection: Connection;
  readonly #plans = new Map<string, Prepared>();
  readonly #reader: ReaderThread | null;

  /** @param reader `null`: everything is read on this thread, synchronously */
  constructor(connection: Connection, reader: ReaderThread | null) {
    this.#connection = connection;
    this.#reader = reader;
  }

  /** Runs on this thread when the shape proved quick, else on the other: a new shape may take a second. */
  run(shape: Shape, compile: () => Plan): MaybePromise<readonly unknown[]> {
    checkSize(shape);
    const plan = this.#connection.read(() => this.#planOf(shape, compile));
    const values = valuesOf(plan, shape);
    if (this.#reader === null) return this.#connection.read(() => plan.statement.all(...values));
    if (shape.isSearch || this.#mayTakeLong(plan) || values.some(isLongPattern)) {
      return this.#reader.read(plan.sql, values).then(({ rows, microseconds }) => {
        took(plan, microseconds);
        return rows;
      });
    }
    const startedAt = performance.now();
    const rows = this.#connection.read(() => plan.statement.all(...values));
    took(plan, (performance.now() - startedAt) * 1000);
    return rows;
  }

  /** Always runs on this thread. */
  probe(shape: Shape, compile: () => Plan): readonly unknown[] {
    return this.#connection.read(() => {
      const plan = this.#planOf(shape, compile);
      return plan.statement.all(...valuesOf(plan, shape));
    });
  }

  readFlowRuns(keys: readonly unknown[]): readonly FlowRun[] {
    return this.#connection.read(() => flowRunMemory(this.#connection).read(keys as readonly number[]));
  }

  flowRunHistory(
    request: HistoryRequest,
    grouped: (request: HistoryRequest) => MaybePromise<readonly HistoryCount[]>,
  ): MaybePromise<readonly HistoryCount[]> | null {
    const parts = request.field === 'expectedStartTime' ? historyParts(request.where) : null;
    if (parts === null) return null;
    const [over, open] = SIDES.map((types) => this.#historyOfSide(types, request, parts, grouped)) as [
      MaybePromise<readonly HistoryCount[]>,
      MaybePromise<readonly HistoryCount[]>,
    ];
    return chain(over, (first) => chain(open, (second) => [...first, ...second]));
  }

  #historyOfSide(
    types: readonly StateType[],
    request: HistoryRequest,
    parts: HistoryParts,
    grouped: (request: HistoryRequest) => MaybePromise<readonly HistoryCount[]>,
  ): MaybePromise<readonly HistoryCount[]> {
    const states = this.run({ key: `states ${types.join()}`, values: [] }, () => ({
      sql: statesSql(types),
      slots: [],
    })) as MaybePromise<readonly RunState[]>;
    return chain(states, (found) => {
      if (found.length > STATES_MAX) {
        return grouped({
          ...request,
          where: { op: 'and', of: [request.where, { op: 'in', field: 'stateType', values: types }] },
        });
      }
      const rows = this.run(shapeOfHistoryByState(request, parts, found), () =>
        historyByStatePlan({ dialect: sqliteQueryDialect }, parts),
      );
      return chain(rows as MaybePromise<readonly HistoryRow[]>, readHistoryRows);
    });
  }

  #mayTakeLong({ lastMicroseconds: last, earlierMicroseconds: earlier }: Prepared): boolean {
    if (last !== null && last <= LONG_MICROSECONDS) return false;
    return (last !== null && Math.min(last, earlier) > LONG_IN_SMALL_MICROSECONDS) || !this.#isSmall();
  }

  #isSmall(): boolean {
    const pages = Number(this.#connection.statement('PRAGMA page_count').get()?.['page_count']);
    return pages * PAGE_BYTES < SMALL_BYTES;
  }

  #planOf({ key }: Shape, compile: () => Plan): Prepared {
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = compile();
    if (this.#plans.size >= PLANS_MAX) this.#plans.clear();
    const prepared = {
      ...plan,
      statement: this.#connection.db.prepare(plan.sql),
      lastMicroseconds: null,
      earlierMicroseconds: 0,
    };
    this.#plans.set(key, prepared);
    return prepared;
  }
}

/** Whether a pattern is long: the search takes its length times that of all texts, if they are made for it. */
function isLongPattern(value: Bindable): boolean {
  return typeof value === 'string' && value.length > PATTERN_LENGTH && value.endsWith('%');
}

function took(plan: Prepared, microseconds: number): void {
  plan.earlierMicroseconds = plan.lastMicroseconds ?? 0;
  plan.lastMicroseconds = microseconds;
}
