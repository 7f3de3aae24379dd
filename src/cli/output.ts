/** What commands print: for people, or with `-o json` for programs. The JSON of the command line is snake_case, as the API's is. */
import type { Command, Option } from 'commander';

import { printableJson } from '../core/printable.ts';
import type { Terminal } from './terminal.ts';

export const OUTPUT_FORMATS = ['table', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** `-o, --output FORMAT`, the same in every command that prints. */
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

/** JSON in lines for people to read, too; `lines` puts it on one, for programs that read line by line. */
export function printJson(terminal: Terminal, value: unknown, { lines = false } = {}): void {
  terminal.out(`${jsonOutput(value, lines)}\n`);
}

/** Whatever text is in it: no control characters in the JSON itself. */
export function jsonOutput(value: unknown, lines: boolean): string {
  return printableJson(JSON.stringify(value, null, lines ? undefined : 2) ?? 'null');
}
