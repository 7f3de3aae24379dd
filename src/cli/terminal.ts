/** A command's environment: its output streams, variables and working directory. */
import { styleText, type InspectColor } from 'node:util';

import { markOutput } from '../platform/output-mark.ts';
import { markOwn, toTerminal } from '../platform/own-output.ts';
import { EXIT_OK } from './exit-codes.ts';
import { EXIT_RUN_FAILED } from './run-exit-code.ts';
import { workingDirectory } from '../platform/working-directory.ts';

export interface Terminal {
  /** Writes to standard output. Control characters in the text are escaped; colours come from `style`. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Erases the last line of `out`, which has no line feed yet. */
  readonly clearLine: () => void;
  /** Colours text meant for `out`; plain when that is no terminal, or NO_COLOR is set (FORCE_COLOR overrules both). */
  readonly style: (format: InspectColor | readonly InspectColor[], text: string) => string;
  readonly styleErr: (format: InspectColor | readonly InspectColor[], text: string) => string;
  /** Columns of the terminal; `null` for a file or a pipe, which has no width. */
  readonly columns: number | null;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

let outputIsAside = false;

/** Lets the command go on when its output cannot be written: its purpose is a run or a server, not what it prints. */
export function workWithoutOutput(): void {
  outputIsAside = true;
}

function endWithoutOutput({ code, message }: NodeJS.ErrnoException): void {
  if (outputIsAside) return;
  // `ostinato … | head` closes the pipe early: the reader wants no more, which is no failure.
  if (code === 'EPIPE') process.exit(EXIT_OK);
  process.stderr.write(`Error: The output could not be written: ${message}\n`);
  process.exit(EXIT_RUN_FAILED);
}

export function processTerminal(): Terminal {
  const { stdout, stderr, stdin } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => endWithoutOutput(error));
  // Messages there accompany the work, which goes on without them.
  stderr.on('error', () => {});
  return {
    out: (text) => void stdout.write(markOutput(toTerminal(text))),
    err: (text) => void stderr.write(markOutput(toTerminal(text))),
    clearLine: () => void stdout.write('\r\u001B[2K'),
    style: (format, text) => styleFor(stdout, format, text),
    styleErr: (format, text) => styleFor(stderr, format, text),
    columns: stdout.isTTY ? stdout.columns : null,
    isInteractive: Boolean(stdin.isTTY && stdout.isTTY),
    environment: process.env,
    workingDirectory: workingDirectory().path,
  };
}

/** Only the colour's own sequences are marked as ours, not those in the text. */
function styleFor(stream: NodeJS.WriteStream, format: InspectColor | readonly InspectColor[], text: string): string {
  const [before = '', after = ''] = styleText(format as InspectColor, PLACE, { stream }).split(PLACE);
  return markOwn(before) + text + markOwn(after);
}

const PLACE = '|';
