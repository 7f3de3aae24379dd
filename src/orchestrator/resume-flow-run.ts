/**
 * Opens a new attempt of a run and gives its lease to the caller's process.
 *
 * Invariants:
 * 1. Two processes never hold one run: the lease is taken in the transaction that checks it is still the one that was
 *    judged.
 * 2. The token grows with every owner, so the writes of the one before are refused.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun, RunLease } from '../core/flow-run.ts';
import type { ResumeFlowRun } from '../core/flow-run-request.ts';
import type { StateId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import { decide } from '../core/rules/decide.ts';
import { resumePolicy } from '../core/rules/flow-policy.ts';
import { isTerminal } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import type { HolderEvidence } from '../core/why.ts';
import type { FlowRunChange } from '../store/port.ts';
import { nextLease } from './claim-flow-run.ts';
import { endLostRun, isUnbegun, lostState } from './end-lost-run.ts';
import { endLostTasks } from './end-lost-tasks.ts';
import { flowRunStateEvent } from './events.ts';
import { runFactsOf } from './flow-run-facts.ts';
import { flowRunMissing, RELEASE_NEEDS, releasedSlots } from './flow-run-move.ts';
import { withFlowWords } from './flow-words.ts';
import { inspectHolder } from './holder.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Others may take the run while we look at it; more often than this, somebody is clearly at it. */
const LOOKS_MAX = 3;

interface Stamp {
  readonly now: Instant;
  readonly ids: readonly [StateId, StateId];
  readonly request: ResumeFlowRun;
}

type Answer = Transition<FlowRun> | 'look-again' | OstinatoError;

/**
 * Accepts with the state SCHEDULED `AwaitingRetry`, due now (a run that waits and that nobody holds keeps its state).
 * Aborts for a COMPLETED run and for one that another living process holds. `not-found` when there is no such run.
 */
export function resumeFlowRun(
  ports: OrchestratorPorts,
  request: ResumeFlowRun,
  look = 1,
): MaybePromise<Transition<FlowRun>> {
  const { storage, clock, ids } = ports;
  return chain(storage.readFlowRun(request.id), (found) => {
    if (found === null) throw flowRunMissing(request.id);
    return chain(inspectHolder(ports, found), (holder) => {
      const lost = holder !== null && !holder.alive && !isTerminal(found.state);
      // First what the dead process had promised: its finished steps are what the new attempt stands on.
      const recovered = lost && found.lease !== null ? ports.recoverProcess?.(found.lease.processId) : undefined;
      return chain(recovered, () => {
        const stamp = { now: clock.now(), ids: [ids.next<StateId>(), ids.next<StateId>()] as const, request };
        const changed = storage.changeFlowRun(request.id, RELEASE_NEEDS, (run, context) => {
          const change = told(ports, openAttempt(run, found, holder, stamp), stamp);
          const to = change.run?.state;
          return run && to ? { ...change, ...releasedSlots(ports, { run, to, now: stamp.now }, context) } : change;
        });
        return chain(changed, (answer): MaybePromise<Transition<FlowRun>> => {
          if (answer instanceof OstinatoError) throw answer;
          if (answer !== 'look-again')
            return lost && answer.status === 'accept' ? endTasksOf(ports, found, holder, answer) : answer;
          if (look < LOOKS_MAX) return resumeFlowRun(ports, request, look + 1);
          return { status: 'abort', reason: 'Other processes keep taking this run.', run: found };
        });
      });
    });
  });
}

async function endTasksOf(
  ports: OrchestratorPorts,
  found: FlowRun,
  holder: HolderEvidence,
  answer: Transition<FlowRun>,
): Promise<Transition<FlowRun>> {
  await endLostTasks(ports, found.id, lostState(found.state.type, holder.evidence), answer.run.state.timestamp);
  return answer;
}

