/** `ostinato deployment schedule preview`: the next slots, and what clocks, jitter and exclusions make of them. */

import { describe } from '../client/control/describe-schedule.ts';
import { findDeployment, type FoundDeployment } from '../client/control/find-deployment.ts';
import type { Deployment } from '../contract/deployment.ts';
import { decodeDates } from '../contract/deployment-schedule.ts';
import { readSchedule } from '../core/schedules/next-dates.ts';
import type { ScheduledDate } from '../core/schedules/schedule.ts';
import { slotDates, type SlotDate, type SlotSource } from '../core/schedules/slot-dates.ts';
import { checkRules, exclusionText, rulesOrNone } from '../core/schedules/slot-rules.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { PreviewOptions } from './commands/deployment-schedule.ts';
import { datesOf, nameOf, sourceOf } from './deployment-schedules.ts';
import { showShort, showTime } from './format.ts';
import { withPlane } from './open-plane.ts';
import { printResult } from './output.ts';
import { slotsIn } from './slot-options.ts';
import { renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

type Stored = Deployment['schedules'][number];

interface Shown extends SlotDate {
  readonly times: string;
  readonly schedule: Stored | null;
  /** Seconds by which it may be due later. */
  readonly jitter: number;
}

export async function previewSchedules(
  terminal: Terminal,
  word: string | undefined,
  options: PreviewOptions,
): Promise<void> {
  await withPlane(terminal, async ({ deployments, clock }) => {
    const from = options.from ?? clock.now();
    const found = word === undefined ? null : await findDeployment(deployments, word);
    const dates = (source: SlotSource, times: string, schedule: Stored | null): Shown[] =>
      slotDates(source, from, options.limit).map((date) => ({
        ...date,
        times,
        schedule,
        jitter: source.rules?.jitterSeconds ?? 0,
      }));
    const active = found?.plain.schedules.filter((each) => each.active) ?? [];
    const all =
      found === null
        ? dates(await sourceIn(options, terminal.workingDirectory, from), '', null)
        : active.flatMap((stored) => dates(sourceOf(stored, from), describe(stored.schedule), stored));
    // Of equal instants of two schedules both are shown: two runs are made.
    const shown = all.toSorted((a, b) => a.instant - b.instant).slice(0, options.limit);
    printResult(terminal, options.output, shown.map(encode), () =>
      [
        shown.length === 0
          ? noDates(found)
          : renderTable(shown, previewColumns(shown, active.length > 1), terminal).trimEnd(),
        ...notes(shown, found),
      ].join('\n'),
    );
  });
}

/** Of no schedule that is there: how much jitter a slot would have is not known. */
async function sourceIn(options: PreviewOptions, folder: string, now: Instant): Promise<SlotSource> {
  const { jitter = 0, start = null, end = null, exclusions = [] } = await slotsIn(options, folder, now);
  const rules = { jitterSeconds: jitter, start, end, exclusions };
  const schedule = decodeDates(datesOf(options), now);
  readSchedule(schedule);
  checkRules(rules, schedule, now);
  return { id: '', schedule, rules: rulesOrNone(rules) };
}

function previewColumns(shown: readonly Shown[], isOfSeveral: boolean): Column<Shown>[] {
  return [
    { title: 'DATE', text: ({ unmoved }) => showTime(unmoved) },
    // As its own zone's clocks have it.
    { title: 'LOCAL TIME', text: ({ nominal }) => nominal.replace('T', ' '), drops: 2 },
    { title: 'CLOCKS', text: ({ mark }) => mark ?? '' },
    ...(shown.some(({ jitter }) => jitter > 0) ? [{ title: 'JITTER', text: jitterOf }] : []),
    ...(shown.some(({ exclusion }) => exclusion !== null)
      ? [
          {
            title: 'LEFT OUT',
            text: ({ exclusion }: Shown) => (exclusion ? exclusionText(exclusion) : ''),
            shrinks: true,
          },
        ]
      : []),
    ...(isOfSeveral
      ? [{ title: 'SCHEDULE', text: ({ schedule, times }: Shown) => schedule?.slug ?? times, shrinks: true, drops: 1 }]
      : []),
  ];
}

/** Of its window, as much as is known. */
function jitterOf({ jitter, schedule, instant, unmoved, exclusion }: Shown): string {
  if (jitter === 0 || exclusion !== null) return '';
  return schedule === null
    ? `up to ${showShort(jitter)}`
    : `${showShort(Math.round((instant - unmoved) / 1_000_000))} of ${showShort(jitter)}`;
}

function encode({ instant, unmoved, nominal, fold, mark, schedule, jitter, exclusion }: Shown) {
  return {
    date: formatInstant(unmoved),
    nominal,
    fold,
    mark,
    schedule_id: schedule?.id ?? null,
    jitter,
    /** `null`: it is not known before the schedule is made. */
    due: schedule === null && jitter > 0 ? null : formatInstant(instant),
    exclusion,
  };
}

function noDates(found: FoundDeployment | null): string {
  if (found === null) return 'There is no such date after that.';
  const { schedules } = found.plain;
  if (schedules.length === 0) return `Deployment ${nameOf(found)} has no schedules.`;
  return schedules.some(({ active }) => active)
    ? `The schedules of deployment ${nameOf(found)} have no dates after that.`
    : `All schedules of deployment ${nameOf(found)} are paused.`;
}

function notes(shown: readonly Shown[], found: FoundDeployment | null): string[] {
  const has = (mark: ScheduledDate['mark']): boolean => shown.some((date) => date.mark === mark);
  return [
    ...(has('gap') ? ['gap: clocks jump over the local time; it runs as much later.'] : []),
    ...(has('fold') ? ['fold: clocks show the local time twice; cron and rules run at the first.'] : []),
    ...(shown.some(({ exclusion }) => exclusion !== null) ? ['What is left out has no run: it is skipped.'] : []),
    ...(found?.plain.paused === true ? ['The deployment is paused: none of these runs is made.'] : []),
  ];
}
