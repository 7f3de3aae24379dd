/** Prints errors of commands. */
import { inspect } from 'node:util';

import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import { EXIT_DEFECT } from './exit-codes.ts';
import { jsonOutput } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface FailureOptions {
  /** Print the stack and the chain of causes. */
  readonly debug: boolean;
  /** Print one line of JSON instead of sentences. */
  readonly json: boolean;
}

/** Prints to standard error. @returns the exit code */
export function printFailure(error: unknown, terminal: Terminal, { debug, json }: FailureOptions): number {
  if (!OstinatoError.is(error)) return printDefect(error, terminal, json);
  const { code, message, remedy, exitCode } = error;
  if (json) {
    terminal.err(`${jsonOutput({ error: { code, message, remedy, exit_code: exitCode } }, true)}\n`);
    return exitCode;
  }
  terminal.err(`${terminal.styleErr(['red', 'bold'], 'Error:')} ${message}\n`);
  if (remedy !== '') terminal.err(`${terminal.styleErr('cyan', 'What to do:')} ${remedy}\n`);
  terminal.err(`${terminal.styleErr('dim', `(${code}, exit code ${exitCode})`)}\n`);
  if (debug) terminal.err(`\n${inspect(error)}\n`);
  return exitCode;
}

/** An error without a code is a defect: its stack is needed for a report, so it is always shown. */
function printDefect(error: unknown, terminal: Terminal, json: boolean): number {
  if (json) {
    const message = thrownText(error);
    terminal.err(
      `${jsonOutput({ error: { code: 'invariant', message, remedy: '', exit_code: EXIT_DEFECT } }, true)}\n`,
    );
    return EXIT_DEFECT;
  }
  terminal.err(`${terminal.styleErr(['red', 'bold'], 'Unexpected error:')} ${inspect(error)}\n`);
  terminal.err(
    `${terminal.styleErr('cyan', 'What to do:')} this is a defect in Ostinato; please report it with the lines above.\n`,
  );
  return EXIT_DEFECT;
}
