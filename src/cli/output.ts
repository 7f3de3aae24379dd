/** What commands print: for people, or with `-o json` for programs. The JSON of the command line is snake_case, as the API's is. */
import type { Command, Option } from 'commander';

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
  const text = format === 'json' ? JSON.stringify(json, null, 2) : human();
  terminal.out(text.endsWith('\n') ? text : `${text}\n`);
}
