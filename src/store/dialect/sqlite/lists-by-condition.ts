/**
 * Lists and counts by condition. Each shape of query is compiled and prepared once; after that a list costs its walk over
 * the condition, the binding of its values, and its rows.
 */

import type { StatementSync } from 'node:sqlite';
import type { FlowRun } from '../../../core/flow-run.ts';
import type { Condition, Noun, Query } from '../../../core/query.ts';
import type { StateType } from '../../../core/state.ts';
import type { Instant } from '../../../core/time.ts';
import { chain } from '../../../core/maybe-promise.ts';
import { readId } from '../../id-value.ts';
import type { Stored } from '../../port.ts';
import { countByPlan, historyPlan, latenessPlan, shapeOfCountBy, shapeOfHistory, shapeOfLateness } from '../../queries/aggregates.ts';
import { countPlan, findPlan, keysPlan, probePlan, type Plan, type PlanContext, type Way } from '../../queries/find.ts';
import { shapeOfCount, shapeOfProbe, shapeOfQuery, type Shape } from '../../queries/shape.ts';
import type { Bindable } from '../../queries/spelling.ts';
import { FEW_ROWS, wayTo } from '../../queries/ways.ts';
import type { EntityByNoun, HistoryCount, HistoryRequest } from '../../port/query.ts';
import { OstinatoError } from '../../../core/errors.ts';
import { readArtifactRow } from '../../rows/artifact.ts';
import { readBlockDocumentRow, readBlockSchemaRow, readBlockTypeRow } from '../../rows/block.ts';
import { readFlowRow } from '../../rows/flow-run.ts';
import { readLogRow } from '../../rows/log.ts';
import { readTaskRunRow } from '../../rows/task-run.ts';
import { readSavedSearchRow } from '../../rows/saved-search.ts';
import { readVariableRow } from '../../rows/variable.ts';
import type { Connection } from './connection.ts';
import { flowRunMemory } from './flow-run-memory.ts';
import {
  historyByStatePlan, historyParts, readHistoryRows, shapeOfHistoryByState, SIDES, STATES_MAX, statesSql,
  type HistoryParts, type HistoryRow, type RunState,
} from './list-queries-history.ts';
import { sqliteSpelling } from './list-queries-spelling.ts';
import type { ReaderThread } from './reader-thread.ts';

/** Statements kept prepared; clients use some dozens of shapes. */
const PLANS_MAX = 500;

/** Flow runs are read otherwise: see `flow-run-memory.ts`. */
type Readers = { readonly [N in Exclude<keyof EntityByNoun, 'flow_run'>]: (row: never) => EntityByNoun[N] };

const READERS: Readers = {
  flow: readFlowRow, task_run: readTaskRunRow, log: readLogRow, artifact: readArtifactRow,
  block_type: readBlockTypeRow, block_schema: readBlockSchemaRow, block_document: readBlockDocumentRow, artifact_collection: readArtifactRow, variable: readVariableRow, saved_search: readSavedSearchRow,
};

interface CountByRow {
  readonly value: string | number | Uint8Array;
  readonly count: number;
}

interface GroupedRow {
  readonly bucket: number;
  readonly state_type: StateType;
  readonly state_name: string;
  readonly count: number;
  readonly run_time_us: number;
  readonly lateness_us: number;
}

interface Prepared extends Plan {
  readonly statement: StatementSync;
  /** What it took the last time; `null`: nobody knows yet. */
  lastMicroseconds: number | null;
  /** What it took the time before; 0: nobody knows. */
  earlierMicroseconds: number;
}

/**
 * Lists that took longer are read beside, so that nobody waits for them who asks for something else. Measured: a chart of 4 ms
 * that was read here, again and again, halved the states set a second; beside it takes a tenth of them.
 */
