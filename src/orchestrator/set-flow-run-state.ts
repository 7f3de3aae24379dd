import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { ProposeFlowRunState } from '../core/flow-run-request.ts';
import type { StateId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { FlowRunFacts } from '../core/rules/facts.ts';
import { flowPolicy, minimalFlowPolicy, ownedFlowPolicy } from '../core/rules/flow-policy.ts';
import type { Policy } from '../core/rules/policy.ts';
import { isTerminalType, type ProposedState, type State } from '../core/state.ts';
import type { Transition } from '../core/transition.ts';
import { needsOf } from './flow-run-facts.ts';
import { flowRunMissing, proposeState } from './flow-run-move.ts';
import { freedWhenEnded, freedWhenScheduled, markedByHolder } from './let-go.ts';
import { lostTasks, slotGate } from './loaded-later.ts';
import type { OrchestratorPorts } from './ports.ts';

/**
 * Proposes a state. `not-found` when there is no such run; `lease-lost` when the caller's lease is not the newest one:
 * another process runs it, or it was found lost.
 */
export function setFlowRunState(
  ports: OrchestratorPorts,
  request: ProposeFlowRunState,
): MaybePromise<Transition<FlowRun>> {
  // Other workers begin with it; ours claim.
  const isBegun = request.client !== undefined && request.state.type === 'PENDING' && request.force !== true;
  if (!isBegun) return propose(ports, request);
  return chain(ports.storage.readFlowRun(request.id), (run) => {
    if (run === null) throw flowRunMissing(request.id);
    const refused = slotGate(({ refusedSlot }) => refusedSlot(ports, run));
    return chain(refused, (reason) => (reason === null ? propose(ports, request) : { status: 'abort', reason, run }));
  });
}

function propose(ports: OrchestratorPorts, request: ProposeFlowRunState): MaybePromise<Transition<FlowRun>> {
  const { storage, clock, ids } = ports;
  const now = clock.now();
  const stateId = ids.next<StateId>();
  const policy: Policy<FlowRunFacts> =
    request.force === true ? minimalFlowPolicy : request.leaseToken === undefined ? flowPolicy : ownedFlowPolicy;
  const needs = needsOf(policy, request.state.type);
  const changed = storage.changeFlowRun<Transition<FlowRun> | OstinatoError>(request.id, needs, (run, context) => {
    if (run === null) return { answer: flowRunMissing(request.id) };
    if (request.leaseToken !== undefined && request.leaseToken !== run.lease?.token)
      return { answer: leaseLost(run, request.leaseToken) };
    const mark = request.state.details?.transitionId;
    if (mark !== undefined && request.leaseToken !== undefined && mark === run.state.details.transitionId)
      return { answer: sameAnswer(run, request) };
    if (request.onlyFrom !== undefined && request.onlyFrom !== run.state.id) {
      return { answer: { status: 'abort', reason: `The run has moved on: it is ${run.state.name} now.`, run } };
    }
    const state = markedByHolder(run, request.state, request.leaseToken);
    const change = proposeState(ports, run, context, { policy, state, request, now, stateId });
    return request.leaseToken === undefined ? freedWhenScheduled(run, change) : freedWhenEnded(run, change);
  });
  return chain(changed, (answer) => {
    if (answer instanceof OstinatoError) throw answer;
    if (answer.status !== 'accept') return answer;
    const end = endOfOpenTasks(request, answer.state);
    return end === null
      ? answer
      : lostTasks(({ endLostTasks }) => endLostTasks(ports, request.id, end, answer.state.timestamp)).then(
          () => answer,
        );
  });
}

/**
 * Of a run that somebody has ended by force: whoever runs it stops at once and sends nothing more about open tasks, or
 * is gone. `null`: they are left to the caller. Prefect's clients send what becomes of theirs.
 */
function endOfOpenTasks({ force, client, state }: ProposeFlowRunState, { name }: State): ProposedState | null {
  if (force !== true || client !== undefined || !isTerminalType(state.type)) return null;
  if (state.type === 'CRASHED') return state;
  const message = `Its flow run was marked ${name} while it was open.`;
  return state.type === 'CANCELLED' ? { type: 'CANCELLED', message } : { type: 'CRASHED', message, evidence: message };
}

/** The request was carried out before, and its answer was lost. */
function sameAnswer(run: FlowRun, { state }: ProposeFlowRunState): Transition<FlowRun> {
  if (run.state.type === state.type) return { status: 'accept', state: run.state, run };
  return {
    status: 'reject',
    state: run.state,
    written: true,
    reason: 'This run has already made this state transition.',
    run,
  };
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
