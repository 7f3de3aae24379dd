/** Reads what a run that waits is waiting for: see `core/waiting.ts`. */

import { keyOfRun } from '../core/concurrency/concurrency-key.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { allOf, type Condition } from '../core/query.ts';
import { priorityOf, RUN_PRIORITY_DEFAULT } from '../core/run-priority.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import { addSeconds } from '../core/time.ts';
import {
  limitReasons,
  waitReasons,
  type HeldLimit,
  type NearPool,
  type WaitingFacts,
  type WaitReason,
} from '../core/waiting.ts';
import type { WorkQueueId } from '../core/ids.ts';
import { POLLED_LATELY_SECONDS } from '../core/work-pool-rules.ts';
import type { DeploymentRecord } from '../store/port/deployments.ts';
import type { WorkPoolFacts } from '../store/port/work-pools.ts';
import { heldOfDeployment, heldOfPlace, readHeldLimit } from './concurrency/holders.ts';
import { readPause } from './pauses.ts';
import type { OrchestratorPorts } from './ports.ts';
import { DUE_TIME } from './work-pools/due-order.ts';

/** Workers of a pool, and pools near it, that are looked at. */
const WORKERS_MAX = 50;

/** Empty for a run that is not scheduled. */
export async function readWaitReasons(ports: OrchestratorPorts, run: FlowRun): Promise<readonly WaitReason[]> {
  if (run.state.type !== 'SCHEDULED') return [];
  const { storage } = ports;
  const now = ports.clock.now();
  const { deploymentId = null, workQueueId = null } = run.submission ?? {};
  const deployment = deploymentId === null ? null : await storage.readDeployment({ id: deploymentId });
  const facts = workQueueId === null ? null : await storage.readWorkPool({ queueId: workQueueId });
  return waitReasons({
    now,
    run,
    place: facts && workQueueId && (await placeOf(ports, run, facts, workQueueId, now)),
    near: run.runner === 'worker' ? await nearTo(ports, facts) : [],
    deployment: deployment && {
      name: nameOf(deployment),
      isReady: deployment.deployment.isReady,
      lastPolledAt: deployment.deployment.lastPolledAt,
    },
    limits: await limitsOf(ports, deployment, facts, workQueueId, keyOfRun(run)),
  });
}

/** The limits on the tags of a task run that has not begun, or begins again. */
export async function readTagWaits(ports: OrchestratorPorts, run: TaskRun): Promise<readonly WaitReason[]> {
  if (run.state.type !== 'PENDING' && run.state.type !== 'SCHEDULED') return [];
  const limits: HeldLimit[] = [];
  for (const name of run.tags) {
    const limit = await readHeldLimit(ports, { what: 'tag', name });
    if (limit !== null) limits.push(limit);
  }
  return limitReasons({ limits, now: ports.clock.now() });
}

function nameOf({ flow, deployment }: DeploymentRecord): string {
  return `${flow.name}/${deployment.name}`;
}

async function limitsOf(
  ports: OrchestratorPorts,
  deployment: DeploymentRecord | null,
  place: WorkPoolFacts | null,
  queueId: WorkQueueId | null,
  key: string | null,
): Promise<readonly HeldLimit[]> {
  const queue = place?.queues.find(({ id }) => id === queueId) ?? null;
  const found = [
    deployment && (await heldOfDeployment(ports, deployment.deployment, nameOf(deployment), key)),
    place && (await heldOfPlace(ports, 'work pool', place.pool, place.pool.name)),
    queue && (await heldOfPlace(ports, 'work queue', queue, queue.name)),
  ];
  return found.filter((limit) => limit !== null);
}

async function placeOf(
  ports: OrchestratorPorts,
  run: FlowRun,
  { pool, queues }: WorkPoolFacts,
  queueId: WorkQueueId,
  now: Instant,
): Promise<WaitingFacts['place']> {
  const queue = queues.find(({ id }) => id === queueId);
  if (queue === undefined || run.state.type !== 'SCHEDULED') return null;
  const { storage } = ports;
  const workers = await storage.find('worker', {
    where: { op: 'eq', field: 'workPoolId', value: pool.id },
    sort: [{ field: 'lastHeartbeat', direction: 'desc' }],
    limit: WORKERS_MAX,
    offset: 0,
  });
  const lately = addSeconds(now, -POLLED_LATELY_SECONDS);
  const waiting: readonly Condition[] = [
    { op: 'eq', field: 'workQueueId', value: queue.id },
    { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
  ];
  const { sooner, same } = beside(priorityOf(run));
  const aheadByPriority = await storage.count(
    'flow_run',
    allOf([...waiting, sooner, { op: 'le', field: DUE_TIME, value: now }]),
  );
  const aheadByTime = await storage.count(
    'flow_run',
    allOf([...waiting, same, { op: 'lt', field: DUE_TIME, value: run.state.scheduledTime }]),
  );
  const poolPause = pool.isPaused ? await readPause(ports, 'work-pool', pool.id) : null;
  const queuePause = queue.isPaused ? await readPause(ports, 'work-queue', queue.id) : null;
  return {
    pool,
    queue,
    poolPausedAt: poolPause?.at ?? (pool.status === 'PAUSED' ? pool.statusAt : null),
    queuePausedAt: queuePause?.at ?? null,
    poolPausedBy: poolPause ?? undefined,
    queuePausedBy: queuePause ?? undefined,
    workers: workers.map(({ name, status, lastHeartbeat }) => ({ name, isOnline: status === 'ONLINE', lastHeartbeat })),
    askedQueues: queues.flatMap(({ id, name, lastPolled }) =>
      id !== queue.id && lastPolled !== null && lastPolled >= lately ? [name] : [],
    ),
    aheadByPriority,
    aheadByTime,
  };
}

/** Runs of a lower priority, and of the same one. The ordinary one is not written. */
function beside(priority: number): { readonly sooner: Condition; readonly same: Condition } {
  const lower: Condition = { op: 'lt', field: 'priority', value: priority };
  const ordinary: Condition = { op: 'isNull', field: 'priority', isNull: true };
  return {
    sooner: priority > RUN_PRIORITY_DEFAULT ? { op: 'or', of: [lower, ordinary] } : lower,
    same: priority === RUN_PRIORITY_DEFAULT ? ordinary : { op: 'eq', field: 'priority', value: priority },
  };
}

/** Other pools with workers: of the type of the run's own pool, or, when it is in none, of any. */
async function nearTo({ storage }: OrchestratorPorts, own: WorkPoolFacts | null): Promise<readonly NearPool[]> {
  const online = await storage.countBy('worker', 'workPoolId', { op: 'eq', field: 'status', value: 'ONLINE' });
  const values = [...online.keys()].filter((id) => id !== null && id !== own?.pool.id).slice(0, WORKERS_MAX);
  if (values.length === 0) return [];
  const pools = await storage.find('work_pool', {
    where: { op: 'in', field: 'id', values },
    sort: [{ field: 'name', direction: 'asc' }],
    limit: WORKERS_MAX,
    offset: 0,
  });
  return pools
    .filter(({ type }) => own === null || type === own.pool.type)
    .map(({ id, name, type }) => ({ name, type, workersOnline: online.get(id) ?? 0 }));
}
