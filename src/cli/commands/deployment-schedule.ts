import { InvalidArgumentError, type Command } from 'commander';

import type { Instant } from '../../core/time.ts';
import { DEPLOYMENT_WORD, collect, parseLimit, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { withRules, withSlots, type RuleOptions, type SlotOptions } from '../slot-options.ts';
import { parseSpan, parseTime } from '../spans.ts';
import type { Terminal } from '../terminal.ts';

/** The times of one schedule, as options say them. */
export interface TimesOptions {
  readonly cron?: string;
  /** Seconds. */
  readonly interval?: number;
  readonly anchor?: Instant;
  readonly rrule?: string;
  readonly timezone?: string;
}

export interface AddOptions extends OutputOptions, TimesOptions, SlotOptions {
  readonly slug?: string;
  readonly param?: readonly string[];
  readonly params?: string;
  readonly paused?: boolean;
}

export interface UpdateOptions extends OutputOptions, TimesOptions, SlotOptions {}

export interface PreviewOptions extends OutputOptions, TimesOptions, RuleOptions {
  readonly limit: number;
  readonly from?: Instant;
}

const WHICH = 'its slug, its id or its times; may be left out where there is one';
const PREVIEW_DATES = 10;
const RULES = ['jitter', 'start', 'end', 'exclude', 'calendar'] as const;

export function defineSchedule(command: Command, terminal: Terminal): void {
  const schedule = command
    .command('schedule')
    .summary('look at and change its times')
    .description('Look at the times at which a deployment runs; change them.');

  const list = schedule.command('ls').summary('list them').description('List the schedules of a deployment.');
  list
    .argument('<deployment>', DEPLOYMENT_WORD)
    .addOption(outputOption(list))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).listSchedules(terminal, word, output);
    });

  defineInspect(schedule, terminal);

  const add = withTimes(
    schedule.command('add').summary('give it one more').description('Give a deployment one more schedule.'),
    DEPLOYMENT_WORD,
  );
  withSlots(add)
    .option('--slug <name>', 'what the schedule is called among those of the deployment', parseName)
    .option('-p, --param <name=value>', 'a parameter of its runs; repeat it for several', collect)
    .option('--params <json>', 'all parameters as one JSON object, or @FILE with one; -p wins over it')
    .option('--paused', 'it makes no runs until it is resumed')
    .addOption(outputOption(add))
    .action(async (word: string, options: AddOptions) => {
      if (timesIn(options) !== 1) throw new InvalidArgumentError('Give one of --cron, --interval and --rrule.');
      await (await loaded()).addSchedule(terminal, word, options);
    });
  addExamples(add, [
    ['ostinato deployment schedule add nightly --cron "0 9 * * 1-5"', 'on weekdays, at nine'],
    ['ostinato deployment schedule add nightly --interval 15m -p region=eu', 'with a parameter'],
    ['ostinato deployment schedule add etl --cron @daily --calendar free.ics', 'not on holidays'],
  ]);

  defineUpdate(schedule, terminal);

  const remove = schedule
    .command('rm')
    .description('Take a schedule away, with the runs that it has made ahead.')
    .summary('take a schedule away');
  remove
    .argument('<deployment>', DEPLOYMENT_WORD)
    .argument('[schedule]', WHICH)
    .addOption(outputOption(remove))
    .action(async (word: string, which: string | undefined, { output }: OutputOptions) => {
      await (await loaded()).removeSchedule(terminal, word, which, output);
    });

  defineActive(
    schedule,
    terminal,
    'pause',
    'let one make no runs',
    'Let one schedule make no runs, and take back those that it has made.',
  );
  defineActive(schedule, terminal, 'resume', 'let one make runs again', 'Let one schedule make runs again.');
  defineClear(schedule, terminal);
  definePreview(schedule, terminal);
}

function defineInspect(schedule: Command, terminal: Terminal): void {
  const inspect = schedule
    .command('inspect')
    .summary('show one')
    .description('Show one schedule: its times, what becomes of its slots, and what it leaves out.');
  inspect
    .argument('<deployment>', DEPLOYMENT_WORD)
    .argument('[schedule]', WHICH)
    .addOption(outputOption(inspect))
    .action(async (word: string, which: string | undefined, { output }: OutputOptions) => {
      await (await loaded()).inspectSchedule(terminal, word, which, output);
    });
}

