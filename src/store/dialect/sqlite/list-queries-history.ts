/**
 * The history of all flow runs, of those in some states, of some flows, and with or without subflows. SQLite groups by
 * sorting, which takes seconds for a million rows. The index `flow_run_history` has the runs of each state in the order
 * of their time: each bucket of each state is a stretch of it, and nothing has to be sorted. What else is asked stands
 * in the index, too.
 *
 * Whole quarters of an hour of finished runs are counted already, in `flow_run_tally` (migration 13). Where nothing is
 * asked that it does not know, the index is read for the ends of a bucket only.
 */

import { holds } from '../../../core/condition-match.ts';
import { allOf, conjuncts, type Condition } from '../../../core/query.ts';
import { isTerminalType, STATE_TYPES, TERMINAL_STATE_TYPES, type StateType } from '../../../core/state.ts';
import { QUARTER_US } from '../../migrations/0013-flow-run-tally.ts';
import { Slots } from '../../queries/condition.ts';
import { planOf, whereOf, type Plan, type PlanContext } from '../../queries/find.ts';
import { addCondition, type Shape } from '../../queries/shape.ts';
import { sql, type Sql } from '../../queries/sql.ts';
import type { HistoryCount, HistoryRequest } from '../../port/query.ts';
import { sqliteQueryDialect } from './query-dialect.ts';

export interface RunState {
  readonly type: StateType;
  readonly name: string;
}

/** States with more names than this (users make their own) are not looked up one by one. */
export const STATES_MAX = 100;

/** Finished states and others: many names on one side do not slow down the other. */
export const SIDES: readonly (readonly StateType[])[] = [
  TERMINAL_STATE_TYPES,
  STATE_TYPES.filter((type) => !isTerminalType(type)),
];

/**
 * The states of these types that flow runs are in, each found by one index look-up: `type`, `name`. At most
 * `STATES_MAX` + 1.
 */
export function statesSql(types: readonly StateType[]): string {
  return (
    'WITH RECURSIVE state (type, name) AS (' +
    `SELECT value, (SELECT min(state_name) FROM flow_run WHERE state_type = value) FROM json_each('${JSON.stringify(types)}') UNION ALL ` +
    'SELECT type, (SELECT min(state_name) FROM flow_run WHERE state_type = state.type AND state_name > state.name) FROM state ' +
    `WHERE state.name IS NOT NULL) SELECT type, name FROM state WHERE name IS NOT NULL LIMIT ${STATES_MAX + 1}`
  );
}

/** What each run adds, by whether its state is final, running, or neither: decided once per state, not per run. */
const RAN = {
  over: 'total_run_time_us',
  running: 'total_run_time_us + max(0, given.now - state_timestamp)',
  open: 'total_run_time_us',
};
const BEGAN_LATE = 'CASE WHEN start_time > expected_start_time THEN start_time - expected_start_time';
const OVERDUE = `${BEGAN_LATE} WHEN start_time IS NULL AND expected_start_time < given.now THEN given.now - expected_start_time END`;
const LATE = { over: `${BEGAN_LATE} END`, running: OVERDUE, open: OVERDUE };

/** A condition in two parts: conditions on the state, and conditions on each run in the index. */
export interface HistoryParts {
  readonly states: Condition;
  readonly runs: Condition;
  /**
   * The rows of the tally that apply (0: without subflows, 1: subflows); `null`: the tally cannot answer the
   * conditions.
   */
  readonly tallied: readonly number[] | null;
}

/** `null` when the index cannot answer a condition. */
export function historyParts(where: Condition): HistoryParts | null {
  const parts = conjuncts(where);
  const states = parts.filter(isAboutStates);
  const runs = parts.filter((part) => !isAboutStates(part));
  if (!runs.every(isInIndex)) return null;
  const isTallied = runs.every((part) => part.op === 'isNull' && part.field === 'parentTaskRunId');
  const tallied = [0, 1].filter((isChild) =>
    runs.every((part) => part.op === 'isNull' && part.isNull === (isChild === 0)),
  );
  return { states: allOf(states), runs: allOf(runs), tallied: isTallied ? tallied : null };
}

/** Whether the condition is about the state only. */
function isAboutStates(condition: Condition): boolean {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.every(isAboutStates);
    case 'not':
      return isAboutStates(condition.of);
    case 'exists':
      return false;
    default:
      return condition.field === 'stateType' || condition.field === 'stateName';
  }
}

