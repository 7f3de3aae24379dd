/** `ostinato run`: the flow of a file, or the file as the program that it is. */
import { OstinatoError } from '../core/errors.ts';
import { thrownTrace } from '../core/show-value.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { shellWord } from '../core/shell-word.ts';
import { definedFlowNames, flowsOf, readExportedFlows, startFlow, startProgram, UNREACHED_REMEDY, whyFlowUnreached, type ExportedFlow, type RunningProgram } from '../sdk/flow-file.ts';
import { locateFlowFile } from './flow-file-place.ts';
import { loadFailure } from './load-failure.ts';
import { endLingering, finishRun, finishRuns, keepStdoutForJson } from './run-outcome.ts';
import { readParameters, typedParameters, type GivenParameters } from './run-parameters.ts';
import { EXIT_RUN_FAILED, endWith } from './run-exit-code.ts';
import { loadSettings } from './settings.ts';
import type { OutputFormat } from './output.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';
import type { RunOptions } from './commands/run.ts';

export async function runFile(terminal: Terminal, word: string, rest: readonly string[], options: RunOptions): Promise<void> {
  const { path, exportName } = locateFlowFile(word, terminal.workingDirectory);
  const parameters = readParameters(options, terminal.workingDirectory);
  // Wrong settings are told before anything of the user's runs.
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

async function runFlow(terminal: Terminal, { flow }: ExportedFlow, parameters: GivenParameters | null, output: OutputFormat, word: string): Promise<void> {
  // A function that destructures its one argument wants an object; one with a default of its own wants nothing.
  const typed = parameters && typedParameters(parameters, flow.parameterSchema, flow.parameterNames);
  const given = typed ?? (flow.fn.length > 0 ? {} : undefined);
  await finishRun(terminal, startFlow(flow, given), output, shellWord(word.startsWith('-') ? `./${word}` : word));
  endLingering(terminal);
}

async function runProgram(terminal: Terminal, path: string, output: OutputFormat, word: string): Promise<void> {
  const program = startProgram(path);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await program.finished;
  } catch (error) {
    if (program.runs.length === 0) throw loadFailure(path, error);
    return await programThrew(terminal, program, error, output);
  }
  if (program.runs.length > 0) return await finishRuns(terminal, program.runs, output);
  const flows = flowsOf(exports);
  if (flows.length > 0) return await runFlow(terminal, chooseFlow(flows, null, path), null, output, word);
  const hidden = definedFlowNames(path);
  if (hidden.length > 0) {
    throw new OstinatoError('entrypoint-unusable', `${path} defines ${quoteAll(hidden)}, but neither exports nor calls it.`, { remedy: 'Export the flow: export const NAME = flow(…).' });
  }
  await finishRuns(terminal, [], output);
}

/** A failed run that the program awaited comes out of it as an error, too: that one is told by the run already. */
async function programThrew(terminal: Terminal, { runs }: RunningProgram, error: unknown, output: OutputFormat): Promise<void> {
  const isTold = runs.some(({ outcome, state }) => state !== undefined && outcome?.ok === false && outcome.error === error);
  if (OstinatoError.is(error) && !isTold) throw error;
  await finishRuns(terminal, runs, output);
  if (isTold) return;
  terminal.err(`${thrownTrace(error)}\n`);
  endWith(EXIT_RUN_FAILED);
}

function chooseFlow(flows: readonly ExportedFlow[], exportName: string | null, path: string): ExportedFlow {
  const names = flows.map((flow) => flow.exportName);
  if (exportName === null) {
    const [only] = flows;
    if (only !== undefined && flows.length === 1) return only;
    const standard = flows.find((flow) => flow.exportName === 'default');
    if (standard !== undefined) return standard;
    if (only === undefined) throw new OstinatoError('entrypoint-unusable', `${path} exports no flow.`, { remedy: 'Export one: export const NAME = flow(…).' });
    throw new OstinatoError('bad-input', `${path} exports ${flows.length} flows: ${names.join(', ')}.`, { remedy: `Name one of them: ostinato run ${shellWord(`${path}:${names[0]}`)}` });
  }
  const found = flows.find((flow) => flow.exportName === exportName) ?? flows.find(({ flow }) => flow.flowName === exportName);
  if (found !== undefined) return found;
  const unreached = whyFlowUnreached(path);
  if (unreached !== null) throw new OstinatoError('not-found', `${path} was not read as far as a flow "${exportName}": ${unreached}.`, { remedy: UNREACHED_REMEDY });
  throw new OstinatoError('not-found', `${path} exports no flow "${exportName}".${didYouMean(exportName, names)}`, {
    remedy: names.length === 0 ? 'Export one: export const NAME = flow(…).' : `It exports: ${names.join(', ')}.`,
  });
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `the flow "${name}"`).join(', ');
}
