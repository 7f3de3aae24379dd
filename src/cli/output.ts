/**
 * Output of commands: for people, or with `-o json` for programs. The JSON is snake_case, like the API's.
 */
import type { Command, Option } from 'commander';

import { printableJson } from '../core/printable.ts';
import type { Terminal } from './terminal.ts';

export const OUTPUT_FORMATS = ['table', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** `-o, --output FORMAT`, the same in every command that prints results. */
export function outputOption(command: Command): Option {
  return command.createOption('-o, --output <format>', 'how to print it').choices(OUTPUT_FORMATS).default('table');
}

export interface OutputOptions {
  readonly output: OutputFormat;
}

export function printResult(terminal: Terminal, format: OutputFormat, json: unknown, human: () => string): void {
  if (format === 'json') return printJson(terminal, json);
  const text = human();
  terminal.out(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints indented JSON; with `lines` on one line, for programs that read line by line. */
export function printJson(terminal: Terminal, value: unknown, { lines = false } = {}): void {
  terminal.out(`${jsonOutput(value, lines)}\n`);
}

/** JSON without control characters, whatever its texts contain. */
export function jsonOutput(value: unknown, lines: boolean): string {
  return printableJson(JSON.stringify(value, null, lines ? undefined : 2) ?? 'null');
}
