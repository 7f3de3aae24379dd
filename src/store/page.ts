/** Limits on what one read returns. */

import { OstinatoError } from '../core/errors.ts';

/** Rows of a page for people. */
export const PAGE_ROWS_DEFAULT = 50;
export const PAGE_ROWS_MAX = 1000;
/** Rows of a page for a program (steps of a run, events, logs): some megabytes at most. */
export const SCAN_ROWS_MAX = 10_000;

/** The number of rows to return; throws `bad-input` when it is not a whole number from 1 to `max`. */
export function pageRows(limit: number | undefined, max: number = PAGE_ROWS_MAX): number {
  const rows = limit ?? PAGE_ROWS_DEFAULT;
  if (!Number.isInteger(rows) || rows < 1 || rows > max) {
    throw new OstinatoError('bad-input', `A page cannot have ${rows} rows: 1 to ${max} are possible.`, {
      remedy: 'Ask for fewer rows, and for the following ones with `after`.',
    });
  }
  return rows;
}
