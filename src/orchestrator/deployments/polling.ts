/** Who asks for the runs of deployments: while somebody does, they are ready. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentId } from '../../core/ids.ts';
import type { Condition } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { findDue } from '../work-pools/due-order.ts';
import { deploymentStatusEvent } from './events.ts';

/** Runs of these deployments that are due by then. */
export async function pollDeployments(
  ports: OrchestratorPorts,
  ids: readonly DeploymentId[],
  before: Instant | null,
  limit: number,
): Promise<readonly FlowRun[]> {
  const where: readonly Condition[] = [
    { op: 'exists', noun: 'deployment', where: { op: 'in', field: 'id', values: ids } },
    { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
  ];
  const runs = await findDue(ports, where, { before, after: null, limit });
  await notePoll(ports, { ids });
  return runs;
}

/** Somebody asked for the runs of these deployments, or of all in these queues. */
export async function notePoll(
  { storage, clock, ids }: Pick<OrchestratorPorts, 'storage' | 'clock' | 'ids'>,
  polled: Parameters<OrchestratorPorts['storage']['pollDeployments']>[0],
): Promise<void> {
  const now = clock.now();
  await storage.pollDeployments(polled, now, (deployment, flow, queue) =>
    deploymentStatusEvent(ids, deployment, { flow, queue }, now),
  );
}

/** As many at a time; what is left comes with the next call. */
const DEPLOYMENTS_MAX = 200;

/** Nobody has asked for their runs since `before`: they are not ready any more. Answers how many. */
export async function endReadiness({ storage, clock, ids }: OrchestratorPorts, before: Instant): Promise<number> {
  let ended = 0;
  for (const id of await storage.listUnpolledDeployments(before, DEPLOYMENTS_MAX)) {
    const now = clock.now();
    const isEnded = await storage.changeDeployment<boolean>({ id }, ({ found }) => {
      const polled = found?.deployment.lastPolledAt ?? null;
      if (!found?.deployment.isReady || polled === null || polled > before) return { answer: false };
      const deployment = { ...found.deployment, isReady: false };
      return { deployment, events: [deploymentStatusEvent(ids, deployment, found, now)], answer: true };
    });
    if (isEnded) ended += 1;
  }
  return ended;
}
