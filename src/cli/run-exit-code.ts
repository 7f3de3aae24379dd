import { assertNever, type State } from '../core/state.ts';
import { EXIT_OK } from './exit-codes.ts';

export const EXIT_RUN_FAILED = 1;
export const EXIT_CANCELLED = 130;

/** What a command that waits for a run ends with. */
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

/** A signal that ended the run has set its own exit code already, and that one stays. A 0 that the flow has set is no word about its run. */
export function endWith(exitCode: number): void {
  if (exitCode === EXIT_OK) return;
  process.exitCode ||= exitCode;
}
