/**
 * Cache keys in a folder that homes and machines can share: an implementation of `CacheKeys` (`core/cache-keys.ts`).
 *
 * 1. An entry is written under a temporary name and renamed: nobody reads half of one.
 * 2. A claim is a file that only one can create. Its holder touches it while it computes; one whose process is gone, or
 *    that was not touched for a lease, is taken over. One that cannot be read is being written just now. Two that take
 *    over at once may, rarely, both compute: the results are the same.
 */

import { readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheKeys } from '../core/cache-keys.ts';
import type { CacheEntry } from '../core/cache-record.ts';
import type { TaskRunId } from '../core/ids.ts';
import { LEASE_SECONDS } from '../core/process-record.ts';
import { secondsBetween, type Instant } from '../core/time.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import { hashText } from './hash.ts';
import { describeThisProcess, livenessOf, type ProcessMark } from './process-liveness.ts';
import { writeIn, writeWhole } from './whole-file.ts';

/** A third of the lease after which others take a claim over (`core/process-record.ts`). */
const TOUCH_MS = 5000;

interface Claim {
  readonly taskRunId: TaskRunId;
  readonly holder: ProcessMark;
}

export interface CacheFolderOptions {
  /**
   * `false`: every process that finds no entry computes it; for file systems that cannot create a file exclusively.
   * Default true.
   */
  readonly singleFlight?: boolean;
}

/**
 * Where a cache policy keeps its keys: `INPUTS.keptIn(cacheFolder('/mnt/team/cache'))`.
 *
 * @param folder absolute, or relative to the working directory; created with the first key
 */
export function cacheFolder(folder: string, { singleFlight = true }: CacheFolderOptions = {}): CacheKeys {
  const held = new Map<string, NodeJS.Timeout>();
  const pathOf = (key: string, kind: 'entry' | 'claim'): string => join(folder, key.slice(0, 2), `${key}.${kind}.json`);
  const newestOf = (taskKey: string): string => join(folder, 'newest', `${hashText(taskKey)}.json`);
  return {
    claim({ key, taskKey, taskRunId, refresh, now }) {
      const entry = readJson<CacheEntry>(pathOf(key, 'entry'));
      if (entry && !refresh && (entry.expiresAt === null || entry.expiresAt > now)) return { status: 'hit', entry };
      if (singleFlight) {
        const path = pathOf(key, 'claim');
        const holder = take(path, { taskRunId, holder: describeThisProcess() }, now);
        if (holder !== null) return { status: 'busy', holder };
        held.set(key, setInterval(() => touch(path), TOUCH_MS).unref());
      }
      return { status: 'claimed', nearest: entry ?? readJson<CacheEntry>(newestOf(taskKey)) };
    },
    settle({ key, taskRunId, entry }) {
      const path = pathOf(key, 'entry');
      if (entry) {
        for (const place of [path, newestOf(entry.taskKey)]) keep(place, entry);
      } else if (readJson<CacheEntry>(path)?.taskRunId === taskRunId) {
        rmSync(path, { force: true });
      }
      clearInterval(held.get(key));
      held.delete(key);
      const claim = pathOf(key, 'claim');
      if (readJson<Claim>(claim)?.taskRunId === taskRunId) rmSync(claim, { force: true });
    },
  };
}

/** `null`: the caller has the claim now; else who has it, or the caller itself where that is not known yet. */
function take(path: string, claim: Claim, now: Instant): TaskRunId | null {
  for (;;) {
    try {
      writeIn(path, JSON.stringify(claim), 'wx');
      return null;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, 'claim the cache key', path);
    }
    const there = readJson<Claim>(path);
    const touchedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (touchedMs === undefined) continue;
    const heartbeatAt = (touchedMs * 1000) as Instant;
    if (there === null) {
      // Its file is there before what stands in it. Whoever died in between is followed after a lease.
      if (secondsBetween(heartbeatAt, now) <= LEASE_SECONDS) return claim.taskRunId;
    } else if (livenessOf({ ...there.holder, heartbeatAt }, now).alive) return there.taskRunId;
    // Of several processes that find it dead, only one can rename it.
    try {
      renameSync(path, `${path}.${claim.taskRunId}.old`);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw diskError(error, 'take the cache key over', path);
    }
    rmSync(`${path}.${claim.taskRunId}.old`, { force: true });
  }
}

/** Touches the claim, unless somebody else has taken it over. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    /* Settling the claim reports the loss. */
  }
}

function keep(path: string, entry: CacheEntry): void {
  try {
    writeWhole(path, JSON.stringify(entry));
  } catch (error) {
    throw diskError(error, 'keep the cache key', path);
  }
}

/** `null` when the file is missing or damaged: then the value is computed again. */
function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return null;
    throw diskError(error, 'read the cache key', path);
  }
}
