/** The job of a run that was taken, for infrastructure that starts jobs: its program, environment and variables. */

import type { DeploymentClient } from '../client/control/deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import { recordOf } from '../core/blocks/json.ts';
import { fillJobTemplates, type PullSources } from '../core/pull-steps/templates.ts';
import { readWrittenSteps } from '../core/pull-steps/written-step.ts';
import { encodeLease, LEASE_ENTRY, RUN_ENTRY } from '../platform/handed-run.ts';
import { MARK_ENTRY, MARK_WANTED } from '../platform/output-mark.ts';
import { languageOf, PYTHON_MODULE } from './flow-language.ts';
import type { Job } from './infrastructure.ts';
import { writeJobMark, type JobMark } from './job-mark.ts';
import { findDeployment } from './run-deployment.ts';
import type { TakenRun } from './worker.ts';

export interface JobParts {
  readonly deployments: Pick<DeploymentClient, 'ofRun'>;
  readonly sources: Pick<PullSources, 'variable' | 'block'>;
  readonly server: { readonly url: string; readonly authString: string | null; readonly key: string | null };
  readonly mark: Omit<JobMark, 'run'>;
}

export interface PreparedJob {
  readonly job: Job;
  readonly language: 'python' | 'node';
}

/** @throws `not-found`, `entrypoint-unusable`, `bad-input`: what is missing or wrong */
export async function prepareJob(parts: JobParts, run: TakenRun): Promise<PreparedJob> {
  const {
    deployment,
    pinnedVersion,
    entrypoint,
    deploymentId,
    job: said,
  } = await findDeployment(parts.deployments, run);
  const language = languageOf(entrypoint);
  const variables = await fillJobTemplates(said.configuration, parts.sources);
  const job: Job = {
    runId: run.id,
    runName: run.name,
    deploymentId,
    command:
      language === 'python'
        ? ['python', '-m', PYTHON_MODULE]
        : ['ostinato', 'flow-run', 'execute', run.id, '--entrypoint', entrypoint],
    environment: {
      ...serverEntries(parts.server, 'OSTINATO'),
      ...serverEntries(parts.server, 'PREFECT'),
      PREFECT__FLOW_RUN_ID: run.id,
      ...(language === 'python' && pinnedVersion !== null ? { PREFECT__FLOW_ENTRYPOINT: entrypoint } : {}),
      [RUN_ENTRY]: run.id,
      [LEASE_ENTRY]: encodeLease(run.lease),
      [MARK_ENTRY]: MARK_WANTED,
    },
    variables: recordOf(variables),
    folder: language === 'python' ? null : folderOf(deployment.pull_steps),
    mark: writeJobMark({ ...parts.mark, run }),
  };
  return { job, language };
}

function serverEntries({ url, authString, key }: JobParts['server'], program: 'OSTINATO' | 'PREFECT') {
  return {
    [`${program}_API_URL`]: url,
    ...(authString === null ? {} : { [`${program}_API_AUTH_STRING`]: authString }),
    ...(key === null ? {} : { [`${program}_API_KEY`]: key }),
  };
}

/** Prefect's client carries its pull steps out itself. A flow in TypeScript has its code in its place already. */
function folderOf(written: unknown): string | null {
  let folder: string | null = null;
  for (const { name, kind, inputs } of readWrittenSteps(written)) {
    if (kind !== 'folder')
      throw new OstinatoError('unsupported', `The pull step ${name} is not carried out for this kind of worker.`, {
        remedy:
          'Put the code into the image, or mount it (job variable volumes), and leave the step away; or use a pool of the type process.',
      });
    folder = String(inputs['directory'] ?? '') || folder;
  }
  return folder;
}
