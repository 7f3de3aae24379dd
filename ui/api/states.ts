/** States of runs, and the list of those that a run went through. */
import { queryOptions } from '@tanstack/react-query';

import type { State as WireState } from '../../src/contract/schema/state.ts';
import { getText } from './http.ts';
import { parseLossless } from './lossless-json.ts';

export type StateType = WireState['type'];
/** `failure` and `evidence` are our own server's; `data` keeps its numbers as written. */
export type State = Pick<WireState, 'id' | 'type' | 'name' | 'timestamp' | 'message' | 'data'> &
  Partial<Pick<WireState, 'failure' | 'evidence'>> & {
    readonly state_details?: Partial<WireState['state_details']> | null;
  };

export const STATE_TYPES = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
  'COMPLETED',
  'FAILED',
  'CRASHED',
] as const satisfies readonly StateType[];

export const TERMINAL_TYPES: ReadonlySet<StateType> = new Set(['CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED']);

export function isTerminal(type: StateType | null | undefined): boolean {
  return type !== null && type !== undefined && TERMINAL_TYPES.has(type);
}

/** Oldest first. */
export function stateHistoryQuery(kind: 'flow-run' | 'task-run', runId: string) {
  const path =
    kind === 'flow-run' ? `/flow_run_states/?flow_run_id=${runId}` : `/task_run_states/?task_run_id=${runId}`;
  return queryOptions({
    queryKey: ['states', kind, runId],
    queryFn: async ({ signal }) => {
      const states = parseLossless(await getText(path, { signal })) as State[];
      return states.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
    },
  });
}
