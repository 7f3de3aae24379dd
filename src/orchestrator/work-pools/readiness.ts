/** What was ready for work and is not any more: workers, pools and queues that nobody heard of for a while. */

import type { WorkQueueId } from '../../core/ids.ts';
import type { EntityByNoun, Condition } from '../../core/query.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import { POLLED_LATELY_SECONDS, queueStatus } from '../../core/work-pool-rules.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { queueEvent } from './events.ts';
import { markDesertedPool, markSilentWorker } from './workers.ts';

/** As many of each at a time; what is left comes with the next call. */
const PAGE = 1000;

/** Returns how many workers, pools and queues were marked. Nothing is written where nothing has changed. */
export async function markUnready(ports: OrchestratorPorts, now: Instant): Promise<number> {
  let marked = 0;
  const online: Condition = { op: 'eq', field: 'status', value: 'ONLINE' };
  for (const worker of await first(ports, 'worker', online, 'lastHeartbeat'))
    if (await markSilentWorker(ports, worker, now)) marked += 1;
  const ready: Condition = { op: 'eq', field: 'status', value: 'READY' };
  for (const pool of await first(ports, 'work_pool', ready, 'createdAt'))
    if (await markDesertedPool(ports, pool, now)) marked += 1;
  const longAgo: Condition = { op: 'lt', field: 'lastPolled', value: addSeconds(now, -POLLED_LATELY_SECONDS) };
  for (const { id } of await first(ports, 'work_queue', { op: 'and', of: [ready, longAgo] }, 'lastPolled'))
    if (await markUnpolledQueue(ports, id, now)) marked += 1;
  return marked;
}

async function first<N extends 'worker' | 'work_pool' | 'work_queue'>(
  { storage }: OrchestratorPorts,
  noun: N,
  where: Condition,
  field: string,
): Promise<readonly EntityByNoun[N][]> {
  return storage.find(noun, { where, sort: [{ field, direction: 'asc' }], limit: PAGE, offset: 0 });
}

async function markUnpolledQueue(
  { storage, ids }: OrchestratorPorts,
  queueId: WorkQueueId,
  now: Instant,
): Promise<boolean> {
  return storage.changeWorkPool<boolean>({ queueId }, (facts) => {
    const queue = facts?.queues.find(({ id }) => id === queueId);
    if (facts === null || queue?.status !== 'READY' || queueStatus(queue, now) === 'READY') return { answer: false };
    return {
      queues: [{ ...queue, status: 'NOT_READY' }],
      events: [queueEvent(ids, facts.pool, queue, 'NOT_READY', now)],
      answer: true,
    };
  });
}
