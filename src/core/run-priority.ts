/**
 * Which of the runs of a queue that are due begins first: the one with the lower priority, as with queues of a pool.
 * Runs of equal priority begin as they are due.
 */

import { OstinatoError } from './errors.ts';

/** Of a run that says nothing. */
export const RUN_PRIORITY_DEFAULT = 0;
export const RUN_PRIORITY_MIN = -1000;
export const RUN_PRIORITY_MAX = 1000;

export function isRunPriority(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= RUN_PRIORITY_MIN && (value as number) <= RUN_PRIORITY_MAX;
}

/** Of a run: what it was submitted with. */
export function priorityOf({
  submission,
}: {
  readonly submission: { readonly priority?: number | undefined } | null;
}): number {
  return submission?.priority ?? RUN_PRIORITY_DEFAULT;
}

/** As a submission says it: the ordinary priority is not said. */
export function saidPriority(priority: number | null | undefined): { readonly priority?: number } {
  return priority === null || priority === undefined || priority === RUN_PRIORITY_DEFAULT ? {} : { priority };
}

export function prioritiesUnknown(): OstinatoError {
  return new OstinatoError('unsupported', "The server is Prefect's, whose runs have no priority.", {
    remedy: 'Leave it out, or use a server of Ostinato.',
  });
}
