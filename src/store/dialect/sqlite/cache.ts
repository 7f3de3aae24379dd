/** Cache entries and the claims of those who compute one now. */

import type { CacheClaim, CacheEntry } from '../../../core/cache-record.ts';
import type { TaskRunId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import type { CacheStorage } from '../../port.ts';
import { readId, uuidBytes } from '../../id-value.ts';
import { readCacheEntryRow, type CacheClaimRow, type CacheEntryRow } from '../../rows/cache.ts';
import type { Connection } from './connection.ts';
import { findProcess } from './processes.ts';

type ClaimRequest = Parameters<CacheStorage['claimCacheKey']>[0];

export function claimCacheKey(connection: Connection, request: ClaimRequest): CacheClaim {
  // A hit writes nothing, so it is looked for without the write lock first.
  const hit = connection.read(() => findHit(connection, request));
  return hit ?? connection.write(() => findHit(connection, request) ?? claim(connection, request));
}

function findHit(connection: Connection, request: ClaimRequest): CacheClaim | null {
  if (request.refresh) return null;
  const entry = findEntry(connection, request.key);
  return entry !== null && !isExpired(entry, request.now) ? { status: 'hit', entry } : null;
}

function isExpired(entry: CacheEntry, now: Instant): boolean {
  return entry.expiresAt !== null && entry.expiresAt <= now;
}

function claim(connection: Connection, request: ClaimRequest): CacheClaim {
  const row = connection.statement('SELECT * FROM cache_claim WHERE key = ?').get(request.key);
  if (row) {
    const { process_id: processId, task_run_id: holder } = row as unknown as CacheClaimRow;
    const isOwn = readId(processId) === request.processId;
    if (!isOwn && request.isAlive(findProcess(connection, processId as Uint8Array))) {
      return { status: 'busy', holder: readId<TaskRunId>(holder) };
    }
  }
  connection
    .statement('INSERT OR REPLACE INTO cache_claim (key, task_run_id, process_id, claimed_at) VALUES (?, ?, ?, ?)')
    .run(request.key, uuidBytes(request.taskRunId), uuidBytes(request.processId), request.now);
  return { status: 'claimed', nearest: findEntry(connection, request.key) ?? findNewest(connection, request.taskKey) };
}

function findEntry(connection: Connection, key: string): CacheEntry | null {
  const row = connection.statement('SELECT * FROM cache_entry WHERE key = ?').get(key);
  return row ? readCacheEntryRow(row as unknown as CacheEntryRow) : null;
}

function findNewest(connection: Connection, taskKey: string): CacheEntry | null {
  const row = connection.statement('SELECT * FROM cache_entry WHERE task_key = ? ORDER BY created_at DESC LIMIT 1').get(taskKey);
  return row ? readCacheEntryRow(row as unknown as CacheEntryRow) : null;
}

export function settleCacheClaim(connection: Connection, settled: Parameters<CacheStorage['settleCacheClaim']>[0]): void {
  const { key, taskRunId, processId, entry } = settled;
  connection.write(() => {
    if (entry) {
      // Who lost the claim may settle late: a newer entry stays.
      connection
        .statement(
          `INSERT INTO cache_entry (key, task_key, task_run_id, parts, data, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (key) DO UPDATE SET task_key = excluded.task_key, task_run_id = excluded.task_run_id, parts = excluded.parts,
          data = excluded.data, created_at = excluded.created_at, expires_at = excluded.expires_at
          WHERE excluded.created_at >= cache_entry.created_at`,
        )
        .run(
          key, entry.taskKey, uuidBytes(entry.taskRunId), JSON.stringify(entry.parts), JSON.stringify(entry.data),
          entry.createdAt, entry.expiresAt,
        );
    } else {
      // Kept before, and taken back since: a transaction that kept at once was rolled back.
      connection.statement('DELETE FROM cache_entry WHERE key = ? AND task_run_id = ?').run(key, uuidBytes(taskRunId));
    }
    connection.statement('DELETE FROM cache_claim WHERE key = ? AND task_run_id = ? AND process_id = ?').run(key, uuidBytes(taskRunId), uuidBytes(processId));
  });
}
