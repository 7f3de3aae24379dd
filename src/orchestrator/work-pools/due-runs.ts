/** What a worker or an agent is given that asks for work. */

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { WorkQueueId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { allOf, type Condition } from '../../core/query.ts';
import type { StateType } from '../../core/state.ts';
import type { WorkPool, WorkQueue } from '../../core/work-pool.ts';
import { deliveries, type Delivery, type QueueFacts } from '../../core/work-pool-rules.ts';
import type { WorkPoolFacts } from '../../store/port/work-pools.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { notePoll } from '../deployments/polling.ts';
import { findDue, type DueWindow } from './due-order.ts';
import { queueEvent } from './events.ts';
import { poolMissing } from './pools.ts';
import { queueMissing } from './queues.ts';

/** Runs of queues of old, which are no queue's by name, hold no lease: they count while they are in these states. */
const SLOT_HOLDING_STATES: readonly StateType[] = ['PENDING', 'RUNNING'];

export interface DueRunsRequest extends DueWindow {
  readonly poolName: string;
  /** Empty: all of the pool. */
  readonly queueNames: readonly string[];
}

export interface DueRuns {
  readonly pool: WorkPool;
  readonly given: readonly Delivery<FlowRun>[];
}

/** `not-found` for no such pool or queue. Notes that the queues were asked. */
export async function takeDueRuns(ports: OrchestratorPorts, request: DueRunsRequest): Promise<DueRuns> {
  const { poolName, queueNames } = request;
  const facts = await ports.storage.readWorkPool({ name: poolName });
  if (facts === null) throw poolMissing(poolName);
  const missing = queueNames.find((name) => !facts.queues.some((queue) => queue.name === name));
  if (missing !== undefined) throw queueMissing(poolName, missing);
  const asked = facts.queues.filter(({ name }) => queueNames.length === 0 || queueNames.includes(name));
  const given = await dueIn(ports, facts, asked, request);
  await notePolls(ports, facts, asked);
  return { pool: facts.pool, given };
}

/**
 * As `takeDueRuns`, of one queue.
 * @param isPoll whether it is asked for work, and not only looked at
 */
export async function takeDueRunsOfQueue(
  ports: OrchestratorPorts,
  queueId: WorkQueueId,
  window: DueWindow,
  isPoll: boolean,
): Promise<readonly FlowRun[]> {
  const facts = await ports.storage.readWorkPool({ queueId });
  const queue = facts?.queues.find(({ id }) => id === queueId);
  if (facts === null || queue === undefined)
    throw new OstinatoError('not-found', `Work queue with id ${queueId} not found.`);
  const given = await dueIn(ports, facts, [queue], window);
  if (isPoll) await notePolls(ports, facts, [queue]);
  return given.map(({ run }) => run);
}

/** How many slots of each queue are taken. */
export async function countSlots(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  queues: readonly WorkQueue[],
): Promise<ReadonlyMap<WorkQueueId, number>> {
  const holding: Condition = { op: 'in', field: 'stateType', values: SLOT_HOLDING_STATES };
  const counts = new Map<WorkQueueId, number>();
  const named = queues.filter(({ filter }) => filter === null).map(({ id }) => id);
  for (const [id, held] of await storage.countLeases(named)) counts.set(id as WorkQueueId, held);
  for (const queue of queues)
    if (queue.filter !== null)
      counts.set(queue.id, await storage.count('flow_run', allOf([...runsOf(queue), holding])));
  return counts;
}

/** Runs of a queue that hold a slot, those that hold it the longest first. */
export async function findSlotHolders(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  queue: WorkQueue,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly FlowRun[]> {
  if (queue.filter !== null) {
    const holding: Condition = { op: 'in', field: 'stateType', values: SLOT_HOLDING_STATES };
    const where = allOf([...runsOf(queue), holding]);
    return storage.find('flow_run', { where, sort: [{ field: 'id', direction: 'asc' }], limit, offset });
  }
  const { leases } = await storage.readSlots({ leasesOn: [queue.id], leasesMax: offset + limit });
  const values = leases.slice(offset).flatMap(({ holder }) => (holder === null ? [] : [holder.id]));
  if (values.length === 0) return [];
  const where: Condition = { op: 'in', field: 'id', values };
  const runs = await storage.find('flow_run', { where, sort: [], limit: values.length, offset: 0 });
  return runs.toSorted((a, b) => values.indexOf(a.id) - values.indexOf(b.id));
}

/** How many runs of a queue are due for a while, and not taken. */
export function countLateRuns({ storage }: Pick<OrchestratorPorts, 'storage'>, queue: WorkQueue): MaybePromise<number> {
  const late: readonly Condition[] = [
    { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
    { op: 'eq', field: 'stateName', value: 'Late' },
  ];
  return storage.count('flow_run', allOf([...runsOf(queue), ...late]));
}

/** What the limits let these queues give of what is due in the window. */
export async function dueIn(
  ports: OrchestratorPorts,
  { pool, queues }: WorkPoolFacts,
  asked: readonly WorkQueue[],
  { before, after, limit }: DueWindow,
): Promise<readonly Delivery<FlowRun>[]> {
  const open = asked.filter(({ isPaused }) => !isPaused);
  if (pool.isPaused || open.length === 0 || limit === 0) return [];
  const slots = await countSlots(ports, queues);
  const facts: QueueFacts<FlowRun>[] = [];
  let found = 0;
  // By priority: what comes after a full answer would not be given.
  for (const queue of open) {
    if (found >= limit) break;
    const due = await findDue(ports, [...runsOf(queue), ...DUE], { before, after, limit: limit - found });
    const activeSlots = slots.get(queue.id) ?? 0;
    facts.push({ queue, due, activeSlots });
    found += Math.min(due.length, Math.max(0, (queue.concurrencyLimit ?? Number.MAX_SAFE_INTEGER) - activeSlots));
  }
  const active = [...slots.values()].reduce((sum, count) => sum + count, 0);
  return deliveries(pool, active, facts, limit);
}

/** Of runs that somebody may take, whenever they are due. */
export const DUE: readonly Condition[] = [
  { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
  // Its own process waits for the next attempt.
  {
    op: 'or',
    of: [
      { op: 'isNull', field: 'retryType', isNull: true },
      { op: 'notIn', field: 'retryType', values: ['in_process'] },
    ],
  },
];

/** Which runs are a queue's. */
export function runsOf({ id, filter }: WorkQueue): readonly Condition[] {
  if (filter === null) return [{ op: 'eq', field: 'workQueueId', value: id }];
  const { tags, deployment_ids: deployments } = JSON.parse(filter) as {
    readonly tags?: readonly string[] | null;
    readonly deployment_ids?: readonly string[] | null;
  };
  return [
    { op: 'isNull', field: 'deploymentId', isNull: false },
    ...(tags ? [{ op: 'hasAll', field: 'tags', values: tags } as const] : []),
    ...(deployments ? [{ op: 'in', field: 'deploymentId', values: deployments } as const] : []),
  ];
}

async function notePolls(
  { storage, clock, ids }: OrchestratorPorts,
  { pool }: WorkPoolFacts,
  asked: readonly WorkQueue[],
): Promise<void> {
  const now = clock.now();
  await notePoll({ storage, clock, ids }, { queueIds: asked.map(({ id }) => id) });
  const polled = new Set(asked.map(({ id }) => id));
  await storage.changeWorkPool<void>({ id: pool.id }, (facts) => {
    if (facts === null) return { answer: undefined };
    const there = facts.queues.filter(({ id }) => polled.has(id));
    const newlyReady = there.filter(({ status }) => status === 'NOT_READY');
    return {
      queues: there.map((queue) => ({
        ...queue,
        lastPolled: now,
        status: queue.status === 'NOT_READY' ? 'READY' : queue.status,
      })),
      events: newlyReady.map((queue) => queueEvent(ids, facts.pool, queue, 'READY', now)),
      answer: undefined,
    };
  });
}
