import { InvalidArgumentError, type Command } from 'commander';

import { CONCURRENCY_MAX, RERUNS, SLOT_ORDERS, type Rerun, type SlotOrder } from '../../core/backfills/backfill.ts';
import { collect, DEPLOYMENT_WORD, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { parseInterval } from './deployment-schedule.ts';
import { parseCount } from './work-pool.ts';

export interface BackfillOptions extends OutputOptions {
  readonly from: string;
  readonly to?: string;
  readonly schedule?: string;
  readonly cron?: string;
  /** Seconds. */
  readonly interval?: number;
  readonly timezone?: string;
  readonly order: SlotOrder;
  readonly concurrency: number;
  readonly rerun: Rerun;
  readonly param?: readonly string[];
  readonly params?: string;
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

export function defineBackfill(command: Command, terminal: Terminal): void {
  const backfill = command
    .command('backfill')
    .summary('run it for slots that are past')
    .description('Run a deployment for the slots of a range that is past.');
  backfill
    .argument('<deployment>', DEPLOYMENT_WORD)
    .requiredOption('--from <time>', "2026-03-01, or 2026-03-01T09:00, as the schedule's clocks show it", parseName)
    .option('--to <time>', 'the end, itself not included; default: now', parseName)
    .option('--schedule <schedule>', 'its slug, its id or its times, where there are several', parseName)
    .option('--cron <expression>', 'other times than those of a schedule', parseName)
    .option('--interval <time>', 'the same: every so often from --from on, such as 1d', parseInterval)
    .option('--timezone <zone>', 'of --cron and --interval, such as Europe/Berlin; default: UTC', parseName)
    .addOption(backfill.createOption('--order <order>', 'which slots run first').choices(SLOT_ORDERS).default('oldest'))
    .option('--concurrency <count>', 'how many runs at once', parseConcurrency, 1)
    .addOption(backfill.createOption('--rerun <which>', 'slots that have had a run').choices(RERUNS).default('missing'))
    .option('-p, --param <name=value>', 'a parameter of its runs; repeat it for several', collect)
    .option('--params <json>', 'all parameters as one JSON object, or @FILE with one; -p wins over it')
    .option('--name <name>', 'what the backfill is called; default: two words', parseName)
    .option('--dry-run', 'show what would run, and make nothing')
    .option('--watch', 'follow it until it ends')
    .addOption(outputOption(backfill))
    .action(async (word: string, options: BackfillOptions) => {
      const { cron, interval, schedule, timezone } = options;
      if ([cron, interval, schedule].filter((each) => each !== undefined).length > 1)
        throw new InvalidArgumentError('Give one of --schedule, --cron and --interval.');
      if (timezone !== undefined && cron === undefined && interval === undefined)
        throw new InvalidArgumentError('--timezone goes with --cron or --interval: a schedule has its own.');
      // Loaded here: help and completion need no client.
      await (await import('../start-backfill.ts')).backfillDeployment(terminal, word, options);
    });
  addExamples(backfill, [
    ['ostinato deployment backfill nightly --from 2026-03-01 --dry-run', 'what would run'],
    ['ostinato deployment backfill nightly --from 2026-03-01 --to 2026-04-01', 'all of March'],
    ["ostinato deployment backfill etl --from 2026-03-01 -p day='{{ slot.date }}'", 'each run with its day'],
  ]);
  backfill.addHelpText(
    'after',
    `
--rerun: missing runs the slots that have had no run, failed also those whose
last run did not complete, all every slot. One whose run goes on is left out.
Templates in parameters: {{ slot.start }}, {{ slot.end }}, {{ slot.date }},
{{ slot.end | date }}.
`,
  );
}

function parseConcurrency(text: string): number {
  const count = parseCount(text);
  if (count < 1 || count > CONCURRENCY_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${CONCURRENCY_MAX}.`);
  return count;
}
