/**
 * A worker takes a run that waits: PENDING and the run's lease, in one transaction.
 *
 * Invariants:
 * 1. Of many that ask for one run, one gets it; the others hear who has it, which is no failure.
 * 2. Whoever asks again for a run that it was given, since it did not hear so, gets the same lease.
 * 3. Whoever had the run before is fenced: the token of the lease grows with every owner, also when the run went back
 *    to its queue in between and had no lease.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun, RunLease } from '../core/flow-run.ts';
import type { FlowWords } from '../core/flow-run-request.ts';
import type { FlowRunId, ProcessId, StateId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { flowPolicy } from '../core/rules/flow-policy.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { State } from '../core/state.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import { needsOf } from './flow-run-facts.ts';
import { flowRunMissing, proposeState } from './flow-run-move.ts';
import { refusedSlot } from './deployments/slot-gate.ts';
import { withFlowWords } from './flow-words.ts';
import { inspectHolder } from './holder.ts';
import type { OrchestratorPorts } from './ports.ts';
import { isEarly, refusedEarly } from './work-pools/early-claim.ts';

export interface ClaimFlowRun {
  readonly id: FlowRunId;
  /** Registered. It gets the lease, and hands it on to the process that it starts (`ResumeFlowRun.handedOver`). */
  readonly processId: ProcessId;
  /** The name of the worker; `null`: none, or it does not say. */
  readonly worker?: string | null;
  /** Of a caller that runs it itself. */
  readonly words?: FlowWords | undefined;
  /** Of a caller that may not be registered: its row is written with the lease. */
  readonly process?: ProcessRecord | undefined;
}

/** On a run that a worker has taken: its name. */
export const WORKER_LABEL = 'ostinato.worker';

const LOOKS_MAX = 3;

/**
 * Accepts with PENDING; before its time, a run that nothing else has a say in (`work-pools/early-claim.ts`). Aborts for
 * a run that does not wait, or that a living process holds; other answers are those of the rules (a limit that is
 * full). `not-found`.
 */
export function claimFlowRun(
  ports: OrchestratorPorts,
  request: ClaimFlowRun,
  look = 1,
): MaybePromise<Transition<FlowRun>> {
  const { storage, clock, ids } = ports;
  const { id, processId } = request;
  return chain(storage.readFlowRun(id), (found) => {
    if (found === null) throw flowRunMissing(id);
    if (found.state.type === 'PENDING' && found.lease?.processId === processId)
      return { status: 'accept', state: found.state, run: found };
    const early = isEarly(found, clock.now());
    const seen = chain(early ? refusedEarly(ports, found) : refusedSlot(ports, found), (refused) =>
      refused === null ? inspectHolder(ports, found) : refused,
    );
    return chain(seen, (holder) => {
      if (typeof holder === 'string') return { status: 'abort', reason: holder, run: found };
      if (holder?.alive === true) return taken(found);
      const now = clock.now();
      const stateId = ids.next<StateId>();
      const state = { type: 'PENDING', ...(early ? { message: preparedAhead(found.state) } : {}) } as const;
      const changed = storage.changeFlowRun<Transition<FlowRun> | 'look-again' | OstinatoError>(
        id,
        needsOf(flowPolicy, 'PENDING'),
        (run, context) => {
          if (run === null) return { answer: flowRunMissing(id) };
          const isSame = run.lease?.processId === found.lease?.processId && run.lease?.token === found.lease?.token;
          if (!isSame) return { answer: 'look-again' };
          if (run.state.type !== 'SCHEDULED') return { answer: taken(run) };
          const change = proposeState(ports, run, context, { policy: flowPolicy, state, now, stateId });
          const { answer } = change;
          if (answer === undefined || answer.status !== 'accept') return change;
          const labels = request.worker ? { ...run.labels, [WORKER_LABEL]: request.worker } : run.labels;
          const { run: told, events } = withFlowWords(ports, { ...answer.run, labels }, request.words, now);
          const held = { ...told, lease: nextLease(run, processId, now) };
          return {
            ...change,
            run: held,
            process: request.process,
            events: [...(change.events ?? []), ...events],
            answer: { ...answer, run: held },
          };
        },
      );
      return chain(changed, (answer) => {
        if (answer instanceof OstinatoError) throw answer;
        if (answer !== 'look-again') return answer;
        if (look < LOOKS_MAX) return claimFlowRun(ports, request, look + 1);
        return { status: 'abort', reason: 'Other processes keep taking this run.', run: found };
      });
    });
  });
}

function preparedAhead(state: State): string | null {
  return state.type === 'SCHEDULED'
    ? `It is prepared before its time: it begins at ${formatInstant(state.scheduledTime)}.`
    : null;
}

function taken(run: FlowRun): Transition<FlowRun> {
  return { status: 'abort', reason: `Run is ${run.state.name}: somebody else has it.`, run };
}

/** The seconds of the clock are above every token that a run without a lease has ever had. */
export function nextLease(run: FlowRun, processId: ProcessId, now: Instant): RunLease {
  const before = run.lease?.token ?? (run.runner === 'worker' ? Math.floor(now / 1_000_000) : 0);
  return { processId, token: before + 1 };
}
