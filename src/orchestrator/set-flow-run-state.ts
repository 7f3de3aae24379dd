import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { ProposeFlowRunState } from '../core/flow-run-request.ts';
import type { StateId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { decide } from '../core/rules/decide.ts';
import { flowPolicy, minimalFlowPolicy, ownedFlowPolicy } from '../core/rules/flow-policy.ts';
import type { Transition } from '../core/transition.ts';
import { endLostTasks } from './end-lost-tasks.ts';
import { factsOf, flowRunMissing, moveFlowRun } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';

/**
 * Proposes a state. `not-found` when there is no such run; `lease-lost` when the caller's lease is not the newest one:
 * somebody else runs it, or it was found lost, so whatever the caller knows about it is history.
 */
export function setFlowRunState(ports: OrchestratorPorts, request: ProposeFlowRunState): MaybePromise<Transition<FlowRun>> {
  const { storage, clock, ids } = ports;
  const now = clock.now();
  const stateId = ids.next<StateId>();
  const policy = request.force === true ? minimalFlowPolicy : request.leaseToken === undefined ? flowPolicy : ownedFlowPolicy;
  const changed = storage.changeFlowRun<Transition<FlowRun> | OstinatoError>(request.id, (run, flow) => {
    if (run === null) return { answer: flowRunMissing(request.id) };
    if (request.leaseToken !== undefined && request.leaseToken !== run.lease?.token) return { answer: leaseLost(run, request.leaseToken) };
    const mark = request.state.details?.transitionId;
    if (mark !== undefined && request.leaseToken !== undefined && mark === run.state.details.transitionId) return { answer: sameAnswer(run, request) };
    if (request.onlyFrom !== undefined && request.onlyFrom !== run.state.id) {
      return { answer: { status: 'abort', reason: `The run has moved on: it is ${run.state.name} now.`, run } };
    }
    return moveFlowRun(run, flow, decide(policy, run.state, request.state, factsOf(run, request), now, stateId), ids);
  });
  return chain(changed, (answer) => {
    if (answer instanceof OstinatoError) throw answer;
    // Its process stops at once and says nothing more about the tasks that are open (clients of another make do say it).
    const isForcedCrash = request.force === true && answer.status === 'accept' && answer.state.type === 'CRASHED' && answer.run.submission === null;
    return isForcedCrash ? endLostTasks(ports, request.id, request.state, answer.state.timestamp).then(() => answer) : answer;
  });
}

/** The request was carried out before, and its answer did not arrive. */
function sameAnswer(run: FlowRun, { state }: ProposeFlowRunState): Transition<FlowRun> {
  if (run.state.type === state.type) return { status: 'accept', state: run.state, run };
  return { status: 'reject', state: run.state, written: true, reason: 'This run has already made this state transition.', run };
}

function leaseLost(run: FlowRun, token: number): OstinatoError {
  const newest = run.lease === null ? 'nobody holds it now' : `lease ${run.lease.token} is the newest`;
  return new OstinatoError(
    'lease-lost',
    `Flow run ${run.name} (${run.id}) is no longer held under lease ${token}: ${newest}; the run is ${run.state.name}.`,
    {
      remedy:
        'This process must stop working on the run: another one took it over, or it was marked Crashed because this process seemed gone.',
    },
  );
}
