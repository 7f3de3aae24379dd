/** What was applied of deployments, version by version. */

import type { DeploymentVersion } from '../../core/deployment-definition.ts';
import type { DeploymentId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { DeploymentChange, DeploymentFacts, DeploymentKey } from './deployments.ts';

/** Of one deployment; when there is another, the oldest goes. */
export const DEPLOYMENT_VERSIONS_MAX = 100;

export interface VersionedFacts extends DeploymentFacts {
  /** The newest; `null`: it was never applied. */
  readonly version: DeploymentVersion | null;
}

export interface VersionedChange extends Omit<DeploymentChange<void>, 'answer'> {
  /** A further one, with the number behind the newest. */
  readonly version?: DeploymentVersion | undefined;
}

export interface DeploymentVersionStorage {
  readVersionedDeployment(key: DeploymentKey): MaybePromise<VersionedFacts>;
  /** The newest first; at most `DEPLOYMENT_VERSIONS_MAX`. */
  listDeploymentVersions(id: DeploymentId): MaybePromise<readonly DeploymentVersion[]>;
  /** All of them or none. @param change is told of them in the order of the keys, and answers in it */
  changeVersionedDeployments<Answer>(
    keys: readonly DeploymentKey[],
    change: (facts: readonly VersionedFacts[]) => {
      readonly changes: readonly VersionedChange[];
      readonly answer: Answer;
    },
  ): MaybePromise<Answer>;
}
