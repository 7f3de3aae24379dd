import { assertNever, type State } from '../core/state.ts';
import { EXIT_OK } from './exit-codes.ts';

export const EXIT_RUN_FAILED = 1;
export const EXIT_CANCELLED = 130;

/** The exit code of a command that waits for a run. */
export function exitCodeOf({ type }: State): number {
  switch (type) {
    case 'COMPLETED':
      return EXIT_OK;
    case 'CANCELLED':
    case 'CANCELLING':
      return EXIT_CANCELLED;
    case 'FAILED':
    case 'CRASHED':
    case 'SCHEDULED':
    case 'PENDING':
    case 'RUNNING':
    case 'PAUSED':
      return EXIT_RUN_FAILED;
    default:
      return assertNever(type, 'state type');
  }
}

/** Sets the exit code, unless a signal that ended the run has set one. A 0 that the flow has set is overwritten. */
export function endWith(exitCode: number): void {
  if (exitCode === EXIT_OK) return;
  process.exitCode ||= exitCode;
}