function isInIndex(condition: Condition): boolean {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.every(isInIndex);
    // Negated, the flows would be looked up for each run.
    case 'not':
      return condition.of.op !== 'exists' && isInIndex(condition.of);
    case 'exists':
      return condition.noun === 'flow' && condition.by === undefined;
    default:
      return ['flowId', 'parentTaskRunId', 'expectedStartTime'].includes(condition.field);
  }
}

export function shapeOfHistoryByState(
  { start, intervalUs, buckets, now }: HistoryRequest,
  parts: HistoryParts,
  states: readonly RunState[],
): Shape {
  const asked = states
    .filter(({ type, name }) => holds(parts.states, { stateType: type, stateName: name }))
    .map((state) => ({
      ...state,
      kind: isTerminalType(state.type) ? 'over' : state.type === 'RUNNING' ? 'running' : 'open',
    }));
  const shape: Shape = {
    key: `history by state ${parts.tallied?.join() ?? 'not tallied'} `,
    values: [BigInt(start), BigInt(intervalUs), buckets, BigInt(now), JSON.stringify(asked)],
  };
  addCondition(shape, sqliteQueryDialect, 'flow_run', parts.runs);
  return shape;
}

/**
 * One row a bucket and state, also the empty ones: `bucket`, `type`, `name`, `figures` (JSON: count, run time,
 * lateness).
 */
export function historyByStatePlan({ dialect }: PlanContext, { runs, tallied }: HistoryParts): Plan {
  const slots = new Slots();
  const [start, step, buckets, now, states] = slots.take(5);
  const condition = whereOf(dialect, slots, 'flow_run', runs);
  const read = (
    kind: keyof typeof RAN,
    from: string,
    to: string,
  ): Sql => sql`select count(*) as count, total(${sql.raw(RAN[kind])}) as ran, total(${sql.raw(LATE[kind])}) as late
    from flow_run indexed by flow_run_history where state_type = state.type and state_name = state.name
    and expected_start_time >= bucket.${sql.raw(from)} and expected_start_time < bucket.${sql.raw(to)} and ${condition}`;
  const figures = (counted: Sql): Sql =>
    sql`(select json_array(total(count), total(ran), total(late)) from (${counted}))`;
  const over =
    tallied === null
      ? read('over', 'since', 'until')
      : sql`select count, run_time_us as ran, lateness_us as late from flow_run_tally
    where state_type = state.type and state_name = state.name and is_child in (${sql.raw(tallied.join(', '))}) and quarter >= bucket.first and quarter < bucket.last
    union all ${read('over', 'since', 'low')} union all ${read('over', 'high', 'until')}`;
  const [bucket15m, shortOfOne] = [sql.raw(`${QUARTER_US}`), sql.raw(`${QUARTER_US - 1}`)];
  return planOf(sql`with recursive given as (select ${start} as start, ${step} as step, ${buckets} as buckets, ${now} as now),
    numbered (number) as (select 0 union all select number + 1 from numbered, given where number + 1 < given.buckets),
    bounds as (select number, given.start + number * given.step as since, given.start + (number + 1) * given.step as until from numbered, given),
    quarters as (select *, (since + ${shortOfOne}) / ${bucket15m} as first, until / ${bucket15m} as last from bounds),
    bucket as (select *, iif(first < last, first * ${bucket15m}, until) as low, iif(first < last, last * ${bucket15m}, until) as high from quarters),
    state as (select value ->> '$.type' as type, value ->> '$.name' as name, value ->> '$.kind' as kind from json_each(${states}))
    select bucket.number as bucket, state.type, state.name, case state.kind when 'over' then ${figures(over)}
    when 'running' then ${figures(read('running', 'since', 'until'))} else ${figures(read('open', 'since', 'until'))} end as figures from given, state, bucket`);
}

export interface HistoryRow {
  readonly bucket: number;
  readonly type: StateType;
  readonly name: string;
  readonly figures: string;
}

export function readHistoryRows(rows: readonly HistoryRow[]): readonly HistoryCount[] {
  const found: HistoryCount[] = [];
  for (const { bucket, type, name, figures } of rows) {
    const [count, runTimeUs, latenessUs] = JSON.parse(figures) as [number, number, number];
    if (count > 0) found.push({ bucket, stateType: type, stateName: name, count, runTimeUs, latenessUs });
  }
  return found;
}
