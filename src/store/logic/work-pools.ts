/** Work pools, their queues, and workers. */

import { OstinatoError } from '../../core/errors.ts';
import type { QueueInPool, Worker, WorkPool, WorkQueue } from '../../core/work-pool.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { idOrNull, lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import type {
  WorkerChange,
  WorkerFacts,
  WorkPoolChange,
  WorkPoolFacts,
  WorkPoolKey,
  WorkPoolStorage,
} from '../port/work-pools.ts';
import { readWorkerRow, readWorkPoolRow, readWorkQueueRow, type WorkQueueRow } from '../rows/work-pool.ts';
import { freeLeases } from './concurrency.ts';
import { insertEvents } from './events.ts';

export function workPoolsOn(database: Database): WorkPoolStorage {
  return {
    readWorkPool: (key) => database.read((db) => findFacts(db, key)),
    changeWorkPool: (key, change) => database.write((db) => changeWorkPool(db, key, change)),
    changeWorker: ({ pool, name }, change) => database.write((db) => changeWorker(db, pool, name, change)),
  };
}

/** A queue with its pool. */
export function* findQueueInPool(db: Statements, id: IdValue): Work<QueueInPool | null> {
  const queue = yield* db.one('SELECT * FROM work_queue WHERE id = ?', readWorkQueueRow, id);
  const pool =
    queue && (yield* db.one('SELECT * FROM work_pool WHERE id = ?', readWorkPoolRow, uuidBytes(queue.workPoolId)));
  return queue && pool && { pool, queue };
}

function* findPool(db: Statements, key: WorkPoolKey): Work<WorkPool | null> {
  if ('name' in key) return yield* db.one('SELECT * FROM work_pool WHERE name = ?', readWorkPoolRow, key.name);
  if ('id' in key) return yield* db.one('SELECT * FROM work_pool WHERE id = ?', readWorkPoolRow, lookupBytes(key.id));
  return yield* db.one(
    'SELECT work_pool.* FROM work_queue JOIN work_pool ON work_pool.id = work_queue.work_pool_id WHERE work_queue.id = ?',
    readWorkPoolRow,
    lookupBytes(key.queueId),
  );
}

function* findFacts(db: Statements, key: WorkPoolKey): Work<WorkPoolFacts | null> {
  const pool = yield* findPool(db, key);
  if (pool === null) return null;
  const id = uuidBytes(pool.id);
  const queues = yield* db.all<WorkQueueRow>(
    'SELECT * FROM work_queue WHERE work_pool_id = ? ORDER BY priority, id',
    id,
  );
  const online = yield* db.get(`SELECT 1 FROM worker WHERE work_pool_id = ? AND status = 'ONLINE' LIMIT 1`, id);
  return { pool, queues: queues.map(readWorkQueueRow), hasOnlineWorker: online !== undefined };
}

function* changeWorkPool<Answer>(
  db: Statements,
  key: WorkPoolKey,
  change: (facts: WorkPoolFacts | null) => WorkPoolChange<Answer>,
): Work<Answer> {
  const facts = yield* findFacts(db, key);
  const { pool, queues = [], deletedQueues = [], events = [], answer } = change(facts);
  if (pool === null && facts !== null) yield* deletePool(db, facts);
  else if (pool) yield* writePool(db, pool);
  for (const id of deletedQueues) yield* deleteQueue(db, uuidBytes(id));
  for (const queue of queues) yield* writeQueue(db, queue);
  yield* insertEvents(db, events);
  return answer;
}

function* changeWorker<Answer>(
  db: Statements,
  key: WorkPoolKey,
  name: string,
  change: (facts: WorkerFacts | null) => WorkerChange<Answer>,
): Work<Answer> {
  const found = yield* findPool(db, key);
  const there =
    found &&
    (yield* db.one(
      'SELECT * FROM worker WHERE work_pool_id = ? AND name = ?',
      readWorkerRow,
      uuidBytes(found.id),
      name,
    ));
  const { worker, pool, events = [], answer } = change(found && { pool: found, worker: there });
  if (worker === null && there) yield* db.run('DELETE FROM worker WHERE id = ?', uuidBytes(there.id));
  else if (worker) yield* writeWorker(db, worker);
  if (pool) yield* writePool(db, pool);
  yield* insertEvents(db, events);
  return answer;
}

