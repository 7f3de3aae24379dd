import type { WorkerId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { Worker, WorkPool } from '../../core/work-pool.ts';
import { isSilent, poolStatus } from '../../core/work-pool-rules.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { withStatusTold } from './events.ts';
import { poolMissing } from './pools.ts';

export interface WorkerBeat {
  readonly poolName: string;
  readonly name: string;
  /** `null`: not said; what it said before counts. */
  readonly intervalSeconds: number | null;
}

/** The worker is there: its pool is ready for work. `not-found` for no such pool. */
export function beatWorker(ports: OrchestratorPorts, beat: WorkerBeat): MaybePromise<Worker> {
  const { storage, clock, ids } = ports;
  const now = clock.now();
  return storage.changeWorker<Worker>({ pool: { name: beat.poolName }, name: beat.name }, (facts) => {
    if (facts === null) throw poolMissing(beat.poolName);
    const { pool, worker: there } = facts;
    const worker: Worker = {
      id: there?.id ?? ids.next<WorkerId>(),
      workPoolId: pool.id,
      name: beat.name,
      lastHeartbeat: now,
      heartbeatIntervalSeconds: beat.intervalSeconds ?? there?.heartbeatIntervalSeconds ?? null,
      status: 'ONLINE',
      createdAt: there?.createdAt ?? now,
      updatedAt: now,
    };
    if (pool.status !== 'NOT_READY') return { worker, answer: worker };
    return { worker, ...withStatusTold(ids, pool, { ...pool, status: poolStatus(pool, true) }, now), answer: worker };
  });
}

/** Returns whether it existed. `not-found` for no such pool. */
export function forgetWorker({ storage }: OrchestratorPorts, poolName: string, name: string): MaybePromise<boolean> {
  return storage.changeWorker<boolean>({ pool: { name: poolName }, name }, (facts) => {
    if (facts === null) throw poolMissing(poolName);
    return facts.worker === null ? { answer: false } : { worker: null, answer: true };
  });
}

/** Returns whether the worker counted as there until now, and has been silent for too long. */
export function markSilentWorker(
  { storage }: OrchestratorPorts,
  { workPoolId, name }: Worker,
  now: Instant,
): MaybePromise<boolean> {
  return storage.changeWorker<boolean>({ pool: { id: workPoolId }, name }, (facts) => {
    const worker = facts?.worker ?? null;
    if (worker?.status !== 'ONLINE' || !isSilent(worker, now)) return { answer: false };
    return { worker: { ...worker, status: 'OFFLINE' }, answer: true };
  });
}

/** Returns whether the pool counted as ready until now, and no worker is there. */
export function markDesertedPool(
  { storage, ids }: OrchestratorPorts,
  { id }: WorkPool,
  now: Instant,
): MaybePromise<boolean> {
  return chain(storage.readWorkPool({ id }), (seen) => {
    if (seen?.pool.status !== 'READY' || seen.hasOnlineWorker) return false;
    return storage.changeWorkPool<boolean>({ id }, (facts) => {
      if (facts?.pool.status !== 'READY' || facts.hasOnlineWorker) return { answer: false };
      const pool: WorkPool = { ...facts.pool, status: 'NOT_READY', updatedAt: now };
      return { ...withStatusTold(ids, facts.pool, pool, now), answer: true };
    });
  });
}
