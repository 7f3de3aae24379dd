/**
 * A run is given to a worker before its time, so that its code and environment are there when it begins. It goes before
 * nobody: where a limit counts its runs, or what is under way decides whether it runs at all, it is given at its time.
 */

import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentScheduleId } from '../../core/ids.ts';
import { secondsBetween, type Instant } from '../../core/time.ts';
import { isSlotSure } from '../deployments/see-to-schedule.ts';
import type { OrchestratorPorts } from '../ports.ts';

/** Clocks are no more exact: who comes so little too soon comes in time. */
const IN_TIME_SECONDS = 1;

/** The state of a run that waits for its time, and for nothing else. */
export const WAITS_FOR_TIME = 'Scheduled';

export function isEarly({ state }: FlowRun, now: Instant): boolean {
  return state.type === 'SCHEDULED' && secondsBetween(now, state.scheduledTime) > IN_TIME_SECONDS;
}

/** Why a run may not be taken before its time; `null`: it may. */
export async function refusedEarly(
  ports: OrchestratorPorts,
  { state, submission, id }: FlowRun,
): Promise<string | null> {
  if (state.type !== 'SCHEDULED') return null;
  if (state.name !== WAITS_FOR_TIME) return `It is ${state.name}, and given at its time.`;
  const { deploymentId = null, workQueueId = null, autoScheduled = false, createdBy = null } = submission ?? {};
  const place = workQueueId === null ? null : await ports.storage.readWorkPool({ queueId: workQueueId });
  const queue = place?.queues.find((one) => one.id === workQueueId);
  if ((place?.pool.concurrencyLimit ?? queue?.concurrencyLimit ?? null) !== null) return LIMITED;
  const found = deploymentId === null ? null : await ports.storage.readDeployment({ id: deploymentId });
  if (found === null) return null;
  if (found.deployment.concurrencyLimitId !== null) return LIMITED;
  const scheduleId = autoScheduled && createdBy?.type === 'SCHEDULE' ? createdBy.id : null;
  if (scheduleId === null) return null;
  const isSure = await isSlotSure(ports, found.deployment.id, scheduleId as DeploymentScheduleId, {
    runId: id,
    until: state.scheduledTime,
  });
  return isSure ? null : 'What becomes of its slot is decided at its time.';
}

const LIMITED = 'A limit counts its runs: it is given at its time.';
