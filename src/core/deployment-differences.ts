/** In what two deployments, as they are written down, differ: two versions, or a version and what is there. */

import type { DeploymentDocument } from './deployment-definition.ts';
import { mergeDeployment } from './deployment-merge.ts';
import type { DeploymentSchedule } from './deployment.ts';
import type { DeploymentScheduleId } from './ids.ts';
import { NO_SLOT_RULES } from './schedules/slot-rules.ts';

export interface Difference {
  /** `tags`, or `schedules.NAME` with `.parameters` behind it. */
  readonly path: string;
  /** JSON; `null`: there was nothing. */
  readonly from: string | null;
  /** JSON; `null`: there is nothing. */
  readonly to: string | null;
}

/** Both are all of a deployment. What has to be done to the first so that it becomes the second. */
export function differencesBetween(from: DeploymentDocument, to: DeploymentDocument): readonly Difference[] {
  const { changes } = mergeDeployment({
    last: null,
    current: { fields: from.fields, schedules: (from.schedules ?? []).map(asStored) },
    wanted: { fields: to.fields, schedules: to.schedules ?? [] },
    isForced: true,
  });
  return changes.map(({ path, current, wanted }) => ({ path, from: current, to: wanted }));
}

type Stated = NonNullable<DeploymentDocument['schedules']>[number];

/** As far as a merge looks at it. */
function asStored(stated: Stated, index: number): DeploymentSchedule {
  const { slug, schedule, active = true, parameters = '{}' } = stated;
  return {
    ...NOWHERE,
    id: String(index) as DeploymentScheduleId,
    slug,
    schedule,
    active,
    parameters,
    policy: (stated.policy ?? null) as DeploymentSchedule['policy'],
    rules: stated.rules === undefined ? null : ({ ...NO_SLOT_RULES, ...stated.rules } as DeploymentSchedule['rules']),
  };
}

const NOWHERE = {
  deploymentId: '' as DeploymentSchedule['deploymentId'],
  maxScheduledRuns: null,
  createdAt: 0 as DeploymentSchedule['createdAt'],
  updatedAt: 0 as DeploymentSchedule['updatedAt'],
  scheduledThrough: null,
  dueAt: null,
  settledThrough: null,
  heldSince: null,
};