function told(ports: OrchestratorPorts, change: FlowRunChange<Answer>, { request, now }: Stamp): FlowRunChange<Answer> {
  const { answer } = change;
  const isTaken = typeof answer === 'object' && 'status' in answer && answer.status === 'accept';
  if (!isTaken || !change.run) return change;
  const { run, events } = withFlowWords(ports, change.run, request.words, now);
  return {
    ...change,
    run,
    process: request.process,
    events: [...(change.events ?? []), ...events],
    answer: { ...answer, run },
  };
}

function openAttempt(
  run: FlowRun | null,
  found: FlowRun,
  holder: HolderEvidence | null,
  stamp: Stamp,
): FlowRunChange<Answer> {
  if (run === null) return { answer: flowRunMissing(found.id) };
  const { processId, transitionId, handedOver } = stamp.request;
  const isRepeated =
    transitionId !== undefined && transitionId === run.state.details.transitionId && run.lease?.processId === processId;
  if (isRepeated) return { answer: { status: 'accept', state: run.state, run } };
  if (run.lease?.processId !== found.lease?.processId || run.lease?.token !== found.lease?.token)
    return { answer: 'look-again' };
  const lease = nextLease(run, processId, stamp.now);
  if (handedOver !== undefined) return takeFromWorker(run, handedOver, lease);
  if (isTerminal(run.state)) return newAttempt(run, [], lease, stamp);
  if (holder === null || (!holder.alive && isUnbegun(run))) return takeWaiting(run, lease);
  if (holder.alive) {
    const where = holder.record === null ? '' : ` (pid ${holder.record.pid} on ${holder.record.host})`;
    return { answer: { status: 'abort', reason: `Run is ${run.state.name} in a process that is alive${where}.`, run } };
  }
  const ended = endLostRun(run, holder.evidence, stamp.now, stamp.ids[0]);
  return ended === null ? { answer: 'look-again' } : newAttempt(ended, [ended], lease, stamp);
}

/** Its worker has started this process for it. What became of the run in between (cancelled, taken away) counts. */
function takeFromWorker(run: FlowRun, { processId, token }: RunLease, lease: RunLease): FlowRunChange<Answer> {
  if (run.lease?.processId === processId && run.lease.token === token && run.state.type === 'PENDING')
    return takeWaiting(run, lease);
  // It did not hear that it has the run, and asks again.
  const isOurs = run.lease?.processId === lease.processId && run.lease.token === token + 1;
  if (isOurs && run.state.type === 'PENDING') return { answer: { status: 'accept', state: run.state, run } };
  return {
    answer: { status: 'abort', reason: `Run is ${run.state.name}: the worker that started this process lost it.`, run },
  };
}

/** Nobody had it yet: it goes on from the state it is in. */
function takeWaiting(run: FlowRun, lease: RunLease): FlowRunChange<Answer> {
  if (run.state.type === 'RUNNING' || run.state.type === 'CANCELLING') {
    return {
      answer: {
        status: 'abort',
        reason: `Run is ${run.state.name} outside this process, and no lease says whether that is still so.`,
        run,
      },
    };
  }
  const taken = { ...run, lease };
  return { run: taken, answer: { status: 'accept', state: run.state, run: taken } };
}

function newAttempt(run: FlowRun, before: readonly FlowRun[], lease: RunLease, stamp: Stamp): FlowRunChange<Answer> {
  const { transitionId } = stamp.request;
  const details = transitionId === undefined ? {} : { details: { transitionId } };
  const proposed = {
    type: 'SCHEDULED',
    scheduledTime: stamp.now,
    message: 'A new attempt was opened.',
    ...details,
  } as const;
  const decision = decide(resumePolicy, run.state, proposed, runFactsOf(run), stamp.now, stamp.ids[1]);
  if (decision.status === 'abort') return { answer: { status: 'abort', reason: decision.reason, run } };
  if (decision.status !== 'accept') return { answer: 'look-again' };
  const opened = { ...applyToFlowRun(run, decision.state, decision.effects), lease };
  const states = [...before.map((each) => each.state), opened.state];
  return {
    run: opened,
    states,
    events: states.map((state) => flowRunStateEvent(run.id, state)),
    answer: { status: 'accept', state: opened.state, run: opened },
  };
}
