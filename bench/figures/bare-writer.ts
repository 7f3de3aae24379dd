/** What SQLite alone needs for rows that a server wrote: the limit for ours. */

import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import { reportOf } from '../program.ts';

/**
 * @param path of the database with the rows, which no server has open
 * @param count of things that the rows are of: runs, events
 * @param batch of them in a transaction that is flushed
 * @param tables each with a condition where not all of its rows are meant
 * @returns microseconds each
 */
export function bareWriterTime(
  bench: Bench,
  path: string,
  count: number,
  batch: number,
  tables: readonly string[],
): number {
  const target = join(bench.freshFolder(), 'bare.db');
  return reportOf<{ readonly microsecondsEach: number }>(
    bench.runOurs('bare-writer', [path, target, count, batch, ...tables], bench.freshFolder()),
  ).microsecondsEach;
}
