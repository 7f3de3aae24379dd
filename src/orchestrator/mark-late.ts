import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, StateId } from '../core/ids.ts';
import { decide } from '../core/rules/decide.ts';
import { latePolicy } from '../core/rules/flow-policy.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import { factsOf, moveFlowRun } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';

/** As many at a time; what is left comes with the next call. */
const RUNS_MAX = 200;

/** Marks runs Late that were due before `before` and that nobody has taken yet. Answers how many. */
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

async function markOne({ storage, clock, ids }: OrchestratorPorts, id: FlowRunId, onlyFrom: StateId): Promise<boolean> {
  const now = clock.now();
  const stateId = ids.next<StateId>();
  const answer = await storage.changeFlowRun<Transition<FlowRun> | null>(id, (run, flow) => {
    if (run?.state.type !== 'SCHEDULED' || run.state.id !== onlyFrom) return { answer: null };
    const late = { type: 'SCHEDULED', name: 'Late', scheduledTime: run.state.scheduledTime } as const;
    return moveFlowRun(run, flow, decide(latePolicy, run.state, late, factsOf(run), now, stateId), ids);
  });
  return answer?.status === 'accept';
}
