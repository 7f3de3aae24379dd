/**
 * The states that runs were in: without an index, since that would be written with every state, for a rare query.
 */

import type { StateType } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { ObservedState } from '../port/query.ts';

export interface ObservedStateRow {
  readonly type: StateType;
  readonly name: string;
  readonly first_seen: number;
  readonly last_seen: number;
}

const bounds = (table: string): string =>
  `SELECT type, name, min(timestamp) AS first_seen, max(timestamp) AS last_seen FROM ${table} GROUP BY type, name`;

export const OBSERVED_STATES = `SELECT type, name, min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM (${bounds('flow_run_state')} UNION ALL ${bounds('task_run_state')}) AS observed GROUP BY type, name`;

export function readObservedStates(rows: readonly ObservedStateRow[]): readonly ObservedState[] {
  return rows.map(({ type, name, first_seen, last_seen }) => ({
    type,
    name,
    firstSeen: first_seen as Instant,
    lastSeen: last_seen as Instant,
  }));
}
