/** The outcome of a run that this process has started: waits for its end, prints it, sets the exit code. */
import { Console } from 'node:console';
import { inspect } from 'node:util';

import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { encodeValue } from '../core/codec.ts';
import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
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

/** A run as its caller sees it: the members of a flow future that are used here. */
export interface StartedRun {
  readonly flowRunId: FlowRunId;
  readonly name: string;
  readonly state: State | undefined;
  readonly outcome:
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly error: unknown }
    | undefined;
  onDone(callback: () => void): void;
}

/**
 * Milliseconds that open handles of a file (a server, a connection) may keep the process alive after its flow has
 * ended.
 */
const LINGER_MS = 3000;
const CONSOLE_METHODS = [
  'log',
  'info',
  'debug',
  'table',
  'dir',
  'group',
  'groupEnd',
  'count',
  'timeEnd',
  'timeLog',
] as const;

/** With `-o json`, output of flows goes to standard error, so that standard output is only JSON. */
export function keepStdoutForJson(): void {
  const other = new Console({ stdout: process.stderr, stderr: process.stderr });
  for (const method of CONSOLE_METHODS) console[method] = other[method].bind(other) as never;
}

/**
 * Waits for the run, prints it, sets the exit code. @throws the error for which the run could not be recorded at all
 *
 * @param file the flow's file, as an argument of a command
 */
export async function finishRun(
  terminal: Terminal,
  run: StartedRun,
  output: OutputFormat,
  file = 'FILE',
): Promise<void> {
  await ended(run);
  if (output === 'json') printJson(terminal, await describe(run));
  else if (run.outcome?.ok === true && run.outcome.value !== undefined)
    terminal.out(`${show(run.outcome.value, terminal)}\n`);
  await hint(terminal, run, file);
  endWith(exitCodeOfRun(run));
}

/** As `finishRun`, for all runs that a program starts, also meanwhile; the program prints its own results. */
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
  // Without a final state the run's end was not recorded: the database could not be opened, or the lease was lost.
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
  return {
    flow_run: recorded && encodeFlowRun(recorded, clock.now()),
    result: run.outcome?.ok === true ? toJson(run.outcome.value) : null,
  };
}

async function readRecord(run: StartedRun): Promise<FlowRun | null> {
  const { client } = await currentPorts();
  // A crashed run that was continued keeps its own id.
  return (
    (await client.readFlowRun(run.flowRunId)) ??
    (await client.list('flow_run', { where: matching({ name: run.name }), limit: 1 }))[0] ??
    null
  );
}

async function neverBegan(run: StartedRun): Promise<boolean> {
  const error = run.outcome?.ok === false ? run.outcome.error : undefined;
  if (!OstinatoError.is(error) || error.code !== 'bad-parameters') return false;
  const record = await readRecord(run).catch(() => null);
  return record !== null && hadBadParameters(record);
}

/** JSON with types marked as in the record; `null` for a value that cannot be encoded. */
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
  // Colours only if the value contains no escape sequences of its own.
  const isColoured = terminal.style('red', 'x') !== 'x' && printable(plain) === plain;
  return isColoured ? markOwn(inspect(value, { ...options, colors: true })) : plain;
}

/** The remedy follows the cause: a retry of a run that never began would get the same parameters. */
async function hint(terminal: Terminal, started: StartedRun, fileWord: string | null): Promise<void> {
  const { flowRunId, name, state, outcome } = started;
  if (state === undefined || state.type === 'COMPLETED') return;
  const error = outcome?.ok === false ? outcome.error : undefined;
  const ownWord = runWord({ id: flowRunId, name });
  const next = (await neverBegan(started))
    ? fileWord === null
      ? 'Correct what it is called with.'
      : `Run it with others: ostinato run ${fileWord} -p NAME=VALUE`
    : `Go on where it stood: ostinato flow-run retry ${ownWord}`;
  const place = state.type === 'FAILED' && error !== undefined ? userPlace(error) : null;
  const frame = place && codeFrame(place, terminal.workingDirectory);
  if (frame !== null) terminal.err(`\n${frame}\n`);
  const remedy =
    OstinatoError.is(error) && error.remedy !== '' ? error.remedy : state.type === 'FAILED' ? remedyOf(error) : null;
  if (remedy !== null) terminal.err(`${terminal.styleErr('cyan', 'What to do:')} ${remedy}\n`);
  terminal.err(`${terminal.styleErr('dim', `Why: ostinato why ${ownWord}   ${next}`)}\n`);
}

/** Ends the process if something keeps it alive after its run has ended. */
export function endLingering(
  terminal: Terminal,
  said: string | null = 'The run is over, but something that its file has opened keeps the process alive; it ends now.',
): void {
  const timer = setTimeout(() => {
    if (said !== null) terminal.err(terminal.styleErr('dim', `${said}\n`));
    process.exit();
  }, LINGER_MS);
  timer.unref();
}
