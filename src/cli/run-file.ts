/** `ostinato run`: runs a flow of a file, or the file as a program. */
import { OstinatoError } from '../core/errors.ts';
import { thrownTrace } from '../core/show-value.ts';
import { pathWord } from '../core/shell-word.ts';
import { rejectWhenLoopEmpty } from '../platform/empty-event-loop.ts';
import {
  definedFlowNames,
  flowsOf,
  readExportedFlows,
  startFlow,
  startProgram,
  type ExportedFlow,
  type RunningProgram,
} from '../sdk/flow-file.ts';
import { chooseFlow } from './choose-flow.ts';
import { locateFlowFile } from './flow-file-place.ts';
import { loadFailure } from './load-failure.ts';
import { endLingering, finishRun, finishRuns, keepStdoutForJson } from './run-outcome.ts';
import { typedParameters, type GivenParameters } from '../sdk/typed-parameters.ts';
import { readParameters } from './run-parameters.ts';
import { EXIT_RUN_FAILED, endWith } from './run-exit-code.ts';
import { loadSettings } from './settings.ts';
import type { OutputFormat } from './output.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';
import type { RunOptions } from './commands/run.ts';

export async function runFile(
  terminal: Terminal,
  word: string,
  rest: readonly string[],
  options: RunOptions,
): Promise<void> {
  const { path, exportName } = locateFlowFile(word, terminal.workingDirectory);
  const parameters = readParameters(options, terminal.workingDirectory);
  // Invalid settings are reported before any user code runs.
  loadSettings(terminal);
  workWithoutOutput();
  if (options.output === 'json') keepStdoutForJson();
  process.argv = [process.argv[0] ?? process.execPath, path, ...rest];
  if (exportName === null && parameters === null) return runProgram(terminal, path, options.output, word);
  const flows = await readExportedFlows(path).catch((error: unknown) => {
    throw loadFailure(path, error);
  });
  await runFlow(terminal, chooseFlow(flows, exportName, path), parameters, options.output, word);
}

async function runFlow(
  terminal: Terminal,
  { flow }: ExportedFlow,
  parameters: GivenParameters | null,
  output: OutputFormat,
  word: string,
): Promise<void> {
  // A function that destructures its argument gets an object; one with a default gets nothing.
  const typed = parameters && typedParameters(parameters, flow.parameterSchema, flow.parameterNames);
  const given = typed ?? (flow.fn.length > 0 ? {} : undefined);
  try {
    await finishRun(terminal, startFlow(flow, given), output, pathWord(word));
  } finally {
    endLingering(terminal);
  }
}

async function runProgram(terminal: Terminal, path: string, output: OutputFormat, word: string): Promise<void> {
  const program = startProgram(path);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await rejectWhenLoopEmpty(program.finished, () => standingStill(path));
  } catch (error) {
    if (program.runs.length === 0) throw loadFailure(path, error);
    return await programThrew(terminal, program, error, output);
  }
  if (program.runs.length > 0) return await finishRuns(terminal, program.runs, output);
  const flows = flowsOf(exports);
  if (flows.length > 0) return await runFlow(terminal, chooseFlow(flows, null, path), null, output, word);
  const hidden = definedFlowNames(path);
  if (hidden.length > 0) {
    throw new OstinatoError(
      'entrypoint-unusable',
      `${path} defines ${quoteAll(hidden)}, but neither exports nor calls it.`,
      { remedy: 'Export the flow: export const NAME = flow(…).' },
    );
  }
  await finishRuns(terminal, [], output);
}

function standingStill(path: string): OstinatoError {
  return new OstinatoError(
    'entrypoint-unusable',
    `${path} was not read to its end: its top level awaits something that nothing can settle any more.`,
    {
      remedy:
        'Look for a promise that nobody resolves; what a flow needs belongs into the flow, where it can be retried and timed.',
    },
  );
}

/** A failed run that the program awaits also ends the program with its error, which the run has reported. */
async function programThrew(
  terminal: Terminal,
  { runs }: RunningProgram,
  error: unknown,
  output: OutputFormat,
): Promise<void> {
  const isTold = runs.some(
    ({ outcome, state }) => state !== undefined && outcome?.ok === false && outcome.error === error,
  );
  if (OstinatoError.is(error) && !isTold) throw error;
  await finishRuns(terminal, runs, output);
  if (isTold) return;
  terminal.err(`${thrownTrace(error)}\n`);
  endWith(EXIT_RUN_FAILED);
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `the flow "${name}"`).join(', ');
}
