/** Runs lists by condition over the small driver: each shape is compiled once. SQLite has a faster way of its own. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Database } from '../driver.ts';
import { readId, type IdValue } from '../id-value.ts';
import { FLOW_RUN_SELECTION, readFlowRunRow, type FlowRunRow } from '../rows/flow-run.ts';
import type { Plan } from './find.ts';
import { valuesOf, type PlanRunner } from './lists-by-condition.ts';
import { checkSize, type Shape } from './shape.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Compiled shapes that are kept; clients use some dozens. */
const PLANS_MAX = 500;

type RowKey = IdValue | number;

interface KeyedFlowRunRow extends FlowRunRow {
  readonly page_key: RowKey;
}

export class CompiledLists implements PlanRunner {
  readonly dialect: SqlDialect;
  readonly #database: Database;
  readonly #plans = new Map<string, Plan>();

  constructor(database: Database, dialect: SqlDialect) {
    this.#database = database;
    this.dialect = dialect;
  }

  run(shape: Shape, compile: () => Plan): MaybePromise<readonly unknown[]> {
    checkSize(shape);
    let plan = this.#plans.get(shape.key);
    if (plan === undefined) {
      if (this.#plans.size >= PLANS_MAX) this.#plans.clear();
      this.#plans.set(shape.key, (plan = compile()));
    }
    const { sql: text } = plan;
    const values = valuesOf(plan, shape);
    return this.#database.read((db) => db.once(text, values));
  }

  probe(shape: Shape, compile: () => Plan): MaybePromise<readonly unknown[]> {
    return this.run(shape, compile);
  }

  readFlowRuns(keys: readonly unknown[]): MaybePromise<readonly FlowRun[]> {
    if (keys.length === 0) return [];
    const named = (keys as readonly RowKey[]).map(nameOf);
    const key = `flow_run.${this.dialect.rowKey('flow_run')}`;
    const kind = typeof keys[0] === 'number' ? 'number' : 'id';
    return this.#database.read(function* (db) {
      const rows = yield* db.all<KeyedFlowRunRow>(
        `SELECT ${key} AS page_key, ${FLOW_RUN_SELECTION.join(', ')} FROM flow_run JOIN flow ON flow.id = flow_run.flow_id ` +
          'JOIN flow_run_state ON flow_run_state.run_id = flow_run.id AND flow_run_state.id = flow_run.state_id ' +
          `WHERE ${db.dialect.isOneOf(key, kind)}`,
        db.dialect.list(kind, named),
      );
      const found = new Map(rows.map((row) => [nameOf(row.page_key), readFlowRunRow(row)]));
      return named.flatMap((name) => found.get(name) ?? []);
    });
  }

  /** There is no tally of finished runs here: histories count the runs. */
  flowRunHistory(): null {
    return null;
  }
}

function nameOf(key: RowKey): string | number {
  return typeof key === 'number' ? key : readId(key);
}
