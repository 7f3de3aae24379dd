import type { StateChange } from '../../api/events.ts';
import type { ListedRun } from '../../api/flow-runs.ts';

/** The run as the event says it is now; events that come late change nothing. */
export function changed<Run extends Pick<ListedRun, 'id' | 'state' | 'state_type' | 'state_name' | 'start_time'>>(
  run: Run,
  { kind, runId, stateType, stateName, occurred }: StateChange,
): Run {
  if (kind !== 'flow-run' || run.id !== runId || (run.state !== null && run.state.timestamp >= occurred)) return run;
  const state = { id: '', type: stateType, name: stateName, timestamp: occurred, message: null, data: null };
  return {
    ...run,
    state_type: stateType,
    state_name: stateName,
    state,
    start_time: run.start_time ?? (stateType === 'RUNNING' ? occurred : null),
  };
}
