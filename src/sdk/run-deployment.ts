/** `runDeployment(…)`: asks for a run of a deployment, and waits for its end. */

import type { RunRequest } from '../client/control/deployments.ts';
import { findDeployment } from '../client/control/find-deployment.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { sentValues } from '../core/json-value.ts';
import { isRunPriority, RUN_PRIORITY_MAX, RUN_PRIORITY_MIN } from '../core/run-priority.ts';
import { formatInstant, instantFromMs, isDuration } from '../core/time.ts';
import { runDeployed } from '../engine/run-deployed.ts';
import { currentFrame, runOutside, surroundingTags } from '../engine/run-context.ts';
import type { CallSite } from '../engine/ports.ts';
import { checker, checkKeys, isBoolean, isPlainObject, isText } from './check-options.ts';
import { isCount } from './deployment-definition.ts';
import type { RunDeploymentOptions } from './run-deployment-options.ts';
import { currentPorts } from './runtime.ts';

const KEYS = [
  'parameters',
  'timeoutSeconds',
  'idempotencyKey',
  'asSubflow',
  'scheduledTime',
  'tags',
  'name',
  'jobVariables',
  'version',
  'priority',
] as const satisfies readonly (keyof RunDeploymentOptions)[];

export async function askForRun(word: string, options: RunDeploymentOptions, site: CallSite): Promise<FlowRun> {
  check(word, options);
  const { parameters = {}, asSubflow = true, timeoutSeconds, idempotencyKey } = options;
  const ports = await currentPorts();
  const { deployments } = ports.client.control;
  const { plain, flowName } = await findDeployment(deployments, word);
  const tags = [...new Set([...surroundingTags(), ...(options.tags ?? [])])];
  const given = sentValues(parameters);
  const request = requestOf(options, given, tags);
  const frame = asSubflow ? (currentFrame() ?? null) : null;
  const run = (): Promise<FlowRun> =>
    runDeployed(ports, frame, {
      deployment: `${flowName}/${plain.name}`,
      parameters: given,
      site,
      tags,
      timeoutSeconds: timeoutSeconds ?? null,
      ask: async (key, placeholder) => {
        const parent = placeholder === null ? {} : { parent_task_run_id: placeholder.id };
        const body = { ...request, ...parent, idempotency_key: idempotencyKey ?? key };
        return (await deployments.run(plain.id, body, placeholder)).plain.id as FlowRunId;
      },
    });
  return frame === null ? await runOutside(run) : await run();
}

function requestOf(
  { scheduledTime, name, jobVariables, version, priority }: RunDeploymentOptions,
  parameters: Record<string, unknown>,
  tags: readonly string[],
): RunRequest {
  const at = scheduledTime === undefined ? undefined : formatInstant(instantFromMs(scheduledTime.getTime()));
  return {
    parameters,
    tags: [...tags],
    ...(at === undefined ? {} : { state: { type: 'SCHEDULED', state_details: { scheduled_time: at } } }),
    ...(name === undefined ? {} : { name }),
    ...(jobVariables === undefined ? {} : { job_variables: sentValues(jobVariables) }),
    ...(version === undefined ? {} : { pinned_version: version }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function check(word: string, options: RunDeploymentOptions): void {
  const what = `runDeployment("${word}")`;
  checkKeys(what, options, KEYS);
  const holds = checker(what, options);
  holds('parameters', isPlainObject, 'an object: names with values');
  holds('timeoutSeconds', isDuration, 'a number of seconds, 0 or more (at most 100 years)');
  holds('idempotencyKey', (value) => isText(value) && value !== '', 'a text that is not empty');
  holds('asSubflow', isBoolean, 'true or false');
  holds('scheduledTime', (value) => value instanceof Date && !Number.isNaN(value.getTime()), 'a Date');
  holds('tags', (value) => Array.isArray(value) && value.every(isText), 'a list of texts');
  holds('name', (value) => isText(value) && value !== '', 'a text that is not empty');
  holds('version', isCount, 'the number of a version, 1 or more');
  holds('priority', isRunPriority, `a whole number from ${RUN_PRIORITY_MIN} to ${RUN_PRIORITY_MAX}`);
  holds('jobVariables', isPlainObject, 'an object: names with values');
}
