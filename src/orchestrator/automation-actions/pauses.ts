/** Pauses what takes part in running flows, and lets it go on. Source: Prefect 3.9.1, `server/events/actions.py`. */

import type { Actor } from '../../core/actor.ts';
import type { AutomationId } from '../../core/automation.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { DeploymentId, WorkPoolId, WorkQueueId } from '../../core/ids.ts';
import { changeAutomation } from '../automations.ts';
import { pauseDeployment, resumeDeployment } from '../deployments/apply.ts';
import { updateWorkPool } from '../work-pools/pools.ts';
import { updateWorkQueue } from '../work-pools/queues.ts';
import { ActionRefused, targetId, tellTarget, type Acting } from './acting.ts';
import type { ActingPorts } from './ports.ts';
import { asked } from './refusals.ts';

export type Switch = (ports: ActingPorts, acting: Acting, isPaused: boolean) => Promise<string>;

export const switchDeployment: Switch = async (ports, acting, isPaused) => {
  const id = targetId(acting, 'deployment') as DeploymentId;
  tellTarget(acting.told, `prefect.deployment.${id}`);
  const change = isPaused ? pauseDeployment : resumeDeployment;
  await asked(acting, 200, async () => await change(ports, id, actorOf(acting)));
  return sentence('deployment', isPaused);
};

export const switchPool: Switch = async (ports, acting, isPaused) => {
  const id = targetId(acting, 'work-pool') as WorkPoolId;
  const found = await ports.storage.readWorkPool({ id });
  if (found === null) throw new ActionRefused(`Work pool ${id} not found`);
  const { name } = found.pool;
  tellTarget(acting.told, `prefect.work-pool.${id}`, name);
  await asked(acting, 204, async () => await updateWorkPool(ports, name, { isPaused }, actorOf(acting)));
  return sentence(`work pool ${name}`, isPaused);
};

export const switchQueue: Switch = async (ports, acting, isPaused) => {
  const id = targetId(acting, 'work-queue') as WorkQueueId;
  tellTarget(acting.told, `prefect.work-queue.${id}`);
  await asked(acting, 204, async () => await updateWorkQueue(ports, { id }, { isPaused }, actorOf(acting)));
  return sentence('work queue', isPaused);
};

export const switchAutomation: Switch = async (ports, acting, isPaused) => {
  const id = targetId(acting, 'automation') as AutomationId;
  tellTarget(acting.told, `prefect.automation.${id}`);
  await asked(acting, 204, async () => {
    if (!(await changeAutomation(ports, id, () => ({ isEnabled: !isPaused }), undefined)))
      throw new OstinatoError('not-found', 'Automation not found');
  });
  return sentence('automation', isPaused);
};

function sentence(what: string, isPaused: boolean): string {
  return `The ${what} ${isPaused ? 'is paused' : 'goes on'}.`;
}

function actorOf({ automation }: Acting): Actor {
  return { by: `the automation ${automation.name}`, program: null };
}
