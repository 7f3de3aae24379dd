/** Runs that are executed as a version of their deployment says, whatever is applied later; also when retried. */

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun, Labels } from '../../core/flow-run.ts';
import type { DeploymentId, FlowRunId } from '../../core/ids.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { withFields } from './fields.ts';
import { deploymentMissing } from './schedules.ts';
import { requestOf } from './versioned-change.ts';

/** On each run: the number of the version that its deployment had when it was asked for, or which it has pinned. */
export const VERSION_LABEL = 'ostinato.deployment.version';
/** On a run that stays with that version. */
const PINNED_LABEL = 'ostinato.deployment.pinned';

export function pinLabels(version: number): Labels {
  return { [VERSION_LABEL]: version, [PINNED_LABEL]: true };
}

/** `null`: it runs as its deployment is when it begins. */
export function pinnedVersionOf({ labels }: Pick<FlowRun, 'labels'>): number | null {
  const version = labels[VERSION_LABEL];
  return labels[PINNED_LABEL] === true && typeof version === 'number' ? version : null;
}

/**
 * What a run takes of a deployment, as it became by that version. Where runs go, how many there may be, and whether
 * schedules are paused, is as it is now. `not-found`: the version.
 */
export async function deploymentAtVersion(
  { storage }: OrchestratorPorts,
  record: DeploymentRecord,
  number: number,
): Promise<DeploymentRecord> {
  const { deployment } = record;
  const versions = await storage.listDeploymentVersions(deployment.id);
  const version = versions.find((each) => each.number === number);
  if (version === undefined)
    throw new OstinatoError('not-found', `There is no version ${number} of the deployment ${deployment.name}.`, {
      remedy: 'See them with: ostinato deployment versions DEPLOYMENT',
    });
  const { paused: _, concurrencyOptions: __, ...fields } = requestOf(version.became.fields).fields;
  return { ...record, deployment: { ...withFields(deployment, fields), versionNumber: number } };
}

export interface DeploymentOfRun {
  readonly run: FlowRun;
  readonly record: DeploymentRecord;
  readonly pinnedVersion: number | null;
}

/** As the run is to be executed. `not-found`: the run, its deployment, or the version that it has pinned. */
export async function readDeploymentOfRun(ports: OrchestratorPorts, id: FlowRunId): Promise<DeploymentOfRun> {
  const run = await ports.storage.readFlowRun(id);
  const deploymentId: DeploymentId | null = run?.submission?.deploymentId ?? null;
  const record = deploymentId === null ? null : await ports.storage.readDeployment({ id: deploymentId });
  if (run === null || record === null) throw deploymentMissing();
  const pinnedVersion = pinnedVersionOf(run);
  return pinnedVersion === null
    ? { run, record, pinnedVersion }
    : { run, record: await deploymentAtVersion(ports, record, pinnedVersion), pinnedVersion };
}
