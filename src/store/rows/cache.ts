import type { CacheEntry, CacheKeyParts } from '../../core/cache-record.ts';
import type { TaskRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { ValueRef } from '../../core/value.ts';
import { readId, type IdValue } from '../id-value.ts';

export interface CacheEntryRow {
  readonly key: string;
  readonly task_key: string;
  readonly task_run_id: IdValue;
  /** JSON. */
  readonly parts: string;
  /** JSON. */
  readonly data: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

export interface CacheClaimRow {
  readonly key: string;
  readonly task_run_id: IdValue;
  readonly process_id: IdValue;
  readonly claimed_at: number;
}

export function readCacheEntryRow(row: CacheEntryRow): CacheEntry {
  return {
    key: row.key,
    taskKey: row.task_key,
    taskRunId: readId<TaskRunId>(row.task_run_id),
    parts: JSON.parse(row.parts) as CacheKeyParts,
    data: JSON.parse(row.data) as ValueRef,
    createdAt: row.created_at as Instant,
    expiresAt: row.expires_at as Instant | null,
  };
}
