/**
 * The history of all flow runs, or of those in some states. SQLite groups by sorting, which takes seconds for a million rows.
 * The index `flow_run_history` has the runs of each state in the order of their time: each bucket of each state is a stretch
 * of it, and nothing has to be sorted.
 */

import { holds } from '../../../core/condition-match.ts';
import type { Condition } from '../../../core/query.ts';
import { isTerminalType, STATE_TYPES, type StateType } from '../../../core/state.ts';
import type { Bindable } from '../../queries/spelling.ts';
import type { HistoryCount, HistoryRequest } from '../../port/query.ts';

export interface RunState {
  readonly type: StateType;
  readonly name: string;
}

/** More names of states (users make their own) are not asked for one by one. */
export const STATES_MAX = 100;

/** The states that flow runs are in, each found by one look into the index: `type`, `name`. */
export const STATES_SQL =
  'WITH RECURSIVE state (type, name) AS (' +
  `SELECT value, (SELECT min(state_name) FROM flow_run WHERE state_type = value) FROM json_each('${JSON.stringify(STATE_TYPES)}') UNION ALL ` +
  'SELECT type, (SELECT min(state_name) FROM flow_run WHERE state_type = state.type AND state_name > state.name) FROM state ' +
  `WHERE state.name IS NOT NULL LIMIT ${STATES_MAX * 2}) SELECT type, name FROM state WHERE name IS NOT NULL`;

/** What each run adds, by whether its state says that it is over, under way, or neither: asked of the state, not of each run. */
const RAN = { over: 'total_run_time_us', running: 'total_run_time_us + max(0, given.now - state_timestamp)', open: 'total_run_time_us' };
const BEGAN_LATE = 'CASE WHEN start_time > expected_start_time THEN start_time - expected_start_time';
const OVERDUE = `${BEGAN_LATE} WHEN start_time IS NULL AND expected_start_time < given.now THEN given.now - expected_start_time END`;
const LATE = { over: `${BEGAN_LATE} END`, running: OVERDUE, open: OVERDUE };

const figures = (kind: keyof typeof RAN): string =>
  `(SELECT json_array(count(*), total(${RAN[kind]}), total(${LATE[kind]})) FROM flow_run INDEXED BY flow_run_history ` +
  'WHERE state_type = state.type AND state_name = state.name AND expected_start_time >= given.start + bucket.number * given.step ' +
  'AND expected_start_time < given.start + (bucket.number + 1) * given.step)';

/** One row a bucket and state, also the empty ones: `bucket`, `type`, `name`, `figures` (JSON: count, run time, lateness). */
export const HISTORY_SQL =
  'WITH RECURSIVE given AS (SELECT ? AS start, ? AS step, ? AS buckets, ? AS now), ' +
  'bucket (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM bucket, given WHERE number + 1 < given.buckets), ' +
  "state AS (SELECT value ->> '$.type' AS type, value ->> '$.name' AS name, value ->> '$.kind' AS kind FROM json_each(?)) " +
  `SELECT bucket.number AS bucket, state.type, state.name, CASE state.kind WHEN 'over' THEN ${figures('over')} ` +
  `WHEN 'running' THEN ${figures('running')} ELSE ${figures('open')} END AS figures FROM given, state, bucket`;

export function historyValues({ where, start, intervalUs, buckets, now }: HistoryRequest, states: readonly RunState[]): readonly Bindable[] {
  const asked = states.filter(({ type, name }) => holds(where, { stateType: type, stateName: name }))
    .map((state) => ({ ...state, kind: isTerminalType(state.type) ? 'over' : state.type === 'RUNNING' ? 'running' : 'open' }));
  return [BigInt(start), BigInt(intervalUs), buckets, BigInt(now), JSON.stringify(asked)];
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

/** Whether it asks for nothing but the state. */
export function isAboutStates(condition: Condition): boolean {
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
