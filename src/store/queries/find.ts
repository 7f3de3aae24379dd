/**
 * Compiles lists and counts by condition.
 *
 * 1. The keys of a page are found first, by the noun's own table alone, and the rest is read for those rows only.
 * 2. There are two ways to a page. Along the order: an index gives the rows in the order that was asked for, each is asked
 *    the condition, until the page is full; good when many rows meet it. By the condition: an index gives the rows that meet
 *    a part of it, and they are sorted; good when they are few. `ways.ts` says which.
 */

import type { Condition, Noun, Query, Sort } from '../../core/query.ts';
import { TASK_RUN_SELECTION } from '../rows/task-run.ts';
import { columnOf, Slot, Slots, spell, tableOf, type SpellOptions } from './condition.ts';
import { fieldOf } from './shape.ts';
import type { Spelling } from './spelling.ts';
import { sql, statementOf, type Sql } from './sql.ts';

/** A statement whose parameters are the values of a shape. */
export interface Plan {
  readonly sql: string;
  /** By position of the parameter: which value of the shape is bound there. */
  readonly slots: readonly number[];
}

export interface PlanContext {
  readonly spelling: Spelling;
}

export type Way = 'order' | 'condition';

/** What a row of a noun is read from: its columns, and the tables beside its own. */
const SELECTIONS: Readonly<Partial<Record<Noun, { readonly columns: readonly string[]; readonly joins: string }>>> = {
  task_run: {
    columns: TASK_RUN_SELECTION,
    joins:
      'join task_shape on task_shape.id = task_run.shape_id ' +
      'join task_run_state on task_run_state.run_id = task_run.id and task_run_state.id = task_run.state_id',
  },
};

export function findPlan(context: PlanContext, noun: Noun, query: Query, way: Way): Plan {
  const { spelling } = context;
  const { table } = tableOf(noun);
  const [name, selection] = [sql.raw(table), SELECTIONS[noun]];
  if (selection === undefined) return planOf(pageOf(spelling, noun, query, way, sql`${name}.*`));
  const key = sql.raw(keyOf(spelling, noun));
  return planOf(sql`select ${sql.raw(selection.columns.join(', '))} from (${pageOf(spelling, noun, query, way, sql`${key} as page_key`)}) as page
    ${sql.raw(spelling.orderedJoin)} ${name} on ${key} = page.page_key ${sql.raw(selection.joins)} order by ${orderOf(spelling, noun, query.sort)}`);
}

/** The keys of a page's rows alone: `page_key`. */
export function keysPlan({ spelling }: PlanContext, noun: Noun, query: Query, way: Way): Plan {
  return planOf(pageOf(spelling, noun, query, way, sql.raw(`${keyOf(spelling, noun)} as page_key`)));
}

function pageOf(spelling: Spelling, noun: Noun, query: Query, way: Way, selection: Sql): Sql {
  const slots = new Slots();
  const where = whereOf(spelling, slots, noun, query.where, way === 'order' ? { along: query.sort[0]?.field ?? 'id' } : {});
  const [limit, offset] = slots.take(2);
  return sql`select ${selection} from ${sql.raw(tableOf(noun).table)} where ${where} order by ${orderOf(spelling, noun, query.sort)} limit ${limit} offset ${offset}`;
}

function keyOf(spelling: Spelling, noun: Noun): string {
  const { table } = tableOf(noun);
  return `${table}.${spelling.rowKey(table)}`;
}

export function countPlan(context: PlanContext, noun: Noun, condition: Condition): Plan {
  const { table } = tableOf(noun);
  return planOf(sql`select count(*) as count from ${sql.raw(table)} where ${whereOf(context.spelling, new Slots(), noun, condition)}`);
}

/** How many rows meet the condition, counted up to `most`. */
export function probePlan(context: PlanContext, noun: Noun, condition: Condition, most: number): Plan {
  const { table } = tableOf(noun);
  const where = spell(context.spelling, new Slots(), noun, condition);
  return planOf(sql`select count(*) as count from (select 1 from ${sql.raw(table)} where ${where} limit ${sql.raw(String(most))}) as some_rows`);
}

export function whereOf(spelling: Spelling, slots: Slots, noun: Noun, condition: Condition, options: SpellOptions = {}): Sql {
  const { only } = tableOf(noun);
  const own = spell(spelling, slots, noun, condition, options);
  return only === undefined ? own : sql`${own} and ${sql.raw(only)}`;
}

function orderOf(spelling: Spelling, noun: Noun, sort: readonly Sort[]): Sql {
  const tieBreak = tableOf(noun).tieBreak ?? 'id';
  const last = sort.at(-1);
  const complete = sort.some(({ field }) => field === tieBreak) ? sort : [...sort, { field: tieBreak, direction: last?.direction ?? 'desc' }];
  return sql.raw(complete.map(({ field, direction }) => `${columnOf(spelling, fieldOf(noun, field))} ${direction}`).join(', '));
}

export function planOf(query: Sql): Plan {
  const statement = statementOf(query);
  return { sql: statement.sql, slots: statement.parameters.map((parameter) => (parameter as Slot).index) };
}
