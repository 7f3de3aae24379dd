/**
 * Compiles lists and counts by condition.
 *
 * 1. The keys of a page are found first, by the noun's own table alone, and the rest is read for those rows only.
 * 2. There are two ways to a page. Along the order: an index gives the rows in the order that was asked for, each is
 *    asked the condition, until the page is full; good when many rows meet it. By the condition: an index gives the
 *    rows that meet a part of it, and they are sorted; good when they are few. `access-path.ts` says which.
 */

import type { Condition, Sort } from '../../core/query.ts';
import { EVENT_COLUMNS } from '../logic/events.ts';
import { TASK_RUN_SELECTION } from '../rows/task-run.ts';
import { columnOf, Slot, Slots, compileCondition, tableOf, type CompileOptions } from './condition.ts';
import type { TableName } from './fields.ts';
import { fieldOf, type StoredQuery } from './shape.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { sql, statementOf, type Sql } from './sql.ts';

/** A statement whose parameters are the values of a shape. */
export interface Plan {
  readonly sql: string;
  /** By position of the parameter: the index of the value in the shape. */
  readonly slots: readonly number[];
}

export interface PlanContext {
  readonly dialect: SqlDialect;
}

export type AccessPath = 'order' | 'condition';

/** The columns of a noun's rows, and the tables besides its own. */
const SELECTIONS: Readonly<
  Partial<Record<TableName, { readonly columns: readonly string[]; readonly joins: string }>>
> = {
  flow_summary: {
    columns: [
      'flow.*',
      '(select count(*) from flow_run where flow_run.flow_id = flow.id) as run_count',
      '(select flow_run.id from flow_run where flow_run.flow_id = flow.id order by flow_run.id desc limit 1) as last_run_id',
    ],
    joins: '',
  },
  event: { columns: [EVENT_COLUMNS], joins: 'left join event_body on event_body.seq = event.seq' },
  task_run: {
    columns: TASK_RUN_SELECTION,
    joins:
      'join task_shape on task_shape.id = task_run.shape_id ' +
      'join task_run_state on task_run_state.run_id = task_run.id and task_run_state.id = task_run.state_id',
  },
};

export function findPlan(context: PlanContext, noun: TableName, query: StoredQuery, accessPath: AccessPath): Plan {
  const { dialect } = context;
  const { table } = tableOf(noun);
  const [name, selection] = [sql.raw(table), SELECTIONS[noun]];
  if (selection === undefined) return planOf(pageOf(dialect, noun, query, accessPath, sql`${name}.*`));
  const key = sql.raw(keyOf(dialect, noun));
  return planOf(sql`select ${sql.raw(selection.columns.join(', '))} from (${pageOf(dialect, noun, query, accessPath, sql`${key} as page_key`)}) as page
    ${sql.raw(dialect.orderedJoin)} ${name} on ${key} = page.page_key ${sql.raw(selection.joins)} order by ${orderOf(dialect, noun, query.sort)}`);
}

/** Selects only the keys of a page's rows: `page_key`. */
export function keysPlan({ dialect }: PlanContext, noun: TableName, query: StoredQuery, accessPath: AccessPath): Plan {
  return planOf(pageOf(dialect, noun, query, accessPath, sql.raw(`${keyOf(dialect, noun)} as page_key`)));
}

function pageOf(dialect: SqlDialect, noun: TableName, query: StoredQuery, accessPath: AccessPath, selection: Sql): Sql {
  const slots = new Slots();
  const where = whereOf(
    dialect,
    slots,
    noun,
    query.where,
    accessPath === 'order' ? { along: query.sort[0]?.field ?? 'id' } : {},
  );
  const [limit, offset] = slots.take(2);
  return sql`select ${selection} from ${sql.raw(tableOf(noun).table)} where ${where} order by ${orderOf(dialect, noun, query.sort)} limit ${limit} offset ${offset}`;
}

function keyOf(dialect: SqlDialect, noun: TableName): string {
  const { table } = tableOf(noun);
  return `${table}.${dialect.rowKey(table)}`;
}

export function countPlan(context: PlanContext, noun: TableName, condition: Condition<TableName>): Plan {
  const { table } = tableOf(noun);
  return planOf(
    sql`select count(*) as count from ${sql.raw(table)} where ${whereOf(context.dialect, new Slots(), noun, condition)}`,
  );
}

/** Number of rows that meet the condition, counted up to `most`. */
export function probePlan(context: PlanContext, noun: TableName, condition: Condition<TableName>, most: number): Plan {
  const { table } = tableOf(noun);
  const where = compileCondition(context.dialect, new Slots(), noun, condition);
  return planOf(
    sql`select count(*) as count from (select 1 from ${sql.raw(table)} where ${where} limit ${sql.raw(String(most))}) as some_rows`,
  );
}

export function whereOf(
  dialect: SqlDialect,
  slots: Slots,
  noun: TableName,
  condition: Condition<TableName>,
  options: CompileOptions = {},
): Sql {
  const { only } = tableOf(noun);
  const own = compileCondition(dialect, slots, noun, condition, options);
  return only === undefined ? own : sql`${own} and ${sql.raw(only)}`;
}

export function orderOf(dialect: SqlDialect, noun: TableName, sort: readonly Sort[]): Sql {
  const tieBreak = tableOf(noun).tieBreak ?? 'id';
  const last = sort.at(-1);
  const complete = sort.some(({ field }) => field === tieBreak)
    ? sort
    : [...sort, { field: tieBreak, direction: last?.direction ?? 'desc' }];
  return sql.raw(
    complete
      .map(({ field, direction }) => {
        const found = fieldOf(noun, field);
        const order = found.isNeverNull || field === tieBreak ? direction : dialect.direction(direction);
        return `${columnOf(dialect, found)} ${order}`;
      })
      .join(', '),
  );
}

export function planOf(query: Sql): Plan {
  const statement = statementOf(query);
  return { sql: statement.sql, slots: statement.parameters.map((parameter) => (parameter as Slot).index) };
}
