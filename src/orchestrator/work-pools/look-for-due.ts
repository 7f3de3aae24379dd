/** What is due for whoever listens for runs, and when to look again. Nothing is noted: a look is no poll. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentId, WorkPoolId } from '../../core/ids.ts';
import { allOf, type Condition } from '../../core/query.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { DUE_TIME, findDue } from './due-order.ts';
import { DUE, dueIn, runsOf } from './due-runs.ts';
import { WAITS_FOR_TIME } from './early-claim.ts';
import { poolMissing } from './pools.ts';
import { queueMissing } from './queues.ts';

/** Whose runs somebody listens for. */
export type DueSelection =
  | {
      readonly poolName: string;
      /** Empty: all of the pool. */
      readonly queueNames: readonly string[];
      /** Runs that are due within so many seconds are told of, too, where they may be taken before their time. */
      readonly prefetchSeconds: number;
    }
  | { readonly deploymentIds: readonly DeploymentId[] };

export interface DueLook {
  /** Those that the limits let begin now, in the order of `due-order.ts`; behind them those that may be prepared. */
  readonly due: readonly FlowRun[];
  /** When the next one is to be told of; `null`: none is planned, or the pool is paused. */
  readonly nextAt: Instant | null;
  /** `null`: deployments were looked at. */
  readonly poolId: WorkPoolId | null;
}

/** `not-found` for no such pool or queue. */
export async function lookForDue(ports: OrchestratorPorts, selection: DueSelection, limit: number): Promise<DueLook> {
  const now = ports.clock.now();
  if ('deploymentIds' in selection) {
    const where: readonly Condition[] = [
      { op: 'exists', noun: 'deployment', where: { op: 'in', field: 'id', values: selection.deploymentIds } },
      ...DUE,
    ];
    const due = await findDue(ports, where, { before: now, after: null, limit });
    return { due, nextAt: await nextOf(ports, where, now), poolId: null };
  }
  const { poolName, queueNames, prefetchSeconds } = selection;
  const facts = await ports.storage.readWorkPool({ name: poolName });
  if (facts === null) throw poolMissing(poolName);
  const missing = queueNames.find((name) => !facts.queues.some((queue) => queue.name === name));
  if (missing !== undefined) throw queueMissing(poolName, missing);
  const asked = facts.queues.filter(({ name }) => queueNames.length === 0 || queueNames.includes(name));
  const given = await dueIn(ports, facts, asked, { before: now, after: null, limit });
  const until = addSeconds(now, prefetchSeconds);
  const open = facts.pool.isPaused ? [] : asked.filter(({ isPaused }) => !isPaused);
  const early: FlowRun[] = [];
  const times: Instant[] = [];
  for (const queue of open) {
    const where = [...runsOf(queue), ...DUE];
    const at = await nextOf(ports, where, now);
    if (at !== null) times.push(at);
    // A slot of a limit is for who runs.
    if (prefetchSeconds === 0 || (facts.pool.concurrencyLimit ?? queue.concurrencyLimit) !== null) continue;
    const plain: readonly Condition[] = [...where, { op: 'eq', field: 'stateName', value: WAITS_FOR_TIME }];
    const later = await nextOf(ports, plain, until);
    if (later !== null) times.push(addSeconds(later, -prefetchSeconds));
    early.push(...(await dueAfter(ports, plain, now, { until, limit: limit - given.length - early.length })));
  }
  const nextAt = times.length === 0 ? null : (Math.min(...times) as Instant);
  return { due: [...given.map(({ run }) => run), ...early], nextAt, poolId: facts.pool.id };
}

async function nextOf(ports: OrchestratorPorts, where: readonly Condition[], now: Instant): Promise<Instant | null> {
  const [next] = await dueAfter(ports, where, now, { until: null, limit: 1 });
  return next?.state.type === 'SCHEDULED' ? next.state.scheduledTime : null;
}

async function dueAfter(
  { storage }: OrchestratorPorts,
  where: readonly Condition[],
  now: Instant,
  { until, limit }: { readonly until: Instant | null; readonly limit: number },
): Promise<readonly FlowRun[]> {
  if (limit <= 0) return [];
  const inTime: readonly Condition[] = until === null ? [] : [{ op: 'le', field: DUE_TIME, value: until }];
  return await storage.find('flow_run', {
    where: allOf([...where, { op: 'gt', field: DUE_TIME, value: now }, ...inTime]),
    sort: [{ field: DUE_TIME, direction: 'asc' }],
    limit,
    offset: 0,
  });
}
