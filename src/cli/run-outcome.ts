/** What becomes of a run that this process has started: waits for its end, prints it, sets the exit code. */
import { Console } from 'node:console';
import { inspect } from 'node:util';

import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { encodeValue } from '../core/codec.ts';
import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { printable } from '../core/printable.ts';
import { runWord } from '../core/shell-word.ts';
import { isTerminal, type State } from '../core/state.ts';
import { hadBadParameters } from '../core/why-phrases.ts';
import { markOwn } from '../platform/own-output.ts';
import { currentPorts } from '../sdk/runtime.ts';
import { codeFrame, userPlace } from './code-frame.ts';
import { remedyOf } from './failure-remedy.ts';
import { printJson, type OutputFormat } from './output.ts';
import { EXIT_OK } from './exit-codes.ts';
import { endWith, exitCodeOf } from './run-exit-code.ts';
import type { Terminal } from './terminal.ts';

/** A run as its caller sees it: what the engine's futures of flows have. */
export interface StartedRun {
  readonly flowRunId: FlowRunId;
  readonly name: string;
  readonly state: State | undefined;
  readonly outcome: { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown } | undefined;
  onDone(callback: () => void): void;
}

/** After a flow has ended, what its file has left open (a server, a connection) may hold the process this long. */
const LINGER_MS = 3000;
const CONSOLE_METHODS = ['log', 'info', 'debug', 'table', 'dir', 'group', 'groupEnd', 'count', 'timeEnd', 'timeLog'] as const;

/** With `-o json`, what flows print goes to standard error: standard output is the JSON's alone. */
export function keepStdoutForJson(): void {
  const other = new Console({ stdout: process.stderr, stderr: process.stderr });
  for (const method of CONSOLE_METHODS) console[method] = other[method].bind(other) as never;
}

/** Waits, prints, sets the exit code. Throws what kept the run from being recorded at all.
 *
 * @param file the flow's, as a word of a command
 */
export async function finishRun(terminal: Terminal, run: StartedRun, output: OutputFormat, file = 'FILE'): Promise<void> {
  await ended(run);
  if (output === 'json') printJson(terminal, await describe(run));
  else if (run.outcome?.ok === true && run.outcome.value !== undefined) terminal.out(`${show(run.outcome.value, terminal)}\n`);
  await hint(terminal, run, file);
  endWith(exitCodeOfRun(run));
}

/** The same for all that a program has started, also those that it starts meanwhile; it prints its results itself. */
export async function finishRuns(terminal: Terminal, runs: readonly StartedRun[], output: OutputFormat): Promise<void> {
  for (let index = 0; index < runs.length; index += 1) {
    await ended(runs[index] as StartedRun);
    await hint(terminal, runs[index] as StartedRun, null);
  }
  const described = [];
  if (output === 'json') for (const run of runs) described.push(await describe(run));
  if (output === 'json') printJson(terminal, described.length === 1 ? described[0] : described);
  endWith(runs.map(exitCodeOfRun).find((code) => code !== EXIT_OK) ?? EXIT_OK);
}

async function ended(run: StartedRun): Promise<void> {
  await new Promise<void>((resolve) => run.onDone(resolve));
  const { outcome, state } = run;
  // Without a final state nothing recorded its end: a database that cannot be opened, a lease that was lost.
  if (outcome?.ok === false && (state === undefined || !isTerminal(state))) throw outcome.error;
}

function exitCodeOfRun({ outcome, state }: StartedRun): number {
  const error = outcome?.ok === false ? outcome.error : undefined;
  if (OstinatoError.is(error) && error.code === 'bad-parameters') return ERROR_CODES[error.code].exitCode;
  return state === undefined ? EXIT_OK : exitCodeOf(state);
}

async function describe(run: StartedRun): Promise<{ flow_run: unknown; result: unknown }> {
  const { clock } = await currentPorts();
  const recorded = await readRecord(run);
  return { flow_run: recorded && encodeFlowRun(recorded, clock.now()), result: run.outcome?.ok === true ? toJson(run.outcome.value) : null };
}

async function readRecord(run: StartedRun): Promise<FlowRun | null> {
  const { client } = await currentPorts();
  // A crashed run that was taken over goes on under its own id.
  return (await client.readFlowRun(run.flowRunId)) ?? (await client.listFlowRuns({ name: run.name }, { limit: 1 }))[0] ?? null;
}

async function neverBegan(run: StartedRun): Promise<boolean> {
  const error = run.outcome?.ok === false ? run.outcome.error : undefined;
  if (!OstinatoError.is(error) || error.code !== 'bad-parameters') return false;
  const record = await readRecord(run).catch(() => null);
  return record !== null && hadBadParameters(record);
}

/** Types that JSON does not have are marked as in the record; `null` for a value that cannot be written down. */
function toJson(value: unknown): unknown {
  try {
    return value === undefined ? null : JSON.parse(encodeValue(value, 'the result'));
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    return null;
  }
}

function show(value: unknown, terminal: Terminal): string {
  if (typeof value === 'string') return value;
  const options = { depth: 4, maxArrayLength: 50, maxStringLength: 2000, breakLength: terminal.columns ?? 100 };
  const plain = inspect(value, options);
  // Colours are ours only where nothing in the value looks like one.
  const isColoured = terminal.style('red', 'x') !== 'x' && printable(plain) === plain;
  return isColoured ? markOwn(inspect(value, { ...options, colors: true })) : plain;
}

/** What to do is about the cause: a run that never began would be given the same parameters by a retry. */
async function hint(terminal: Terminal, started: StartedRun, file: string | null): Promise<void> {
  const { flowRunId, name, state, outcome } = started;
  if (state === undefined || state.type === 'COMPLETED') return;
  const error = outcome?.ok === false ? outcome.error : undefined;
  const run = runWord({ id: flowRunId, name });
  const next = (await neverBegan(started)) ? (file === null ? 'Correct what it is called with.' : `Run it with others: ostinato run ${file} -p NAME=VALUE`) : `Go on where it stood: ostinato flow-run retry ${run}`;
  const place = state.type === 'FAILED' && error !== undefined ? userPlace(error) : null;
  const frame = place && codeFrame(place, terminal.workingDirectory);
  if (frame !== null) terminal.err(`\n${frame}\n`);
  const remedy = OstinatoError.is(error) && error.remedy !== '' ? error.remedy : state.type === 'FAILED' ? remedyOf(error) : null;
  if (remedy !== null) terminal.err(`${terminal.styleErr('cyan', 'What to do:')} ${remedy}\n`);
  terminal.err(`${terminal.styleErr('dim', `Why: ostinato why ${run}   ${next}`)}\n`);
}

/** Ends the process when something keeps it alive after its run has ended. */
export function endLingering(terminal: Terminal, said: string | null = 'The run is over, but something that its file has opened keeps the process alive; it ends now.'): void {
  const timer = setTimeout(() => {
    if (said !== null) terminal.err(terminal.styleErr('dim', `${said}\n`));
    process.exit();
  }, LINGER_MS);
  timer.unref();
}
