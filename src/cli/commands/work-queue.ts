import { InvalidArgumentError, type Command } from 'commander';

import { AGENT_POOL_NAME } from '../../core/work-pool.ts';
import { parseLimit, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { parseCount } from './work-pool.ts';

export interface QueueOptions extends OutputOptions {
  readonly pool: string;
}

export interface CreateQueueOptions extends QueueOptions {
  readonly description?: string;
  readonly concurrencyLimit?: number;
  readonly priority?: number;
  readonly paused?: boolean;
}

const SHOWN = 200;

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List work queues: of a pool by priority, of all by name.');
  list
    .option('-p, --pool <pool>', 'only those of this work pool', parseName)
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async ({ output, limit, pool }: OutputOptions & { limit: number; pool?: string }) => {
      await (await loaded()).listQueues(terminal, pool ?? null, limit, output);
    });

  const inspect = inPool(command.command('inspect').description('Show a work queue.'));
  inspect.addOption(outputOption(inspect)).action(async (name: string, options: QueueOptions) => {
    await (await loaded()).inspectQueue(terminal, name, options);
  });

  const create = inPool(command.command('create').description('Make a work queue.'));
  create
    .option('--description <text>', 'what people read about it')
    .option('--concurrency-limit <count>', 'how many of its runs may be under way at once', parseCount)
    .option('--priority <number>', '1 is taken from first; default: behind those there are', parsePriority)
    .option('--paused', 'nothing is taken from it until it is resumed')
    .addOption(outputOption(create))
    .action(async (name: string, options: CreateQueueOptions) => {
      await (await loaded()).createQueue(terminal, name, options);
    });
  addExamples(create, [['ostinato work-queue create urgent --pool reports --priority 1', 'taken from first']]);

  definePause(command, terminal, 'pause', 'Let workers take nothing from a queue.');
  definePause(command, terminal, 'resume', 'Let workers take runs from a queue again.');

  const remove = inPool(command.command('delete').description('Delete a work queue.'));
  remove
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption(remove))
    .action(async (name: string, options: QueueOptions & { yes?: boolean }) => {
      await (await loaded()).deleteQueue(terminal, name, options);
    });
}

function definePause(command: Command, terminal: Terminal, word: 'pause' | 'resume', about: string): void {
  const pause = inPool(command.command(word).description(about));
  pause.addOption(outputOption(pause)).action(async (name: string, options: QueueOptions) => {
    await (await loaded()).pauseQueue(terminal, name, word === 'pause', options);
  });
}

function inPool(command: Command): Command {
  return command
    .argument('<queue>')
    .option('-p, --pool <pool>', 'the work pool that it is in', parseName, AGENT_POOL_NAME);
}

function parsePriority(text: string): number {
  const priority = parseCount(text);
  if (priority < 1) throw new InvalidArgumentError('It must be 1 or more.');
  return priority;
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../work-queues.ts');
}
