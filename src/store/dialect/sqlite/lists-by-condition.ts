/**
 * Lists and counts by condition. Each shape of query is compiled and prepared once; after that a list costs its walk over
 * the condition, the binding of its values, and its rows. Loads Kysely: import it dynamically only.
 */

import type { StatementSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { Condition, Noun, Query } from '../../../core/query.ts';
import { countPlan, findPlan, type Plan, type PlanContext } from '../../queries/find.ts';
import { shapeOfCount, shapeOfQuery, type Shape } from '../../queries/shape.ts';
import type { Bindable } from '../../queries/spelling.ts';
import type { StoreTables } from '../../queries/tables.ts';
import type { EntityByNoun } from '../../port/query.ts';
import { readArtifactRow } from '../../rows/artifact.ts';
import { readFlowRow, readFlowRunRow } from '../../rows/flow-run.ts';
import { readLogRow } from '../../rows/log.ts';
import { readTaskRunRow } from '../../rows/task-run.ts';
import { readVariableRow } from '../../rows/variable.ts';
import type { Connection } from './connection.ts';
import { sqliteSpelling } from './list-queries-spelling.ts';

/** Statements kept prepared; clients use some dozens of shapes. */
const PLANS_MAX = 500;

type Readers = { readonly [N in keyof EntityByNoun]: (row: never) => EntityByNoun[N] };

const READERS: Readers = {
  flow: readFlowRow, flow_run: readFlowRunRow, task_run: readTaskRunRow, log: readLogRow, artifact: readArtifactRow,
  artifact_collection: readArtifactRow, variable: readVariableRow,
};

interface Prepared extends Plan {
  readonly statement: StatementSync;
}

export class ListsByCondition {
  readonly #connection: Connection;
  readonly #context: PlanContext;
  readonly #plans = new Map<string, Prepared>();

  constructor(connection: Connection, db: Kysely<StoreTables>) {
    this.#connection = connection;
    this.#context = { db, spelling: sqliteSpelling };
  }

  find<N extends keyof EntityByNoun>(noun: N, query: Query): readonly EntityByNoun[N][] {
    if (query.limit === 0) return [];
    const shape = shapeOfQuery(sqliteSpelling, noun, query);
    const rows = this.#run(shape, () => findPlan(this.#context, noun, query));
    const read = READERS[noun] as (row: unknown) => EntityByNoun[N];
    return rows.map((row) => read(row));
  }

  count(noun: Noun, where: Condition): number {
    const rows = this.#run(shapeOfCount(sqliteSpelling, noun, where), () => countPlan(this.#context, noun, where));
    return Number((rows[0] as { readonly count: number }).count);
  }

  /** The statement that this query runs, with how the database goes about it. */
  explain(noun: Noun, query: Query): { readonly sql: string; readonly steps: readonly string[] } {
    const shape = shapeOfQuery(sqliteSpelling, noun, query);
    const plan = findPlan(this.#context, noun, query);
    const steps = this.#connection.db.prepare(`explain query plan ${plan.sql}`).all(...valuesOf(plan, shape));
    return { sql: plan.sql, steps: steps.map((step) => String(step['detail'])) };
  }

  #run(shape: Shape, compile: () => Plan): readonly unknown[] {
    return this.#connection.read(() => {
      const plan = this.#plans.get(shape.key) ?? this.#prepare(shape.key, compile());
      return plan.statement.all(...valuesOf(plan, shape));
    });
  }

  #prepare(key: string, plan: Plan): Prepared {
    if (this.#plans.size >= PLANS_MAX) this.#plans.clear();
    const prepared = { ...plan, statement: this.#connection.db.prepare(plan.sql) };
    this.#plans.set(key, prepared);
    return prepared;
  }
}

function valuesOf({ slots }: Plan, { values }: Shape): Bindable[] {
  return slots.map((slot) => values[slot] as Bindable);
}
