/** What becomes of a run whose process was lost, as its deployment says: one rule for the server, `why` and `watch`. */

import type { OnCrash } from './deployment.ts';
import type { FlowRun } from './flow-run.ts';
import { addSeconds, type Instant } from './time.ts';

/** A run that takes its process down each time must not do so for ever. */
export const CRASH_ATTEMPTS_MAX = 5;
/** On a run that was begun for one that crashed: which attempt of the work it is. */
export const CRASH_ATTEMPT_LABEL = 'ostinato.crash-attempt';
/** The worker tells how the process ended; that is said before the run moves on. */
export const CRASH_SETTLED_SECONDS = 3;
/** What crashed before that is left: nobody was there to look. */
export const CRASH_LOOK_BACK_SECONDS = 3600;
/** How often a server looks for runs that are to go on after the loss of their process. */
export const CRASHED_RUNS_PERIOD_SECONDS = 5;

/** What its server does by itself with a run that crashed. */
export interface GoesOn {
  /** `resume`: the run itself goes on where it stood. `retry`: another run begins anew for it. */
  readonly how: 'resume' | 'retry';
  /** Which attempt of the work that is, from 2. */
  readonly attempt: number;
  /** How many attempts there are at most. */
  readonly attemptsMax: number;
  /** When the server has looked at it, if it is there. */
  readonly by: Instant;
}

/**
 * @param word what the deployment says
 * @param crashes how often this run has crashed: a process that cannot be started, or dies before its body begins, is
 *   no attempt of the run, and must not be tried for ever, either
 * @returns `null`: the run stays as it is
 */
export function afterCrash(run: FlowRun, word: OnCrash, crashes: number, now: Instant): GoesOn | null {
  if (run.state.type !== 'CRASHED' || run.endTime === null || word === 'leave') return null;
  // The flow that called it sees to it; and what was not looked at for so long is nobody's surprise any more.
  if (run.parentTaskRunId !== null || addSeconds(run.endTime, CRASH_LOOK_BACK_SECONDS) < now) return null;
  const attempt = (word === 'resume' ? crashes : crashAttempts(run)) + 1;
  if (attempt > CRASH_ATTEMPTS_MAX) return null;
  if (word === 'retry' && run.parameters.kind !== 'foreign') return null;
  return {
    how: word,
    attempt,
    attemptsMax: CRASH_ATTEMPTS_MAX,
    by: addSeconds(run.endTime, CRASH_SETTLED_SECONDS + CRASHED_RUNS_PERIOD_SECONDS),
  };
}

/** How many runs there were for the work, the one that crashed included. */
function crashAttempts({ labels }: FlowRun): number {
  const before = labels[CRASH_ATTEMPT_LABEL];
  return typeof before === 'number' ? before : 1;
}

/** Of the run that is begun for one that crashed: whoever looks, and however often, there is one. */
export function crashRetryKey({ id }: Pick<FlowRun, 'id'>): string {
  return `after the crash of ${id}`;
}
