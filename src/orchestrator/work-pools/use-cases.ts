/** What is done with work pools, their queues and workers. */

import type { Actor } from '../../core/actor.ts';
import type { Deployment } from '../../core/deployment.ts';
import { readPause, type PausedNoun } from '../pauses.ts';
import type { WorkQueueId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { WorkQueue } from '../../core/work-pool.ts';
import type { WorkPoolKey } from '../../store/port/work-pools.ts';
import type { OrchestratorPorts } from '../ports.ts';
import {
  countLateRuns,
  countSlots,
  findSlotHolders,
  takeDueRuns,
  takeDueRunsOfQueue,
  type DueRunsRequest,
} from './due-runs.ts';
import { lookForDue, type DueSelection } from './look-for-due.ts';
import { createWorkPool, deleteWorkPool, updateWorkPool, type CreateWorkPool, type UpdateWorkPool } from './pools.ts';
import {
  createAgentQueue,
  createWorkQueue,
  deleteWorkQueue,
  ensureWorkQueue,
  updateWorkQueue,
  type CreateWorkQueue,
  type UpdateWorkQueue,
  type WorkQueueKey,
} from './queues.ts';
import { queuesFor } from './queues-for.ts';
import { markUnready } from './readiness.ts';
import { beatWorker, forgetWorker, type WorkerBeat } from './workers.ts';

export function workPoolUseCases(ports: OrchestratorPorts) {
  return {
    createWorkPool: (request: CreateWorkPool) => createWorkPool(ports, request),
    /** With its queues, by priority. */
    readWorkPool: (key: WorkPoolKey) => ports.storage.readWorkPool(key),
    updateWorkPool: (name: string, change: UpdateWorkPool, actor?: Actor) => updateWorkPool(ports, name, change, actor),
    readPause: (noun: PausedNoun, id: string) => readPause(ports, noun, id),
    deleteWorkPool: (name: string) => deleteWorkPool(ports, name),

    createWorkQueue: (poolName: string, request: CreateWorkQueue) => createWorkQueue(ports, poolName, request),
    createAgentQueue: (request: CreateWorkQueue) => createAgentQueue(ports, request),
    ensureWorkQueue: (poolName: string | null, queueName: string | null) => ensureWorkQueue(ports, poolName, queueName),
    updateWorkQueue: (key: WorkQueueKey, change: UpdateWorkQueue, actor?: Actor) =>
      updateWorkQueue(ports, key, change, actor),
    deleteWorkQueue: (key: WorkQueueKey) => deleteWorkQueue(ports, key),
    queuesFor: (deployment: Deployment) => queuesFor(ports, deployment),
    countSlots: (queues: readonly WorkQueue[]) => countSlots(ports, queues),
    findSlotHolders: (queue: WorkQueue, page: Parameters<typeof findSlotHolders>[2]) =>
      findSlotHolders(ports, queue, page),
    countLateRuns: (queue: WorkQueue) => countLateRuns(ports, queue),

    takeDueRuns: (request: DueRunsRequest) => takeDueRuns(ports, request),
    lookForDue: (selection: DueSelection, limit: number) => lookForDue(ports, selection, limit),
    takeDueRunsOfQueue: (
      id: WorkQueueId,
      window: Pick<DueRunsRequest, 'before' | 'after' | 'limit'>,
      isPoll: boolean,
    ) => takeDueRunsOfQueue(ports, id, window, isPoll),

    beatWorker: (beat: WorkerBeat) => beatWorker(ports, beat),
    forgetWorker: (poolName: string, name: string) => forgetWorker(ports, poolName, name),
    markUnready: (now: Instant) => markUnready(ports, now),
  };
}
