/** Cache entries, and claims on keys that are being computed. */

import type { CacheClaim, CacheEntry } from '../../core/cache-record.ts';
import type { TaskRunId } from '../../core/ids.ts';
import { chain } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { readId, uuidBytes } from '../id-value.ts';
import type { CacheStorage } from '../port.ts';
import { readCacheEntryRow, type CacheClaimRow, type CacheEntryRow } from '../rows/cache.ts';
import { findProcess } from './processes.ts';

type ClaimRequest = Parameters<CacheStorage['claimCacheKey']>[0];
type Settlement = Parameters<CacheStorage['settleCacheClaim']>[0];

export function cacheOn(database: Database): CacheStorage {
  return {
    // A hit writes nothing, so it is looked up first without the write lock.
    claimCacheKey: (request) =>
      chain(
        database.read((db) => findHit(db, request)),
        (hit) => hit ?? database.write((db) => findHitOrClaim(db, request)),
      ),
    settleCacheClaim: (claim) => database.write((db) => settle(db, claim)),
  };
}

function* findHitOrClaim(db: Statements, request: ClaimRequest): Work<CacheClaim> {
  return (yield* findHit(db, request)) ?? (yield* claim(db, request));
}

function* findHit(db: Statements, request: ClaimRequest): Work<CacheClaim | null> {
  if (request.refresh) return null;
  const entry = yield* findEntry(db, request.key);
  return entry !== null && !isExpired(entry, request.now) ? { status: 'hit', entry } : null;
}

function isExpired(entry: CacheEntry, now: Instant): boolean {
  return entry.expiresAt !== null && entry.expiresAt <= now;
}

function* claim(db: Statements, request: ClaimRequest): Work<CacheClaim> {
  const row = yield* db.get<CacheClaimRow>('SELECT * FROM cache_claim WHERE key = ?', request.key);
  if (row) {
    const { process_id: processId, task_run_id: holder } = row;
    const isOwn = readId(processId) === request.processId;
    if (!isOwn && request.isAlive(yield* findProcess(db, processId))) {
      return { status: 'busy', holder: readId<TaskRunId>(holder) };
    }
  }
  yield* db.run(
    `INSERT INTO cache_claim (key, task_run_id, process_id, claimed_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET task_run_id = excluded.task_run_id, process_id = excluded.process_id, claimed_at = excluded.claimed_at`,
    request.key,
    uuidBytes(request.taskRunId),
    uuidBytes(request.processId),
    request.now,
  );
  return {
    status: 'claimed',
    nearest: (yield* findEntry(db, request.key)) ?? (yield* findNewest(db, request.taskKey)),
  };
}

function* findEntry(db: Statements, key: string): Work<CacheEntry | null> {
  const row = yield* db.get<CacheEntryRow>('SELECT * FROM cache_entry WHERE key = ?', key);
  return row ? readCacheEntryRow(row) : null;
}

function* findNewest(db: Statements, taskKey: string): Work<CacheEntry | null> {
  const row = yield* db.get<CacheEntryRow>(
    'SELECT * FROM cache_entry WHERE task_key = ? ORDER BY created_at DESC LIMIT 1',
    taskKey,
  );
  return row ? readCacheEntryRow(row) : null;
}

function* settle(db: Statements, { key, taskRunId, processId, entry }: Settlement): Work<void> {
  if (entry) {
    // A claimant that lost its claim may settle late: a newer entry stays.
    yield* db.run(
      `INSERT INTO cache_entry (key, task_key, task_run_id, parts, data, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET task_key = excluded.task_key, task_run_id = excluded.task_run_id, parts = excluded.parts,
      data = excluded.data, created_at = excluded.created_at, expires_at = excluded.expires_at
      WHERE excluded.created_at >= cache_entry.created_at`,
      key,
      entry.taskKey,
      uuidBytes(entry.taskRunId),
      JSON.stringify(entry.parts),
      JSON.stringify(entry.data),
      entry.createdAt,
      entry.expiresAt,
    );
  } else {
    // The result was stored eagerly, and its transaction was rolled back.
    yield* db.run('DELETE FROM cache_entry WHERE key = ? AND task_run_id = ?', key, uuidBytes(taskRunId));
  }
  yield* db.run(
    'DELETE FROM cache_claim WHERE key = ? AND task_run_id = ? AND process_id = ?',
    key,
    uuidBytes(taskRunId),
    uuidBytes(processId),
  );
}
