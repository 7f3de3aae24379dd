/**
 * Brings a server to what is wanted of deployments: the one way by which files, projects and programs do it.
 *
 * A server of Ostinato merges all of them in one transaction, each as a further version; what was changed by hand and
 * is wanted otherwise refuses all of it. A server that keeps no versions is changed field by field.
 */

import {
  DEPLOYMENTS_MAX,
  type AppliedDeployment,
  type DeploymentMergeChange,
} from '../../contract/deployment-version.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { applyDeployment, newSchedule, type WantedDeployment } from './apply-deployment.ts';
import type { ApplyRequest, DeploymentClient } from './deployments.ts';
import { describeChange } from './describe-change.ts';

export interface BringOptions {
  /** Nothing is changed: what would be is told. */
  readonly isDry?: boolean | undefined;
  /** What is wanted wins over what somebody has changed by hand. */
  readonly isForced?: boolean | undefined;
}

export interface Brought {
  /** Not in a dry run, and not where there is a conflict. */
  readonly isApplied: boolean;
  readonly deployments: readonly BothViews<AppliedDeployment>[];
}

/** A conflict changes nothing, and is answered: `refuseConflicts` makes a refusal of it. */
export async function bringDeployments(
  deployments: DeploymentClient,
  wanted: readonly WantedDeployment[],
  { isDry = false, isForced = false }: BringOptions = {},
): Promise<Brought> {
  if (wanted.length === 0) return { isApplied: !isDry, deployments: [] };
  if (wanted.length > DEPLOYMENTS_MAX)
    throw new OstinatoError(
      'bad-input',
      `${wanted.length} deployments are too many for one go: at most ${DEPLOYMENTS_MAX}.`,
      { remedy: 'Apply them in several goes.' },
    );
  const reply = await deployments.apply({ deployments: wanted.map(wireOf), dry_run: isDry, force: isForced });
  if (reply !== null) {
    const { plain, exact } = reply;
    const both = plain.deployments.map((each, index) => ({ plain: each, exact: exact.deployments[index] ?? each }));
    return { isApplied: plain.is_applied, deployments: both };
  }
  const applied: BothViews<AppliedDeployment>[] = [];
  for (const each of wanted) {
    const one = await applyDeployment(deployments, each, isDry);
    applied.push({ plain: one, exact: one });
  }
  return { isApplied: !isDry, deployments: applied };
}

function wireOf(wanted: WantedDeployment): ApplyRequest['deployments'][number] {
  const { flowName, name, fields, schedules, labels, source } = wanted;
  return {
    ...fields,
    flow_name: flowName,
    name,
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(source === undefined ? {} : { source }),
    ...(schedules === undefined ? {} : { schedules: schedules.map(newSchedule) }),
  };
}

const isConflict = ({ how }: DeploymentMergeChange): boolean => how === 'conflict';

export interface Refusal {
  /** Who wants it: `the file`. */
  readonly who: string;
  readonly remedy: string;
  /** Whether people have seen what is in conflict. */
  readonly isTold: boolean;
}

/** @throws `conflict` where there is one */
export function refuseConflicts({ deployments }: Brought, { who, remedy, isTold }: Refusal): void {
  const lines = deployments.flatMap(({ plain: { flow_name: flowName, name, changes } }) =>
    changes.filter(isConflict).map((change) => `${flowName}/${name}: ${describeChange(change)}`),
  );
  if (lines.length === 0) return;
  const message = `What ${who} changes was changed by hand, too: nothing was applied.`;
  throw new OstinatoError('conflict', isTold ? message : [message, ...lines].join('\n'), { remedy });
}