const LONG_MICROSECONDS = 1000;
const PAGE_BYTES = 4096;
/** Each is a part of the statement: lists are one value. */
const VALUES_MAX = 1000;
/** Patterns up to this length (with the signs around them) are what people type. */
const PATTERN_LENGTH = 32;
/** In a database of this size nothing takes longer than some 80 ms: its server is spared the second thread (15 MB) until something took this long twice. */
const SMALL_BYTES = 128 * 1024 * 1024;
const LONG_IN_SMALL_MICROSECONDS = 5000;

export class ListsByCondition {
  readonly #connection: Connection;
  readonly #context: PlanContext;
  readonly #plans = new Map<string, Prepared>();
  readonly #reader: ReaderThread | null;

  /** @param reader `null`: everything is read on this thread, at once */
  constructor(connection: Connection, reader: ReaderThread | null) {
    this.#connection = connection;
    this.#reader = reader;
    this.#context = { spelling: sqliteSpelling };
  }

  find<N extends keyof EntityByNoun>(noun: N, query: Query): Stored<readonly EntityByNoun[N][]> {
    if (query.limit === 0) return [];
    if (noun === 'flow_run') return this.#findFlowRuns(query) as Stored<readonly EntityByNoun[N][]>;
    const way = this.#wayTo(noun, query);
    const shape = shapeOfQuery(sqliteSpelling, noun, query, way);
    const read = READERS[noun as Exclude<N, 'flow_run'>] as (row: unknown) => EntityByNoun[N];
    return chain(this.#run(shape, () => findPlan(this.#context, noun, query, way)), (rows) => rows.map((row) => read(row)));
  }

  /** Their keys are looked for; of most, the rest is known already. */
  #findFlowRuns(query: Query): Stored<readonly FlowRun[]> {
    const way = this.#wayTo('flow_run', query);
    const keys = this.#run(shapeOfQuery(sqliteSpelling, 'flow_run', query, way), () => keysPlan(this.#context, 'flow_run', query, way));
    return chain(keys as Stored<readonly { readonly page_key: number }[]>, (found) =>
      this.#connection.read(() => flowRunMemory(this.#connection).read(found.map((row) => row.page_key))));
  }

  count(noun: Noun, where: Condition): Stored<number> {
    const rows = this.#run(shapeOfCount(sqliteSpelling, noun, where), () => countPlan(this.#context, noun, where));
    return chain(rows, (found) => Number((found[0] as { readonly count: number }).count));
  }

  countBy(noun: Noun, field: string, where: Condition): Stored<ReadonlyMap<string | number, number>> {
    const rows = this.#run(shapeOfCountBy(sqliteSpelling, noun, field, where), () => countByPlan(this.#context, noun, field, where));
    return chain(rows, (found) => new Map((found as readonly CountByRow[]).map(({ value, count }) => [value instanceof Uint8Array ? readId(value) : value, count])));
  }

  runHistory(noun: 'flow_run' | 'task_run', request: HistoryRequest): Stored<readonly HistoryCount[]> {
    const parts = noun === 'task_run' || request.field !== 'expectedStartTime' ? null : historyParts(request.where);
    if (parts === null) return this.#groupedHistory(noun, request);
    const [over, open] = SIDES.map((types) => this.#historyOfSide(types, request, parts)) as [Stored<readonly HistoryCount[]>, Stored<readonly HistoryCount[]>];
    return chain(over, (first) => chain(open, (second) => [...first, ...second]));
  }

  #historyOfSide(types: readonly StateType[], request: HistoryRequest, parts: HistoryParts): Stored<readonly HistoryCount[]> {
    const states = this.#run({ key: `states ${types.join()}`, values: [] }, () => ({ sql: statesSql(types), slots: [] })) as Stored<readonly RunState[]>;
    return chain(states, (found) => {
      if (found.length > STATES_MAX) {
        return this.#groupedHistory('flow_run', { ...request, where: { op: 'and', of: [request.where, { op: 'in', field: 'stateType', values: types }] } });
      }
      const rows = this.#run(shapeOfHistoryByState(request, parts, found), () => historyByStatePlan(this.#context, parts));
      return chain(rows as Stored<readonly HistoryRow[]>, readHistoryRows);
    });
  }

  #groupedHistory(noun: 'flow_run' | 'task_run', request: HistoryRequest): Stored<readonly HistoryCount[]> {
    const rows = this.#run(shapeOfHistory(sqliteSpelling, noun, request), () => historyPlan(this.#context, noun, request));
    return chain(rows, (found) => (found as readonly GroupedRow[]).map((row) => ({
      bucket: row.bucket, stateType: row.state_type, stateName: row.state_name, count: row.count, runTimeUs: row.run_time_us, latenessUs: row.lateness_us,
    })));
  }

