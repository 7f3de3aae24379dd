/** `ostinato deployment run`: asks for a run, and follows it where that is wanted. */

import type { RunRequest } from '../client/control/deployments.ts';
import type { ControlPlane } from '../client/control/plane.ts';
import type { Deployment } from '../contract/deployment.ts';
import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { READ_WORK_POOL } from '../contract/work-pool.ts';
import type { FlowRunId } from '../core/ids.ts';
import { OstinatoError } from '../core/errors.ts';
import { sentValues } from '../core/json-value.ts';
import { addSeconds, formatInstant, type Instant } from '../core/time.ts';
import type { RunDeploymentOptions } from './commands/deployment-run.ts';
import { LogTail } from './commands/flow-run-logs.ts';
import { LiveView, waitForEnd } from './commands/flow-run-watch.ts';
import { findDeployment } from '../client/control/find-deployment.ts';
import { showTime } from './format.ts';
import { jobVariableExample } from './job-variables.ts';
import { withClient, type CommandContext } from './open-client.ts';
import { withPlane } from './open-plane.ts';
import { printJson, printResult } from './output.ts';
import { endWith, exitCodeOf } from './run-exit-code.ts';
import { typedParameters } from '../sdk/typed-parameters.ts';
import { readNamedWords, readParameters } from './run-parameters.ts';
import type { Terminal } from './terminal.ts';

export async function runDeployment(terminal: Terminal, word: string, options: RunDeploymentOptions): Promise<void> {
  const given = readParameters(options, terminal.workingDirectory);
  const made = await withPlane(terminal, async ({ plane, deployments, clock }) => {
    const { plain: deployment, flowName } = await findDeployment(deployments, word);
    const at = options.at ?? addSeconds(clock.now(), options.in ?? 0);
    const parameters =
      given === null ? {} : sentValues(typedParameters(given, deployment.parameter_openapi_schema, null));
    const request = { ...requestOf(at, options), ...(await jobVariablesOf(plane, deployment, options)), parameters };
    const { plain, exact } = await deployments.run(deployment.id, request);
    return { id: plain.id as FlowRunId, name: plain.name, exact, at, what: `${flowName}/${deployment.name}` };
  });
  if (options.watch !== true) {
    const when = options.at === undefined && options.in === undefined ? 'now' : `at ${showTime(made.at)}`;
    printResult(terminal, options.output, made.exact, () =>
      [
        `Flow run ${made.name} (${made.id}) of deployment ${made.what} is scheduled: ${when}.`,
        `Follow it with: ostinato flow-run watch ${made.id}`,
      ].join('\n'),
    );
    return;
  }
  await withClient(terminal, (context) => follow(context, made.id, options));
}

function requestOf(at: Instant, { tag, version, priority }: RunDeploymentOptions): RunRequest {
  return {
    state: { type: 'SCHEDULED', state_details: { scheduled_time: formatInstant(at) } },
    ...(tag === undefined ? {} : { tags: [...tag] }),
    ...(version === undefined ? {} : { pinned_version: version }),
    ...(priority === undefined ? {} : { priority }),
  };
}

async function jobVariablesOf(
  plane: ControlPlane,
  { work_pool_name: pool }: Deployment,
  { jobVariable = [] }: RunDeploymentOptions,
): Promise<Pick<RunRequest, 'job_variables'>> {
  if (jobVariable.length === 0) return {};
  const isWritten = jobVariable.every((word) => word.indexOf('=') > 0);
  const found = isWritten || pool === null ? null : await plane.find(READ_WORK_POOL, { name: pool });
  const example = jobVariableExample(found?.plain ?? null);
  const given = readNamedWords(jobVariable, { noun: 'job variable', flag: '--job-variable', example });
  return { job_variables: typedParameters({ named: given, whole: null }, null, null) };
}

async function follow(context: CommandContext, id: FlowRunId, { output }: RunDeploymentOptions): Promise<void> {
  const { client, clock, terminal } = context;
  const run = await client.readFlowRun(id);
  if (run === null) throw new OstinatoError('not-found', `Flow run ${id} was deleted meanwhile.`);
  const isJson = output === 'json';
  const logs = isJson ? null : new LogTail(context, id);
  const ended = await waitForEnd(context, run, isJson ? null : new LiveView(terminal), logs);
  if (isJson) printJson(terminal, encodeFlowRun(ended, clock.now()));
  endWith(exitCodeOf(ended.state));
}