function* deletePool(db: Statements, { pool, queues }: WorkPoolFacts): Work<void> {
  for (const { id } of queues) yield* deleteQueue(db, uuidBytes(id));
  yield* freeLeases(db, uuidBytes(pool.id));
  yield* db.run('DELETE FROM worker WHERE work_pool_id = ?', uuidBytes(pool.id));
  yield* db.run('DELETE FROM work_pool WHERE id = ?', uuidBytes(pool.id));
}

function* deleteQueue(db: Statements, id: IdValue): Work<void> {
  if ((yield* db.run('UPDATE flow_run SET work_queue_id = NULL WHERE work_queue_id = ?', id)) > 0)
    db.forgetFlowRun(null);
  yield* db.run('UPDATE deployment SET work_queue_id = NULL WHERE work_queue_id = ?', id);
  yield* freeLeases(db, id);
  yield* db.run('DELETE FROM work_queue WHERE id = ?', id);
}

function upsert(table: string, columns: readonly string[]): string {
  const changed = columns.slice(1).map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT (id) DO UPDATE SET ${changed.join(', ')}`;
}

const WRITE_POOL = upsert('work_pool', [
  'id',
  'name',
  'description',
  'type',
  'base_job_template',
  'is_paused',
  'concurrency_limit',
  'status',
  'default_queue_id',
  'storage_configuration',
  'status_event_id',
  'status_at',
  'created_at',
  'updated_at',
]);

function* writePool(db: Statements, pool: WorkPool): Work<void> {
  const id = uuidBytes(pool.id);
  if ((yield* db.get('SELECT 1 FROM work_pool WHERE name = ? AND id <> ?', pool.name, id)) !== undefined)
    throw new OstinatoError('conflict', 'A work pool with this name already exists.');
  yield* db.run(
    WRITE_POOL,
    id,
    pool.name,
    pool.description,
    pool.type,
    pool.baseJobTemplate,
    pool.isPaused ? 1 : 0,
    pool.concurrencyLimit,
    pool.status,
    uuidBytes(pool.defaultQueueId),
    pool.storageConfiguration,
    idOrNull(pool.statusEventId),
    pool.statusAt,
    pool.createdAt,
    pool.updatedAt,
  );
}

const WRITE_QUEUE = upsert('work_queue', [
  'id',
  'work_pool_id',
  'name',
  'description',
  'is_paused',
  'concurrency_limit',
  'priority',
  'filter',
  'last_polled',
  'status',
  'created_at',
  'updated_at',
]);

function* writeQueue(db: Statements, queue: WorkQueue): Work<void> {
  const [id, poolId] = [uuidBytes(queue.id), uuidBytes(queue.workPoolId)];
  const taken = yield* db.get(
    'SELECT 1 FROM work_queue WHERE work_pool_id = ? AND name = ? AND id <> ?',
    poolId,
    queue.name,
    id,
  );
  if (taken !== undefined) throw new OstinatoError('conflict', 'A work queue with this name already exists.');
  yield* db.run(
    WRITE_QUEUE,
    id,
    poolId,
    queue.name,
    queue.description,
    queue.isPaused ? 1 : 0,
    queue.concurrencyLimit,
    queue.priority,
    queue.filter,
    queue.lastPolled,
    queue.status,
    queue.createdAt,
    queue.updatedAt,
  );
}

const WRITE_WORKER = upsert('worker', [
  'id',
  'work_pool_id',
  'name',
  'last_heartbeat',
  'heartbeat_interval_seconds',
  'status',
  'created_at',
  'updated_at',
]);

function* writeWorker(db: Statements, worker: Worker): Work<void> {
  yield* db.run(
    WRITE_WORKER,
    uuidBytes(worker.id),
    uuidBytes(worker.workPoolId),
    worker.name,
    worker.lastHeartbeat,
    worker.heartbeatIntervalSeconds,
    worker.status,
    worker.createdAt,
    worker.updatedAt,
  );
}