function defineUpdate(schedule: Command, terminal: Terminal): void {
  const update = schedule
    .command('update')
    .summary('change one')
    .description(
      'Change one schedule. What is not said stays; none takes away a lateness, a start, an end, exclusions.',
    )
    .argument('<deployment>', DEPLOYMENT_WORD)
    .argument('[schedule]', WHICH);
  withSlots(withTimeOptions(update))
    .addOption(outputOption(update))
    .action(async (word: string, which: string | undefined, options: UpdateOptions) => {
      if (timesIn(options) > 1) throw new InvalidArgumentError('Give one of --cron, --interval and --rrule.');
      await (await loaded()).updateSchedule(terminal, word, which, options);
    });
  addExamples(update, [
    ['ostinato deployment schedule update nightly --overlap skip --max-lateness 2h', 'of its only schedule'],
    ['ostinato deployment schedule update nightly night --exclude none', 'leaves nothing out any more'],
  ]);
}

function defineActive(
  schedule: Command,
  terminal: Terminal,
  word: 'pause' | 'resume',
  short: string,
  about: string,
): void {
  const active = schedule.command(word).summary(short).description(about);
  active
    .argument('<deployment>', DEPLOYMENT_WORD)
    .argument('[schedule]', WHICH)
    .addOption(outputOption(active))
    .action(async (deployment: string, which: string | undefined, { output }: OutputOptions) => {
      await (await loaded()).setActive(terminal, deployment, which, word === 'resume', output);
    });
}

function defineClear(schedule: Command, terminal: Terminal): void {
  const clear = schedule
    .command('clear')
    .description('Take all schedules of a deployment away.')
    .summary('take all away');
  clear
    .argument('<deployment>', DEPLOYMENT_WORD)
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption(clear))
    .action(async (word: string, options: OutputOptions & { readonly yes?: boolean }) => {
      await (await loaded()).clearSchedules(terminal, word, options);
    });
}

function definePreview(schedule: Command, terminal: Terminal): void {
  const preview = schedule
    .command('preview')
    .summary('show when it runs next')
    .description('Show when a deployment runs next: what changes of clocks, jitter and exclusions make of it.');
  withRules(withTimes(preview, `${DEPLOYMENT_WORD}; left out, the times of the options`, false))
    .option('--limit <count>', 'how many dates', parseLimit, PREVIEW_DATES)
    .option('--from <time>', 'from when on; default: now', parseTime)
    .addOption(outputOption(preview))
    .action(async (word: string | undefined, options: PreviewOptions) => {
      if (timesIn(options) !== (word === undefined ? 1 : 0))
        throw new InvalidArgumentError('Name a deployment, or give one of --cron, --interval and --rrule.');
      if (word !== undefined && RULES.some((name) => options[name] !== undefined))
        throw new InvalidArgumentError('Name a deployment, or say what a schedule is like: not both.');
      const { previewSchedules } = await import('../preview-schedules.ts');
      await previewSchedules(terminal, word, options);
    });
  addExamples(preview, [
    ['ostinato deployment schedule preview sales/nightly', 'of all its schedules that are active'],
    ['ostinato deployment schedule preview --cron "30 2 * * *" --from 2026-03-28', 'of no deployment'],
  ]);
}

function withTimes(command: Command, about: string, isRequired = true): Command {
  return withTimeOptions(command.argument(isRequired ? '<deployment>' : '[deployment]', about));
}

function withTimeOptions(command: Command): Command {
  return command
    .option('--cron <expression>', 'minute, hour, day, month, weekday')
    .option('--interval <time>', 'every so often: 30s, 15m, 2h, 1d', parseInterval)
    .option('--anchor <time>', 'from when the interval is counted; default: now', parseTime)
    .option('--rrule <rule>', 'an RFC 5545 rule')
    .option('--timezone <zone>', 'such as Europe/Berlin; default: UTC', parseName);
}

export function parseInterval(text: string): number {
  const seconds = parseSpan(text);
  if (seconds <= 0) throw new InvalidArgumentError('It must be more than 0.');
  return seconds;
}

function timesIn({ cron, interval, rrule }: TimesOptions): number {
  return [cron, interval, rrule].filter((each) => each !== undefined).length;
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../deployment-schedules.ts');
}
