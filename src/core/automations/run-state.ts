/** What an event tells of a flow run: the state that it came to, or that it was deleted. */

import { objectIdOf, RESOURCE_ID, type Event } from '../event.ts';
import { isUuid, type FlowRunId } from '../ids.ts';
import { STATE_TYPES, type StateType } from '../state.ts';
import type { Instant } from '../time.ts';

export interface RunNews {
  readonly runId: FlowRunId;
  /** When it occurred, by a clock that is not ahead of the one of who received it. */
  readonly at: Instant;
  /** `null`: the run was deleted. */
  readonly state: { readonly name: string; readonly type: StateType } | null;
}

const OF_RUNS = 'prefect.flow-run.';
const DELETED = 'ostinato.flow-run.deleted';

/** Whether events of this name may tell of a run's state. */
export function mayTellOfRun(name: string): boolean {
  return name.startsWith(OF_RUNS) || name === DELETED;
}

/** `null`: it tells of no state, as heartbeats do. */
export function runNewsOf({ name, resource, occurred, received }: Event): RunNews | null {
  if (!mayTellOfRun(name)) return null;
  const id = objectIdOf(resource[RESOURCE_ID], 'flow-run');
  if (id === null || !isUuid(id)) return null;
  const runId = id.toLowerCase() as FlowRunId;
  const at = Math.min(occurred, received) as Instant;
  if (name === DELETED) return { runId, at, state: null };
  const [state, type] = [resource['prefect.state-name'], resource['prefect.state-type']];
  if (state === undefined || name !== `${OF_RUNS}${state}` || !STATE_TYPES.includes(type as StateType)) return null;
  return { runId, at, state: { name: state, type: type as StateType } };
}
