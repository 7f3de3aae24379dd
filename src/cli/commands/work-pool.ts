import { InvalidArgumentError, type Command } from 'commander';

import { parseLimit, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface CreatePoolOptions extends OutputOptions {
  readonly type: string;
  readonly description?: string;
  readonly concurrencyLimit?: number;
  readonly paused?: boolean;
}

const SHOWN = 200;

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List work pools, by name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async ({ output, limit }: OutputOptions & { limit: number }) => {
      await (await loaded()).listPools(terminal, limit, output);
    });

  const inspect = command
    .command('inspect')
    .summary('show it, with its queues')
    .description('Show a work pool with its queues.');
  inspect
    .argument('<pool>')
    .addOption(outputOption(inspect))
    .action(async (name: string, { output }: OutputOptions) => {
      await (await loaded()).inspectPool(terminal, name, output);
    });

  const create = command
    .command('create')
    .summary('make one')
    .description('Make a work pool, with its queue "default".');
  create
    .argument('<pool>')
    .option('-t, --type <type>', 'how its workers run what they take', parseName, 'process')
    .option('--description <text>', 'what people read about it')
    .option('--concurrency-limit <count>', 'how many of its runs may be under way at once', parseCount)
    .option('--paused', 'nothing is taken from it until it is resumed')
    .addOption(outputOption(create))
    .action(async (name: string, options: CreatePoolOptions) => {
      await (await loaded()).createPool(terminal, name, options);
    });
  addExamples(create, [['ostinato work-pool create reports --concurrency-limit 4', 'four at a time']]);

  definePause(command, terminal, 'pause', 'let nothing be taken', 'Let workers take nothing from a pool.');
  definePause(command, terminal, 'resume', 'let it go on', 'Let workers take runs from a pool again.');

  const limit = command
    .command('set-concurrency-limit')
    .summary('how many runs at once')
    .description('Say how many runs of a pool run at once.');
  limit
    .argument('<pool>')
    .argument('<count>', 'a whole number, or "none"', (text) => (text === 'none' ? null : parseCount(text)))
    .addOption(outputOption(limit))
    .action(async (name: string, count: number | null, { output }: OutputOptions) => {
      await (await loaded()).limitPool(terminal, name, count, output);
    });

  const remove = command
    .command('delete')
    .summary('delete it with its queues')
    .description('Delete a work pool with its queues.');
  remove
    .argument('<pool>')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption(remove))
    .action(async (name: string, options: OutputOptions & { yes?: boolean }) => {
      await (await loaded()).deletePool(terminal, name, options);
    });
}

function definePause(
  command: Command,
  terminal: Terminal,
  word: 'pause' | 'resume',
  short: string,
  about: string,
): void {
  const pause = command.command(word).summary(short).description(about);
  pause
    .argument('<pool>')
    .addOption(outputOption(pause))
    .action(async (name: string, { output }: OutputOptions) => {
      await (await loaded()).pausePool(terminal, name, word === 'pause', output);
    });
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(text);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../work-pools.ts');
}