  averageLateness(where: Condition, now: Instant): Stored<number | null> {
    const rows = this.#run(shapeOfLateness(sqliteSpelling, where, now), () => latenessPlan(this.#context, where));
    return chain(rows, ([row]) => (row as { readonly lateness_us: number | null }).lateness_us);
  }

  #wayTo(noun: Noun, query: Query): Way {
    const choice = wayTo(noun, query);
    if (typeof choice === 'string') return choice;
    return choice.probes.some((part) => this.#probe(noun, part) < FEW_ROWS) ? 'condition' : 'order';
  }

  /** Looks at few entries of an index: always here. */
  #probe(noun: Noun, part: Condition): number {
    const shape = shapeOfProbe(sqliteSpelling, noun, part);
    return this.#connection.read(() => {
      const plan = this.#plans.get(shape.key) ?? this.#prepare(shape.key, probePlan(this.#context, noun, part, FEW_ROWS));
      return Number(plan.statement.get(...valuesOf(plan, shape))?.['count']);
    });
  }

  /** Here when it proved quick, else beside: what nobody has asked yet may take a second. */
  #run(shape: Shape, compile: () => Plan): Stored<readonly unknown[]> {
    if (shape.values.length > VALUES_MAX) throw new OstinatoError('bad-input', `The filter compares with more than ${VALUES_MAX} values.`, { remedy: 'Ask for less at once.' });
    const plan = this.#connection.read(() => this.#plans.get(shape.key) ?? this.#prepare(shape.key, compile()));
    const values = valuesOf(plan, shape);
    if (this.#reader === null) return this.#connection.read(() => plan.statement.all(...values));
    if (this.#mayTakeLong(plan) || values.some(isLongPattern)) {
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

  #mayTakeLong({ lastMicroseconds: last, earlierMicroseconds: earlier }: Prepared): boolean {
    if (last !== null && last <= LONG_MICROSECONDS) return false;
    return (last !== null && Math.min(last, earlier) > LONG_IN_SMALL_MICROSECONDS) || !this.#isSmall();
  }

  #isSmall(): boolean {
    const pages = Number(this.#connection.statement('PRAGMA page_count').get()?.['page_count']);
    return pages * PAGE_BYTES < SMALL_BYTES;
  }

  #prepare(key: string, plan: Plan): Prepared {
    if (this.#plans.size >= PLANS_MAX) this.#plans.clear();
    const prepared = { ...plan, statement: this.#connection.db.prepare(plan.sql), lastMicroseconds: null, earlierMicroseconds: 0 };
    this.#plans.set(key, prepared);
    return prepared;
  }
}

/** Looking for it takes its length times that of all texts, where they are made for it. */
function isLongPattern(value: Bindable): boolean {
  return typeof value === 'string' && value.length > PATTERN_LENGTH && value.endsWith('%');
}

function took(plan: Prepared, microseconds: number): void {
  plan.earlierMicroseconds = plan.lastMicroseconds ?? 0;
  plan.lastMicroseconds = microseconds;
}

function valuesOf({ slots }: Plan, { values }: Shape): Bindable[] {
  return slots.map((slot) => values[slot] as Bindable);
}
