/** Whether the run of a slot may begin: what the policy of its schedule says at that moment. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentScheduleId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { seeToSchedule } from './see-to-schedule.ts';

/** Why the run may not begin now. `null`: it may, as far as schedules are asked. */
export function refusedSlot(ports: OrchestratorPorts, run: FlowRun): MaybePromise<string | null> {
  const { submission, state } = run;
  const isOfSlot = submission?.autoScheduled === true && submission.createdBy?.type === 'SCHEDULE';
  const deploymentId = submission?.deploymentId ?? null;
  if (!isOfSlot || deploymentId === null || state.type !== 'SCHEDULED' || run.runCount > 0) return null;
  const scheduleId = submission.createdBy?.id as DeploymentScheduleId;
  return chain(ports.storage.readDeployment({ id: deploymentId }), async (found) => {
    const schedule = found?.schedules.find(({ id }) => id === scheduleId);
    if (schedule === undefined || schedule.policy === null) return null;
    const { decided } = await seeToSchedule(ports, deploymentId, scheduleId, state.scheduledTime);
    const decision = decided.get(run.id);
    if (decision === 'go') return null;
    if (decision === 'wait') return 'A run of the same schedule is still under way: this one begins when it has ended.';
    return (await ports.storage.readFlowRun(run.id)) === null
      ? 'Its slot has ended without it: `ostinato deployment schedule history` says why.'
      : null;
  });
}
