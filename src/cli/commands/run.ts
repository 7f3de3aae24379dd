import type { Command } from 'commander';

import { collect } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface RunOptions extends OutputOptions {
  readonly param?: readonly string[];
  readonly params?: string;
}

export function define(command: Command, terminal: Terminal): void {
  command
    .argument('<file>', 'a TypeScript or JavaScript file; FILE:EXPORT when it exports several flows')
    .argument('[arguments...]', 'what the file finds in process.argv (after --)')
    .option('-p, --param <name=value>', 'a parameter of the flow; repeat it for several', collect)
    .option('--params <json>', 'all parameters as one JSON object, or @FILE with one; -p wins over it')
    .addOption(outputOption(command))
    .action(async (file: string, rest: string[], options: RunOptions) => {
      // Loaded here: help and completion need no engine.
      const { runFile } = await import('../run-file.ts');
      await runFile(terminal, file, rest, options);
    });
  addExamples(command, [
    ['ostinato run etl.ts', 'the flow that it exports, or the file as it is'],
    ['ostinato run etl.ts -p date=2026-11-22 -p limit=100', 'with parameters'],
    ['ostinato run flows.ts:nightly --params \'{"regions": ["eu"]}\'', 'one of several flows'],
    ['ostinato run etl.ts --params @june.json', 'parameters from a file'],
    ['ostinato run etl.ts -o json', 'the run and its result, for a program'],
  ]);
  command.addHelpText(
    'after',
    `
With a file, this help also says what its flows take: ostinato run etl.ts --help

A value is what the flow's schema wants: text where it wants text, else JSON
where it is JSON. Numbers keep every digit, or are refused.

A file that calls its flows itself is run as it is. With -p, --params or
:EXPORT, its own calls at the top level are held back, and the flow is run with
those parameters instead.

Exit codes: 0 completed, 1 failed or crashed, 2 wrong parameters or file,
130 cancelled.
`,
  );
}
