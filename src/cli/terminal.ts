/** What a command sees of the world around it: two streams, the environment and the folder it was started in. */
import { styleText, type InspectColor } from 'node:util';

import { markOwn, toTerminal } from '../platform/own-output.ts';
import { EXIT_OK } from './exit-codes.ts';
import { EXIT_RUN_FAILED } from './run-exit-code.ts';
import { workingDirectory } from '../platform/working-directory.ts';

export interface Terminal {
  /** Standard output. Control characters in the text are escaped, whatever put them there; colours come from `style`. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Takes the last line of `out`, which has no line feed yet, away again. */
  readonly clearLine: () => void;
  /** Colours text meant for `out`; plain when that is no terminal, or NO_COLOR is set (FORCE_COLOR overrules both). */
  readonly style: (format: InspectColor | readonly InspectColor[], text: string) => string;
  readonly styleErr: (format: InspectColor | readonly InspectColor[], text: string) => string;
  /** Columns of the terminal; `null` when the output goes to a file or a pipe, which has no edge. */
  readonly columns: number | null;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

let outputIsAside = false;

/** From now on the command's work is not what it prints (a run, a server): the work goes on when nobody can read that. */
export function workWithoutOutput(): void {
  outputIsAside = true;
}

function endWithoutOutput({ code, message }: NodeJS.ErrnoException): void {
  if (outputIsAside) return;
  // `ostinato … | head` closes the pipe early: that is the reader's wish and no failure.
  if (code === 'EPIPE') process.exit(EXIT_OK);
  process.stderr.write(`Error: The output could not be written: ${message}\n`);
  process.exit(EXIT_RUN_FAILED);
}

export function processTerminal(): Terminal {
  const { stdout, stderr, stdin } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => endWithoutOutput(error));
  // What is said there goes along with the work, which goes on when nobody hears it.
  stderr.on('error', () => {});
  return {
    out: (text) => void stdout.write(toTerminal(text)),
    err: (text) => void stderr.write(toTerminal(text)),
    clearLine: () => void stdout.write('\r\u001B[2K'),
    style: (format, text) => styleFor(stdout, format, text),
    styleErr: (format, text) => styleFor(stderr, format, text),
    columns: stdout.isTTY ? stdout.columns : null,
    isInteractive: Boolean(stdin.isTTY && stdout.isTTY),
    environment: process.env,
    workingDirectory: workingDirectory().path,
  };
}

/** The colour's own sequences are marked as ours: those in the text are not. */
function styleFor(stream: NodeJS.WriteStream, format: InspectColor | readonly InspectColor[], text: string): string {
  const [before = '', after = ''] = styleText(format as InspectColor, PLACE, { stream }).split(PLACE);
  return markOwn(before) + text + markOwn(after);
}

const PLACE = '|';
