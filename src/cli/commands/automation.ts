import type { Command } from 'commander';

import { parseLimit } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { defineFiles } from './automation-file.ts';
import { defineTests } from './automation-test.ts';

const WORD = 'its name or id';
const SHOWN = 200;
const RECEIPTS_SHOWN = 20;

export interface InspectAutomationOptions extends OutputOptions {
  readonly limit: number;
}

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List automations, by name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async ({ output, limit }: OutputOptions & { limit: number }) => {
      await (await loaded()).listAutomations(terminal, limit, output);
    });

  const inspect = command
    .command('inspect')
    .summary('show it, and what it did')
    .description('Show an automation, and what became of its actions.');
  inspect
    .argument('<automation>', WORD)
    .option('--limit <count>', 'how many actions, the newest first', parseLimit, RECEIPTS_SHOWN)
    .addOption(outputOption(inspect))
    .action(async (word: string, options: InspectAutomationOptions) => {
      await (await loaded()).inspectAutomation(terminal, word, options);
    });

  defineFiles(command, terminal, WORD);
  defineTests(command, terminal, WORD);

  const pause = command
    .command('pause')
    .summary('let it do nothing')
    .description('Let an automation do nothing until it is resumed.');
  pause
    .argument('<automation>', WORD)
    .addOption(outputOption(pause))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).switchAutomation(terminal, word, false, output);
    });

  const resume = command.command('resume').summary('let it go on').description('Let an automation go on.');
  resume
    .argument('<automation>', WORD)
    .addOption(outputOption(resume))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).switchAutomation(terminal, word, true, output);
    });

  const remove = command.command('delete').description('Delete an automation.');
  remove
    .argument('<automation>', WORD)
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption(remove))
    .action(async (word: string, options: OutputOptions & { yes?: boolean }) => {
      await (await loaded()).deleteAutomation(terminal, word, options);
    });
  addExamples(command, [
    ['ostinato automation inspect late-reports', 'what it waits for, and what it did'],
    ['ostinato automation pause late-reports', 'while somebody mends what it is about'],
  ]);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../automations.ts');
}
