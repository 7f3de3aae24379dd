/** Figures over many runs: histories, average lateness, counts by a field. */

import { OstinatoError } from '../../core/errors.ts';
import { TERMINAL_STATE_TYPES } from '../../core/state.ts';
import type { Condition, Noun } from '../../core/query.ts';
import type { HistoryRequest } from '../port/query.ts';
import { columnOf, Slots, tableOf } from './condition.ts';
import { planOf, whereOf, type Plan, type PlanContext } from './find.ts';
import { addCondition, fieldOf, type Shape } from './shape.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { sql } from './sql.ts';

type RunNoun = 'flow_run' | 'task_run';

const IS_OVER = `in (${TERMINAL_STATE_TYPES.map((type) => `'${type}'`).join(', ')})`;

/** Microseconds in RUNNING, including the current attempt. */
const runTime = ({ positive }: SqlDialect, table: string, now: string): string =>
  `(${table}.total_run_time_us + case when ${table}.state_type = 'RUNNING' then ${positive(`${now} - ${table}.state_timestamp`)} else 0 end)`;

/** Microseconds that a run began late, or by which it is overdue. */
function lateness(table: string, expected: string, now: string): string {
  return (
    `(case when ${table}.start_time > ${expected} then ${table}.start_time - ${expected} ` +
    `when ${table}.start_time is null and ${table}.state_type not ${IS_OVER} and ${expected} < ${now} then ${now} - ${expected} else 0 end)`
  );
}

export function shapeOfHistory(dialect: SqlDialect, noun: RunNoun, request: HistoryRequest): Shape {
  const { where, field, start, intervalUs, buckets, now } = request;
  const shape: Shape = { key: `history ${noun} ${field} `, values: [] };
  addCondition(shape, dialect, noun, where);
  shape.values.push(BigInt(start), BigInt(intervalUs), BigInt(start + intervalUs * buckets), BigInt(now));
  return shape;
}

/** One row a bucket and state: `bucket`, `state_type`, `state_name`, `count`, `run_time_us`, `lateness_us`. */
export function historyPlan(context: PlanContext, noun: RunNoun, { where, field }: HistoryRequest): Plan {
  const slots = new Slots();
  const { total } = context.dialect;
  const condition = whereOf(context.dialect, slots, noun, where);
  const [start, interval, end, now] = slots.take(4);
  const time = sql.raw(columnOf(context.dialect, fieldOf(noun, field)));
  const expected = columnOf(context.dialect, fieldOf(noun, 'expectedStartTime'));
  const [ran, late] = [
    sql.raw(total(runTime(context.dialect, noun, 'given.now'))),
    sql.raw(total(lateness(noun, expected, 'given.now'))),
  ];
  const table = sql.raw(noun);
  return planOf(sql`select (${time} - ${start}) / ${interval} as bucket, ${table}.state_type, ${table}.state_name, count(*) as count,
    ${ran} as run_time_us, ${late} as lateness_us from ${table}, (select cast(${now} as bigint) as now) as given
    where ${condition} and ${time} >= ${start} and ${time} < ${end} group by 1, 2, 3`);
}

export function shapeOfLateness(dialect: SqlDialect, where: Condition, now: number): Shape {
  const shape: Shape = { key: 'lateness ', values: [] };
  addCondition(shape, dialect, 'flow_run', where);
  shape.values.push(BigInt(now));
  return shape;
}

/** One row: `lateness_us`, null when there is no run. */
export function latenessPlan(context: PlanContext, where: Condition): Plan {
  const slots = new Slots();
  const condition = whereOf(context.dialect, slots, 'flow_run', where);
  const [now] = slots.take(1);
  const late = sql.raw(lateness('flow_run', 'flow_run.expected_start_time', 'given.now'));
  return planOf(
    sql`select avg(${late}) as lateness_us from flow_run, (select cast(${now} as bigint) as now) as given where ${condition}`,
  );
}

export function shapeOfCountBy(dialect: SqlDialect, noun: Noun, field: string, where: Condition): Shape {
  const shape: Shape = { key: `count ${noun} by ${field} `, values: [] };
  addCondition(shape, dialect, noun, where);
  return shape;
}

/** One row a value: `value`, `count`. Rows without a value are left out. */
export function countByPlan(context: PlanContext, noun: Noun, field: string, where: Condition): Plan {
  const { kind, within } = fieldOf(noun, field);
  if (kind === 'list' || within)
    throw new OstinatoError('bad-input', `Lists of ${noun} cannot be counted by "${field}".`);
  const { table } = tableOf(noun);
  const column = sql.raw(columnOf(context.dialect, fieldOf(noun, field)));
  return planOf(sql`select ${column} as value, count(*) as count from ${sql.raw(table)}
    where ${whereOf(context.dialect, new Slots(), noun, where)} and ${column} is not null group by 1`);
}
