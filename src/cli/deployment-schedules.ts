/** `ostinato deployment schedule`: the times at which deployments run, one by one. */

import type { NewSchedules } from '../client/control/deployments.ts';
import { describe, describeSlots } from '../client/control/describe-schedule.ts';
import type { Deployment } from '../contract/deployment.ts';
import { decodeDates } from '../contract/deployment-schedule.ts';
import { OstinatoError } from '../core/errors.ts';
import { sentValues } from '../core/json-value.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { formatSchedule } from '../core/schedules/format-schedule.ts';
import { runDates, type SlotSource } from '../core/schedules/slot-dates.ts';
import { exclusionText, rulesOrNone } from '../core/schedules/slot-rules.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { AddOptions, TimesOptions, UpdateOptions } from './commands/deployment-schedule.ts';
import { confirmDeletion } from './confirm.ts';
import { findDeployment, type FoundDeployment } from '../client/control/find-deployment.ts';
import { showShort, showTime } from './format.ts';
import { withPlane, type PlaneContext } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { typedParameters } from '../sdk/typed-parameters.ts';
import { readParameters } from './run-parameters.ts';
import { slotsIn } from './slot-options.ts';
import { renderFacts, renderTable, type Column } from './table.ts';
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
      { title: 'SLOTS', text: (each) => describeSlots(each, showShort), shrinks: true, drops: 2 },
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

function nextOf(stored: Stored, now: Instant): string {
  const [next] = stored.active ? runDates(sourceOf(stored, now), now, 1) : [];
  return next === undefined ? '' : showTime(next.instant);
}

/** As the server computes its slots. */
export function sourceOf({ id, schedule, jitter, start, end, exclusions }: Stored, now: Instant): SlotSource {
  const rules = { jitterSeconds: jitter ?? 0, start: start ?? null, end: end ?? null, exclusions: exclusions ?? [] };
  return { id, schedule: decodeDates(schedule, now), rules: rulesOrNone(rules) };
}

function shownParameters(parameters: object): string {
  return Object.keys(parameters).length === 0 ? '' : JSON.stringify(parameters);
}

export async function addSchedule(terminal: Terminal, word: string, options: AddOptions): Promise<void> {
  const given = readParameters(options, terminal.workingDirectory);
  await withPlane(terminal, async ({ deployments, clock }) => {
    const found = await findDeployment(deployments, word);
    const { slug, paused } = options;
    const schedule = datesOf(options);
    const { id, parameter_openapi_schema: schema } = found.plain;
    const added = {
      schedule,
      ...(await slotsIn(options, terminal.workingDirectory, clock.now())),
      ...(slug === undefined ? {} : { slug }),
      ...(paused === true ? { active: false } : {}),
      ...(given === null ? {} : { parameters: sentValues(typedParameters(given, schema, null)) }),
    };
    const [made] = await deployments.addSchedules(id, [added]);
    printResult(terminal, options.output, made, () => {
      const start = `Deployment ${nameOf(found)} runs ${describe(schedule)}, too`;
      if (paused === true) return `${start}, once that schedule is resumed.`;
      return found.plain.paused ? `${start}, once the deployment is resumed.` : `${start}.`;
    });
  });
}

export function datesOf({ cron, interval, anchor, rrule, timezone }: TimesOptions): Dates {
  const zone = timezone === undefined ? {} : { timezone };
  if (cron !== undefined) return { cron, ...zone };
  if (rrule !== undefined) return { rrule, ...zone };
  return { interval: interval ?? 0, ...zone, ...(anchor === undefined ? {} : { anchor_date: formatInstant(anchor) }) };
}

export async function updateSchedule(
  terminal: Terminal,
  word: string,
  which: string | undefined,
  options: UpdateOptions,
): Promise<void> {
  await change(terminal, word, which, options.output, async ({ deployments, clock }, found, stored) => {
    const { cron, interval, rrule, anchor, timezone } = options;
    const isTimed = [cron, interval, rrule, anchor, timezone].some((each) => each !== undefined);
    const update = {
      ...(isTimed ? { schedule: changedDates(stored.schedule, options) } : {}),
      ...(await slotsIn(options, terminal.workingDirectory, clock.now())),
    };
    const names = Object.keys(update).map((name) => (name === 'schedule' ? 'times' : name));
    const what = `the schedule ${describe(stored.schedule)} of deployment ${nameOf(found)}`;
    if (names.length === 0)
      throw new OstinatoError('bad-input', `It is not said what to change of ${what}.`, {
        remedy: 'Give options: ostinato deployment schedule update --help',
      });
    await deployments.updateSchedule(found.plain.id, stored.id, update);
    return [update, `Changed ${names.join(', ')} of ${what}.`];
  });
}

/** What is not said stays. */
function changedDates(stored: Dates, options: TimesOptions): Dates {
  const { cron, interval, rrule, anchor, timezone } = options;
  const zone = timezone ?? stored.timezone ?? undefined;
  if (cron !== undefined || rrule !== undefined) return datesOf({ ...options, ...(zone && { timezone: zone }) });
  if (interval !== undefined || ('interval' in stored && anchor !== undefined)) {
    const given = { ...('interval' in stored ? { anchor_date: stored.anchor_date } : {}), ...datesOf(options) };
    const seconds = interval ?? ('interval' in stored ? stored.interval : 0);
    return { ...given, interval: seconds, ...(zone && { timezone: zone }) } as Dates;
  }
  if (anchor !== undefined)
    throw new OstinatoError('bad-input', 'Only schedules by interval have an anchor.', {
      remedy: 'Leave --anchor out, or give an --interval.',
    });
  return { ...stored, ...(zone && { timezone: zone }) };
}

export async function inspectSchedule(
  terminal: Terminal,
  word: string,
  which: string | undefined,
  output: Output,
): Promise<void> {
  await withPlane(terminal, async ({ deployments, clock }) => {
    const found = await findDeployment(deployments, word);
    const stored = findSchedule(found, which);
    const exact = (found.exact.schedules as readonly { readonly id: string }[]).find(({ id }) => id === stored.id);
    const now = clock.now();
    printResult(terminal, output, exact ?? stored, () => renderFacts(factsOf(stored, now), terminal));
  });
}

function factsOf(stored: Stored, now: Instant): [string, string][] {
  const { schedule, slug, active, parameters, exclusions = [], id } = stored;
  return [
    ['id', id],
    ['slug', slug ?? ''],
    ['times', describe(schedule)],
    ['in words', formatSchedule(decodeDates(schedule, now))],
    ['active', active ? 'yes' : 'paused'],
    ['parameters', shownParameters(parameters)],
    ['slots', describeSlots({ ...stored, exclusions: undefined }, showShort)],
    ...exclusions.slice(0, EXCLUSIONS_SHOWN).map((each): [string, string] => ['left out', exclusionText(each)]),
    ...(exclusions.length > EXCLUSIONS_SHOWN
      ? [['', `and ${exclusions.length - EXCLUSIONS_SHOWN} more`] as [string, string]]
      : []),
    ['next', nextOf(stored, now)],
  ];
}

/** Others are told by `-o json`. */
const EXCLUSIONS_SHOWN = 20;

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
export function findSchedule(found: FoundDeployment, which: string | undefined): Stored {
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

export function nameOf({ flowName, plain }: FoundDeployment): string {
  return `${flowName}/${plain.name}`;
}
