import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, StateId } from '../core/ids.ts';
import { latePolicy } from '../core/rules/flow-policy.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import { needsOf } from './flow-run-facts.ts';
import { proposeState } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Runs in one call; the next call continues. */
const RUNS_MAX = 200;

/** Marks runs Late that were due before `before` and that nobody has taken. Returns how many. */
export async function markLate(ports: OrchestratorPorts, before: Instant): Promise<number> {
  const overdue = await ports.storage.find('flow_run', {
    where: {
      op: 'and',
      of: [
        { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
        { op: 'eq', field: 'stateName', value: 'Scheduled' },
        { op: 'le', field: 'nextScheduledStartTime', value: before },
      ],
    },
    sort: [{ field: 'nextScheduledStartTime', direction: 'asc' }],
    limit: RUNS_MAX,
    offset: 0,
  });
  let marked = 0;
  for (const { id, state } of overdue) if (await markOne(ports, id, state.id)) marked += 1;
  return marked;
}

async function markOne(ports: OrchestratorPorts, id: FlowRunId, onlyFrom: StateId): Promise<boolean> {
  const now = ports.clock.now();
  const stateId = ports.ids.next<StateId>();
  const needs = needsOf(latePolicy, 'SCHEDULED');
  const answer = await ports.storage.changeFlowRun<Transition<FlowRun> | null>(id, needs, (run, context) => {
    if (run?.state.type !== 'SCHEDULED' || run.state.id !== onlyFrom) return { answer: null };
    const state = { type: 'SCHEDULED', name: 'Late', scheduledTime: run.state.scheduledTime } as const;
    return proposeState(ports, run, context, { policy: latePolicy, state, now, stateId });
  });
  return answer?.status === 'accept';
}
