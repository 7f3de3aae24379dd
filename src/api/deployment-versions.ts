/** Deployments applied as they are written down, their versions, and the way back to one. */

import {
  APPLY_DEPLOYMENTS,
  decodeDocument,
  decodeSource,
  encodeChange,
  encodeVersion,
  LIST_VERSIONS,
  READ_DEPLOYMENT_OF_RUN,
  ROLL_BACK,
  type AppliedDeployment,
} from '../contract/deployment-version.ts';
import { encodeDeployment } from '../contract/deployment.ts';
import type { DeploymentId, FlowRunId } from '../core/ids.ts';
import { recordOf, type JsonRecord } from '../core/blocks/json.ts';
import { runJob } from '../core/job-configuration.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import type { DeploymentParts } from './deployments.ts';
import { checkSize } from './flow-runs.ts';
import { ok, operation, type Operation } from './operation.ts';

type Exactly = Readonly<Record<string, unknown>>;

export function deploymentVersionOperations({ useCases, clock }: DeploymentParts): readonly Operation[] {
  return [
    operation(APPLY_DEPLOYMENTS, async ({ body, exact }) => {
      const texts = exact['deployments'] as readonly Exactly[];
      const deployments = body.deployments.map((each, index) => {
        const exactly = texts[index] ?? {};
        checkSize(exactly['parameters'] ?? {}, each.parameters);
        const document = decodeDocument(each, exactly, clock.now());
        const { flow_name: flowName, name, labels } = each;
        return { flowName, name, document, labels: labels ?? {}, source: decodeSource(each.source) };
      });
      const { isApplied, deployments: applied } = await useCases.applyDocuments({
        deployments,
        isDryRun: body.dry_run ?? false,
        isForced: body.force ?? false,
      });
      return ok({ is_applied: isApplied, deployments: applied.map(encodeApplied) });
    }),
    operation(LIST_VERSIONS, async ({ params }) =>
      ok((await useCases.listVersions(params['id'] as DeploymentId)).map(encodeVersion)),
    ),
    operation(ROLL_BACK, async ({ params, body }) =>
      ok(encodeApplied(await useCases.rollBack(params['id'] as DeploymentId, body.version, decodeSource(body.source)))),
    ),
    operation(READ_DEPLOYMENT_OF_RUN, async ({ params }) => {
      const { run, record, pinnedVersion } = await useCases.readDeploymentOfRun(params['id'] as FlowRunId);
      const ofRun = run.submission?.jobVariables ?? null;
      const said = [record.deployment.jobVariables, ...(ofRun === null ? [] : [ofRun])];
      const read = (json: string): JsonRecord => recordOf(JSON.parse(json));
      const job = runJob(read(record.queue?.pool.baseJobTemplate ?? '{}'), said.map(read));
      return ok({ deployment: encodeDeployment(record), pinned_version: pinnedVersion, job });
    }),
  ];
}

type Applied = Awaited<ReturnType<UseCases['rollBack']>>;

function encodeApplied({ id, flowName, name, isNew, version, changes }: Applied): AppliedDeployment {
  return { id, flow_name: flowName, name, is_new: isNew, version, changes: changes.map(encodeChange) };
}
