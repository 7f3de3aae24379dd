import type { FlowRunId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { OrchestratorPorts } from './ports.ts';

export interface ProcessEndTold {
  readonly id: FlowRunId;
  /** Of the lease that whoever tells had: its process has taken the run over under the next one. */
  readonly leaseToken: number;
  /** How the process ended, as the system said it. */
  readonly evidence: string;
  /** The same, and what the process wrote last. */
  readonly message: string;
}

/** Tokens that the run may have by then: its process took it over, and was found dead. */
const TAKEN_OVER = 1;
const FOUND_DEAD = 2;

/**
 * A process that somebody else has found dead before its worker heard of its end: the run stays Crashed, as of then,
 * and its state says how the process ended. Answers whether it does: of a run that has another end, or that goes on,
 * nothing is said.
 */
export function tellProcessEnd(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  { id, leaseToken, evidence, message }: ProcessEndTold,
): MaybePromise<boolean> {
  return storage.changeFlowRun(id, {}, (run) => {
    const state = run?.state;
    const token = run?.lease?.token;
    const isOurs = token === leaseToken + TAKEN_OVER || token === leaseToken + FOUND_DEAD;
    if (state?.type !== 'CRASHED' || !isOurs) return { answer: false };
    if (state.message === message) return { answer: true };
    const seen = state.evidence === undefined ? [] : [state.evidence];
    return { reworded: { ...state, message, evidence: [evidence, ...seen].join(' ') }, answer: true };
  });
}
