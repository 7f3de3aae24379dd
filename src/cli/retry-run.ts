/** `ostinato flow-run retry`: continues a recorded run, or shows what that would do. */
import type { OstinatoClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { entryWord } from '../core/shell-word.ts';
import { isTerminal } from '../core/state.ts';
import {
  continueRun,
  definedFlowNames,
  readDefinitions,
  UNREACHED_REMEDY,
  whyFlowUnreached,
  type FlowChoice,
} from '../sdk/flow-file.ts';
import type { RetryOptions } from './commands/flow-run-retry.ts';
import { findFlowRun } from './find-run.ts';
import { locateFlowFile } from './flow-file-place.ts';
import { loadFailure } from './load-failure.ts';
import { withClient } from './open-client.ts';
import { printResult } from './output.ts';
import { encodePlan, makePlan, renderPlan } from './retry-plan.ts';
import { endLingering, finishRun, keepStdoutForJson } from './run-outcome.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';

export async function retryRun(terminal: Terminal, word: string, options: RetryOptions): Promise<void> {
  const found = await withClient(terminal, async ({ client }) => {
    const run = await findFlowRun(client, word);
    await requireRetryable(client, run);
    const choice = locateFlow(run, options.entrypoint, terminal.workingDirectory);
    return { run, choice };
  });
  if (options.output === 'json') keepStdoutForJson();
  try {
    if (options.plan === true) await showPlan(terminal, found.run, found.choice, options);
    else await goOn(terminal, found.run, found.choice, options);
  } finally {
    endLingering(terminal);
  }
}

async function requireRetryable(client: OstinatoClient, run: FlowRun): Promise<void> {
  const refuse = (reason: string, remedy: string): never => {
    throw new OstinatoError('conflict', `Flow run ${run.name} cannot be retried: ${reason}`, { remedy });
  };
  if (run.state.type === 'COMPLETED')
    refuse(
      `it is ${run.state.name}.`,
      run.entrypoint === null ? 'Run the flow anew.' : `Run the flow anew: ostinato run ${entryWord(run.entrypoint)}`,
    );
  // Lost runs were marked when the client was opened, so this run's process is alive.
  if (!isTerminal(run.state) && run.lease !== null)
    refuse(
      `it is ${run.state.name} in a process that is alive.`,
      `Follow it with: ostinato flow-run watch ${run.id}; or stop it: ostinato flow-run cancel ${run.id}`,
    );
  if (run.parentFlowRunId === null) return;
  let root: FlowRun | null = run;
  while (root !== null && root.parentFlowRunId !== null) root = await client.readFlowRun(root.parentFlowRunId);
  if (root !== null)
    refuse(
      `it is part of flow run ${root.name}, which waits for its result.`,
      `Go on with that one: ostinato flow-run retry ${root.id}`,
    );
}

function locateFlow(run: FlowRun, entrypoint: string | undefined, base: string): FlowChoice {
  if (entrypoint !== undefined)
    return { ...locateFlowFile(entrypoint, base), flowName: run.flowName, version: run.flowVersion };
  if (run.entrypoint === null || run.entrypoint.file === '') {
    throw new OstinatoError('entrypoint-unusable', `Where the flow of run ${run.name} is defined was not recorded.`, {
      remedy: 'Say where it is: --entrypoint FILE',
    });
  }
  try {
    return {
      path: locateFlowFile(run.entrypoint.file, base).path,
      exportName: run.entrypoint.exportName,
      flowName: run.flowName,
      version: run.flowVersion,
    };
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    throw new OstinatoError(
      'entrypoint-unusable',
      `The file of flow run ${run.name} is not there any more: ${run.entrypoint.file}`,
      { cause: error, remedy: 'When it was moved, say where it is: --entrypoint FILE' },
    );
  }
}

async function goOn(
  terminal: Terminal,
  run: FlowRun,
  choice: FlowChoice,
  { output, entrypoint }: RetryOptions,
): Promise<void> {
  workWithoutOutput();
  const continued = await continueRun(run, choice).catch((error: unknown) => {
    throw loadFailure(choice.path, error);
  });
  if (continued === null) throw flowMissing(run, choice);
  if (entrypoint !== undefined) await rememberPlace(run, choice);
  await finishRun(terminal, continued.future, output);
}

/** Records the entrypoint, so that the next retry needs no `--entrypoint`. */
async function rememberPlace(run: FlowRun, { path, exportName }: FlowChoice): Promise<void> {
  const { currentPorts } = await import('../sdk/runtime.ts');
  await (await currentPorts()).client.updateFlowRun(run.id, { entrypoint: { file: path, exportName } });
}

async function showPlan(terminal: Terminal, run: FlowRun, choice: FlowChoice, { output }: RetryOptions): Promise<void> {
  const definitions = await readDefinitions(choice).catch((error: unknown) => {
    throw loadFailure(choice.path, error);
  });
  if (definitions === null) throw flowMissing(run, choice);
  await withClient(terminal, async ({ client }) => {
    const plan = await makePlan(client, run, definitions, terminal.workingDirectory);
    printResult(terminal, output, encodePlan(plan), () => renderPlan(plan, terminal));
  });
}

function flowMissing({ name, flowName }: FlowRun, { path, exportName }: FlowChoice): OstinatoError {
  const names = definedFlowNames(path);
  const what = exportName === null ? `the flow "${flowName}"` : `a flow as "${exportName}"`;
  const unreached = whyFlowUnreached(path);
  if (unreached !== null) {
    return new OstinatoError(
      'entrypoint-unusable',
      `${path} was not read as far as ${what} of run ${name}: ${unreached}.`,
      { remedy: `${UNREACHED_REMEDY} Or say where else the flow is: --entrypoint FILE:EXPORT` },
    );
  }
  return new OstinatoError(
    'entrypoint-unusable',
    `${path} does not have ${what} of run ${name}.${didYouMean(flowName, names)}`,
    {
      remedy: `${names.length === 0 ? '' : `It defines: ${names.join(', ')}. `}Say where the flow is: --entrypoint FILE:EXPORT`,
    },
  );
}
