/** Predicts what asking to cancel a flow run would do. Pure. */

import type { FlowRun } from './flow-run.ts';
import { CANCELLING_SECONDS_MAX } from './rules/cancelling.ts';
import { isTerminal } from './state.ts';
import type { HolderEvidence } from './why.ts';

export interface CancelOutlook {
  /** What happens when it is asked; `null`: asking is not possible (any more). */
  readonly asks: string | null;
  /** The state that the run then enters. */
  readonly becomes: 'CANCELLING' | 'CANCELLED';
  /** What happens when it is marked Cancelled at once; `null`: the run has ended, or asking does the same. */
  readonly force: string | null;
}

type OutsideRun = Pick<FlowRun, 'state'> & Partial<Pick<FlowRun, 'policy' | 'submission'>>;

/**
 * Whether a run that no process of ours holds, and that does not run now, has a process all the same: one of another
 * client that starts, waits for its next attempt, or is paused. That one has to be ended by whoever started it.
 */
export function hasWaitingProcess({ state, policy, submission }: OutsideRun): boolean {
  if (!submission?.infrastructurePid) return false;
  if (state.type === 'SCHEDULED') return policy?.retryType === 'in_process';
  return state.type === 'PENDING' || (state.type === 'PAUSED' && state.details.pauseReschedule !== true);
}

const STEPS_STAY = 'Steps that have ended keep their results.';
const FORCE_HELD =
  'It is Cancelled at once, whether or not its process stops. Whatever the process still says about it is refused.';
const FORCE_UNHELD = 'It is Cancelled at once. Nothing is stopped: if somebody still runs it, that goes on.';

/** @param holder `null`: no process of our engine holds it */
export function foretellCancel(
  run: OutsideRun & Pick<FlowRun, 'runner'>,
  holder: HolderEvidence | null,
): CancelOutlook {
  const { type, name } = run.state;
  if (isTerminal(run.state)) return { asks: null, becomes: 'CANCELLED', force: null };
  const force = holder?.alive === true ? FORCE_HELD : FORCE_UNHELD;
  if (type === 'CANCELLING') return { asks: null, becomes: 'CANCELLED', force };
  if (holder !== null && !holder.alive) {
    return {
      asks: `Its process is gone, and cannot stop anything: it is Cancelled at once. ${STEPS_STAY}`,
      becomes: 'CANCELLED',
      force: null,
    };
  }
  if (holder !== null) {
    const who =
      holder.record === null ? 'Its process' : `Its process (pid ${holder.record.pid} on ${holder.record.host})`;
    return {
      asks: `${who} hears of it within a second, stops the work and runs its hooks. ${STEPS_STAY}`,
      becomes: 'CANCELLING',
      force,
    };
  }
  if (type !== 'RUNNING' && !hasWaitingProcess(run))
    return {
      asks: `It is ${name}, and no process of this server has it: it is Cancelled at once.`,
      becomes: 'CANCELLED',
      force: null,
    };
  const who =
    run.runner === 'worker'
      ? 'Its runner or worker stops it, where there is one.'
      : 'Another client runs it, and no process is known here that would stop it.';
  return {
    asks: `${who} Otherwise the server marks it Cancelled ${CANCELLING_SECONDS_MAX / 60} minutes after it was asked.`,
    becomes: 'CANCELLING',
    force,
  };
}
