/** `ostinato deployment schedule`: the times at which deployments run, one by one. */

import type { NewSchedules } from '../client/control/deployments.ts';
import { describe } from '../client/control/describe-schedule.ts';
import type { Deployment } from '../contract/deployment.ts';
import { decodeDates } from '../contract/deployment-schedule.ts';
import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { nextDates } from '../core/schedules/next-dates.ts';
import type { ScheduledDate } from '../core/schedules/schedule.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { AddOptions, PreviewOptions, TimesOptions } from './commands/deployment-schedule.ts';
import { confirmDeletion } from './confirm.ts';
import { findDeployment, type FoundDeployment } from '../client/control/find-deployment.ts';
import { showTime } from './format.ts';
import { withPlane, type PlaneContext } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { parametersJson, typedParameters } from '../sdk/typed-parameters.ts';
import { readParameters } from './run-parameters.ts';
import { renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

type Output = OutputOptions['output'];
type Stored = Deployment['schedules'][number];
type Dates = NewSchedules[number]['schedule'];

export async function listSchedules(terminal: Terminal, word: string, output: Output): Promise<void> {
  await withPlane(terminal, async ({ deployments, clock }) => {
    const found = await findDeployment(deployments, word);
    const { paused, schedules } = found.plain;
    const now = clock.now();
    const columns: Column<Stored>[] = [
      { title: 'SLUG', text: ({ slug }) => slug ?? '', shrinks: true, drops: 2 },
      { title: 'TIMES', text: ({ schedule }) => describe(schedule), is: 'whole' },
      { title: 'ACTIVE', text: ({ active }) => (active ? 'yes' : 'paused') },
      { title: 'NEXT', text: (each) => nextOf(each, now), drops: 1 },
      { title: 'PARAMETERS', text: ({ parameters }) => shownParameters(parameters), shrinks: true, drops: 3 },
      { title: 'ID', text: ({ id }) => id, is: 'id', shrinks: true, drops: 4 },
    ];
    printResult(terminal, output, found.exact.schedules, () => {
      if (schedules.length === 0) return `Deployment ${nameOf(found)} has no schedules.`;
      const table = renderTable(schedules, columns, terminal);
      return paused ? `${table}The deployment is paused: none of them makes runs.` : table;
    });
  });
}

function nextOf({ schedule, active }: Stored, now: Instant): string {
  const [next] = active ? nextDates(decodeDates(schedule, now), now, 1) : [];
  return next === undefined ? '' : showTime(next.instant);
}

function shownParameters(parameters: object): string {
  return Object.keys(parameters).length === 0 ? '' : JSON.stringify(parameters);
}

export async function addSchedule(terminal: Terminal, word: string, options: AddOptions): Promise<void> {
  const given = readParameters(options, terminal.workingDirectory);
  await withPlane(terminal, async ({ deployments }) => {
    const found = await findDeployment(deployments, word);
    const { slug, paused } = options;
    const schedule = datesOf(options);
    const { id, parameter_openapi_schema: schema } = found.plain;
    const added = {
      schedule,
      ...(slug === undefined ? {} : { slug }),
      ...(paused === true ? { active: false } : {}),
      ...(given === null ? {} : { parameters: parametersJson(typedParameters(given, schema, null)) }),
    };
    const [made] = await deployments.addSchedules(id, [added]);
    printResult(terminal, options.output, made, () => {
      const start = `Deployment ${nameOf(found)} runs ${describe(schedule)}, too`;
      if (paused === true) return `${start}, once that schedule is resumed.`;
      return found.plain.paused ? `${start}, once the deployment is resumed.` : `${start}.`;
    });
  });
}

function datesOf({ cron, interval, anchor, rrule, timezone }: TimesOptions): Dates {
  const zone = timezone === undefined ? {} : { timezone };
  if (cron !== undefined) return { cron, ...zone };
  if (rrule !== undefined) return { rrule, ...zone };
  return { interval: interval ?? 0, ...zone, ...(anchor === undefined ? {} : { anchor_date: formatInstant(anchor) }) };
}

/** Finds deployment and schedule, does the work, and prints the schedule as JSON or the sentence. */
async function change(
  terminal: Terminal,
  word: string,
  which: string | undefined,
  output: Output,
  work: (context: PlaneContext, found: FoundDeployment, schedule: Stored) => Promise<readonly [object, string]>,
): Promise<void> {
  await withPlane(terminal, async (context) => {
    const found = await findDeployment(context.deployments, word);
    const schedule = findSchedule(found, which);
    const [more, sentence] = await work(context, found, schedule);
    const { id, slug } = schedule;
    printResult(terminal, output, { id, slug, deployment_id: found.plain.id, ...more }, () => sentence);
  });
}

export async function removeSchedule(
  terminal: Terminal,
  word: string,
  which: string | undefined,
  output: Output,
): Promise<void> {
  await change(terminal, word, which, output, async ({ deployments }, found, { id, schedule }) => {
    await deployments.removeSchedule(found.plain.id, id);
    return [{}, `Deployment ${nameOf(found)} does not run ${describe(schedule)} any more.`];
  });
}

export async function setActive(
  terminal: Terminal,
  word: string,
  which: string | undefined,
  active: boolean,
  output: Output,
): Promise<void> {
  await change(terminal, word, which, output, async ({ deployments }, found, { id, schedule }) => {
    await deployments.updateSchedule(found.plain.id, id, { active });
    const what = `The schedule ${describe(schedule)} of deployment ${nameOf(found)}`;
    if (!active) return [{ active }, `${what} is paused: it makes no runs.`];
    const but = found.plain.paused ? ', once the deployment is resumed, too' : '';
    return [{ active }, `${what} makes runs again${but}.`];
  });
}

export async function clearSchedules(
  terminal: Terminal,
  word: string,
  { output, yes }: OutputOptions & { readonly yes?: boolean },
): Promise<void> {
  await withPlane(terminal, async ({ deployments }) => {
    const found = await findDeployment(deployments, word);
    const { id, schedules } = found.plain;
    const what = schedules.length === 1 ? 'the schedule' : `the ${schedules.length} schedules`;
    if (schedules.length > 0 && yes !== true)
      if (!(await confirmDeletion(terminal, `${what} of deployment ${nameOf(found)}`))) return;
    for (const schedule of schedules) await deployments.removeSchedule(id, schedule.id);
    const ids = schedules.map((schedule) => schedule.id);
    printResult(terminal, output, { deployment_id: id, deleted: ids }, () =>
      schedules.length === 0
        ? `Deployment ${nameOf(found)} had no schedules.`
        : `Deployment ${nameOf(found)} has no schedules any more.`,
    );
  });
}

/** By slug, id or times. @throws `not-found`, or `conflict` where it has to be said which of several */
function findSchedule(found: FoundDeployment, which: string | undefined): Stored {
  const { schedules } = found.plain;
  const name = nameOf(found);
  if (schedules.length === 0)
    throw new OstinatoError('not-found', `Deployment ${name} has no schedules.`, {
      remedy: 'Give it one with: ostinato deployment schedule add',
    });
  const fitting = which === undefined ? schedules : matching(schedules, which);
  const [first] = fitting;
  if (first !== undefined && fitting.length === 1) return first;
  const words = schedules.map(({ slug, schedule }) => slug ?? describe(schedule));
  if (fitting.length > 0)
    throw new OstinatoError(
      'conflict',
      `Deployment ${name} has several such schedules:\n${fitting
        .map(({ id, slug, schedule }) => `  ${slug ?? id}  ${describe(schedule)}`)
        .join('\n')}`,
      { remedy: 'Say which one: type its slug or its id behind the deployment.' },
    );
  throw new OstinatoError(
    'not-found',
    `Deployment ${name} has no schedule "${which ?? ''}".${didYouMean(which ?? '', words)}`,
    { remedy: 'See them with: ostinato deployment schedule ls DEPLOYMENT' },
  );
}

function matching(schedules: readonly Stored[], which: string): readonly Stored[] {
  const named = schedules.filter(({ id, slug }) => slug === which || id === which.toLowerCase());
  if (named.length > 0) return named;
  return schedules.filter(
    ({ schedule }) => describe(schedule) === which || ('cron' in schedule && schedule.cron === which),
  );
}

interface Shown extends ScheduledDate {
  readonly times: string;
  readonly schedule: Stored | null;
}

export async function previewSchedules(
  terminal: Terminal,
  word: string | undefined,
  options: PreviewOptions,
): Promise<void> {
  await withPlane(terminal, async ({ deployments, clock }) => {
    const from = options.from ?? clock.now();
    const found = word === undefined ? null : await findDeployment(deployments, word);
    const dates = (schedule: Dates, stored: Stored | null): Shown[] =>
      nextDates(decodeDates(schedule, from), from, options.limit).map((date) => ({
        ...date,
        times: describe(schedule),
        schedule: stored,
      }));
    const active = found?.plain.schedules.filter((each) => each.active) ?? [];
    const all =
      found === null ? dates(datesOf(options), null) : active.flatMap((stored) => dates(stored.schedule, stored));
    // Of equal instants of two schedules both are shown: two runs are made.
    const shown = all.toSorted((a, b) => a.instant - b.instant).slice(0, options.limit);
    printResult(terminal, options.output, shown.map(encode), () =>
      [
        shown.length === 0 ? noDates(found) : renderTable(shown, previewColumns(active.length > 1), terminal).trimEnd(),
        ...notes(shown, found),
      ].join('\n'),
    );
  });
}

function previewColumns(isOfSeveral: boolean): Column<Shown>[] {
  return [
    { title: 'DATE', text: ({ instant }) => showTime(instant) },
    // As its own zone's clocks have it.
    { title: 'LOCAL TIME', text: ({ nominal }) => nominal.replace('T', ' '), drops: 2 },
    { title: 'CLOCKS', text: ({ mark }) => mark ?? '' },
    ...(isOfSeveral
      ? [{ title: 'SCHEDULE', text: ({ schedule, times }: Shown) => schedule?.slug ?? times, shrinks: true, drops: 1 }]
      : []),
  ];
}

function encode({ instant, nominal, fold, mark, schedule }: Shown) {
  return { date: formatInstant(instant), nominal, fold, mark, schedule_id: schedule?.id ?? null };
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
    ...(found?.plain.paused === true ? ['The deployment is paused: none of these runs is made.'] : []),
  ];
}

function nameOf({ flowName, plain }: FoundDeployment): string {
  return `${flowName}/${plain.name}`;
}
