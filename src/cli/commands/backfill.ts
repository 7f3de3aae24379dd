import type { Command } from 'commander';

import { DEPLOYMENT_WORD, parseLimit, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const WORD = 'its name or id';
const SHOWN = 50;
const SLOTS_SHOWN = 20;

export interface BackfillListOptions extends OutputOptions {
  readonly deployment?: string;
  readonly limit: number;
}

export interface BackfillInspectOptions extends OutputOptions {
  readonly limit: number;
}

export interface BackfillAbortOptions extends OutputOptions {
  readonly running?: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List backfills, the newest first.');
  list
    .option('--deployment <deployment>', DEPLOYMENT_WORD, parseName)
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async (options: BackfillListOptions) => {
      await (await loaded()).listBackfills(terminal, options);
    });

  const inspect = command.command('inspect').description('Show a backfill, and what became of its slots.');
  inspect
    .argument('<backfill>', WORD)
    .option('--limit <count>', 'how many slots, the earliest first', parseLimit, SLOTS_SHOWN)
    .addOption(outputOption(inspect))
    .action(async (word: string, options: BackfillInspectOptions) => {
      await (await loaded()).inspectBackfill(terminal, word, options);
    });

  const watch = command
    .command('watch')
    .summary('follow it until it ends')
    .description('Follow a backfill until it ends. The exit code is 0 when all of its runs completed.');
  watch
    .argument('<backfill>', WORD)
    .addOption(outputOption(watch))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).watchBackfill(terminal, word, output);
    });

  const pause = command
    .command('pause')
    .summary('let it make no more runs')
    .description('Let a backfill make no more runs; those that it has made go on.');
  pause
    .argument('<backfill>', WORD)
    .addOption(outputOption(pause))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).pauseBackfill(terminal, word, output);
    });

  const resume = command.command('resume').summary('let it go on').description('Let a backfill that is paused go on.');
  resume
    .argument('<backfill>', WORD)
    .addOption(outputOption(resume))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).resumeBackfill(terminal, word, output);
    });

  const abort = command
    .command('abort')
    .summary('end it; what was done stays')
    .description('End a backfill: what has not begun is cancelled, what was done stays.');
  abort
    .argument('<backfill>', WORD)
    .option('--running', 'cancel runs that have begun, too')
    .addOption(outputOption(abort))
    .action(async (word: string, options: BackfillAbortOptions) => {
      await (await loaded()).abortBackfill(terminal, word, options);
    });
  addExamples(command, [
    ['ostinato deployment backfill sales/nightly --from 2026-03-01', 'begins one'],
    ['ostinato backfill watch brave-otter', 'its progress; Ctrl-C leaves it running'],
    ['ostinato backfill abort brave-otter --running', 'with the runs that have begun'],
  ]);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../backfills.ts');
}
