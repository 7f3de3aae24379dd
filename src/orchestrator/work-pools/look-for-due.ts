/** What is due for whoever listens for runs, and when to look again. Nothing is noted: a look is no poll. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentId, WorkPoolId } from '../../core/ids.ts';
import { allOf, type Condition } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { DUE, dueIn, runsOf } from './due-runs.ts';
import { poolMissing } from './pools.ts';
import { queueMissing } from './queues.ts';

/** Whose runs somebody listens for. */
export type DueSelection =
  | {
      readonly poolName: string;
      /** Empty: all of the pool. */
      readonly queueNames: readonly string[];
    }
  | { readonly deploymentIds: readonly DeploymentId[] };

export interface DueLook {
  /** Those that the limits let begin now: by priority, the longest due first. */
  readonly due: readonly FlowRun[];
  /** When the next one is due that is not yet; `null`: none is planned, or the pool is paused. */
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
    const due = await soonest(ports, [...where, { op: 'le', field: START, value: now }], limit);
    return { due, nextAt: await nextOf(ports, where, now), poolId: null };
  }
  const { poolName, queueNames } = selection;
  const facts = await ports.storage.readWorkPool({ name: poolName });
  if (facts === null) throw poolMissing(poolName);
  const missing = queueNames.find((name) => !facts.queues.some((queue) => queue.name === name));
  if (missing !== undefined) throw queueMissing(poolName, missing);
  const asked = facts.queues.filter(({ name }) => queueNames.length === 0 || queueNames.includes(name));
  const given = await dueIn(ports, facts, asked, { before: now, after: null, limit });
  const open = facts.pool.isPaused ? [] : asked.filter(({ isPaused }) => !isPaused);
  let nextAt: Instant | null = null;
  for (const queue of open) {
    const at = await nextOf(ports, [...runsOf(queue), ...DUE], now);
    if (at !== null && (nextAt === null || at < nextAt)) nextAt = at;
  }
  return { due: given.map(({ run }) => run), nextAt, poolId: facts.pool.id };
}

const START = 'nextScheduledStartTime';

async function nextOf(ports: OrchestratorPorts, where: readonly Condition[], now: Instant): Promise<Instant | null> {
  const [next] = await soonest(ports, [...where, { op: 'gt', field: START, value: now }], 1);
  return next?.state.type === 'SCHEDULED' ? next.state.scheduledTime : null;
}

function soonest({ storage }: OrchestratorPorts, where: readonly Condition[], limit: number) {
  return storage.find('flow_run', {
    where: allOf(where),
    sort: [{ field: START, direction: 'asc' }],
    limit,
    offset: 0,
  });
}
