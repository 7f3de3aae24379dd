/** What a decision about the slots of a run's work pool and queue is taken on. */

import type { PoolSlots } from '../../core/concurrency/pool-slots.ts';
import type { FlowRunId, WorkPoolId, WorkQueueId } from '../../core/ids.ts';
import type { Statements, Work } from '../driver.ts';
import { readId, uuidBytes, type IdValue } from '../id-value.ts';
import { findSlots } from './concurrency.ts';

interface PlaceRow {
  readonly pool_id: IdValue;
  readonly pool_name: string;
  readonly pool_limit: number | null;
  readonly queue_name: string;
  readonly queue_limit: number | null;
}

const PLACE =
  'SELECT work_pool.id AS pool_id, work_pool.name AS pool_name, work_pool.concurrency_limit AS pool_limit, ' +
  'work_queue.name AS queue_name, work_queue.concurrency_limit AS queue_limit ' +
  'FROM work_queue JOIN work_pool ON work_pool.id = work_queue.work_pool_id WHERE work_queue.id = ?';

const HELD_BY_OTHERS =
  'SELECT count(*) AS held FROM concurrency_lease_limit JOIN concurrency_lease ON id = lease_id ' +
  'WHERE limit_id = ? AND (holder_id IS NULL OR holder_id <> ?)';

/** `null`: the queue is gone. */
export function* findPoolSlots(db: Statements, runId: FlowRunId, queueId: WorkQueueId): Work<PoolSlots | null> {
  const place = yield* db.get<PlaceRow>(PLACE, uuidBytes(queueId));
  if (place === undefined) return null;
  const poolId = readId<WorkPoolId>(place.pool_id);
  const limitIds = new Set<string>([poolId, queueId]);
  const { leases } = yield* findSlots(db, { holderId: runId });
  return {
    pool: { id: poolId, name: place.pool_name, concurrencyLimit: place.pool_limit },
    queue: { id: queueId, name: place.queue_name, concurrencyLimit: place.queue_limit },
    takenOfPool: yield* heldByOthers(db, place.pool_limit, place.pool_id, runId),
    takenOfQueue: yield* heldByOthers(db, place.queue_limit, uuidBytes(queueId), runId),
    leases: leases.filter((lease) => lease.limitIds.some((id) => limitIds.has(id))),
  };
}

/** Not counted where there is no limit. */
function* heldByOthers(db: Statements, limit: number | null, id: IdValue, runId: FlowRunId): Work<number> {
  if (limit === null) return 0;
  const row = yield* db.get<{ readonly held: number }>(HELD_BY_OTHERS, id, uuidBytes(runId));
  return Number(row?.held ?? 0);
}
