import type { Command } from 'commander';

import { parseLimit } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const SHOWN = 200;

export interface TestNotificationOptions extends OutputOptions {
  readonly subject?: string;
  readonly body?: string;
}

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List the blocks that can notify, by type and name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async ({ output, limit }: OutputOptions & { limit: number }) => {
      await (await loaded()).listChannels(terminal, limit, output);
    });

  const test = command
    .command('test')
    .summary('send a message, and say what its service answered')
    .description('Send a message by a block, once. The exit code is 0 only when the service took it for everybody.');
  test
    .argument('<block>', 'its name, TYPE/NAME, or id')
    .option('--subject <text>', 'what stands above the message')
    .option('--body <text>', 'the message')
    .addOption(outputOption(test))
    .action(async (word: string, options: TestNotificationOptions) => {
      await (await loaded()).testChannel(terminal, word, options);
    });
  addExamples(command, [
    ['ostinato notification ls', 'who can be told, and how'],
    ['ostinato notification test ops', 'whether a message gets there'],
    ['ostinato notification test slack-webhook/ops --body "hello"', 'one of several with this name'],
  ]);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../notifications.ts');
}
