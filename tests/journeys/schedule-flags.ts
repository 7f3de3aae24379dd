/** What the flags of `deployment schedule` change, for the walk over all flags. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case, type Observe } from './flag-observations.ts';

type World = () => FlagWorld;
type Words = () => Promise<readonly string[]>;

/** @returns its name */
async function deployed(world: World): Promise<string> {
  const name = fresh('deployment');
  const { id } = await world().post('/flows/', { name: 'scheduled' });
  await world().post('/deployments/', {
    name,
    flow_id: id,
    parameter_openapi_schema: { type: 'object', properties: { day: { type: 'string' } } },
    schedules: [{ schedule: { cron: '0 9 * * *', timezone: 'UTC' }, slug: 'morning' }],
  });
  return name;
}

/** What stands there afterwards of the schedule that was added. */
const added =
  (world: World, words: readonly string[] = ['--cron', '0 12 * * *']): Observe =>
  async (flag) => {
    const given = ['deployment', 'schedule', 'add', await deployed(world), ...words, ...flag];
    const { schedule, ...made } = await world().json<Record<string, unknown>>(given);
    return { schedule, ...made, id: null, created: null, updated: null, deployment_id: null };
  };

/** Whether it is added at all: one of these flags is needed. */
const timed =
  (world: World): Observe =>
  async (flag) =>
    (await world().call(['deployment', 'schedule', 'add', await deployed(world), ...flag])).exitCode;

const previewed =
  (world: World, words: readonly string[] = ['--cron', '0 12 * * *']): Observe =>
  async (flag) =>
    (await world().call(['deployment', 'schedule', 'preview', '--from', '2026-03-28', ...words, ...flag])).stdout;

/** What stands there afterwards of the schedule that was there. */
const updated =
  (world: World, words: readonly string[] = []): Observe =>
  async (flag) => {
    const name = await deployed(world);
    await world().call(['deployment', 'schedule', 'update', name, ...words, ...flag]);
    const [{ id: _, updated: __, ...only } = {}] = await world().json<readonly Record<string, unknown>[]>([
      'deployment',
      'schedule',
      'ls',
      name,
    ]);
    return { ...only, created: null, deployment_id: null };
  };

/** With one day in it. */
function calendar(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ostinato-calendar-')), 'holidays.ics');
  const event = [
    'BEGIN:VEVENT',
    'UID:1',
    'SUMMARY:spring',
    'DTSTART;VALUE=DATE:20260330',
    'RRULE:FREQ=YEARLY',
    'END:VEVENT',
  ];
  writeFileSync(path, ['BEGIN:VCALENDAR', ...event, 'END:VCALENDAR', ''].join('\r\n'));
  return path;
}

const rules = (see: Observe): Readonly<Record<string, Case>> => ({
  '--jitter': of(['5m'], see),
  '--start': of(['2026-03-30'], see),
  '--end': of(['2026-03-30'], see),
  '--exclude': of(['2026-03-29'], see),
  '--calendar': of([calendar()], see),
});

const slots = (see: Observe): Readonly<Record<string, Case>> => ({
  ...rules(see),
  '--catch-up': of(['all'], see),
  '--max-lateness': of(['2h'], see),
  '--overlap': of(['skip'], see),
});

export function scheduleCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  return {
    'deployment schedule add': {
      '--cron': of(['0 9 * * *'], timed(world)),
      '--interval': of(['15m'], timed(world)),
      '--rrule': of(['FREQ=DAILY'], timed(world)),
      '--anchor': of(['2026-01-01T09:00:00Z'], added(world, ['--interval', '1d', '--timezone', 'Europe/Berlin'])),
      '--timezone': of(['Europe/Berlin'], added(world)),
      '--slug': of(['noon'], added(world)),
      '--param': of(['day=y'], added(world)),
      '--params': of(['{"day": "z"}'], added(world)),
      '--paused': of([], added(world)),
      ...slots(added(world)),
    },
    'deployment schedule update': {
      '--cron': of(['0 10 * * *'], updated(world)),
      '--interval': of(['15m'], updated(world)),
      '--rrule': of(['FREQ=DAILY'], updated(world)),
      '--anchor': of(['2026-01-01T09:00:00Z'], updated(world, ['--interval', '1d'])),
      '--timezone': of(['Europe/Berlin'], updated(world)),
      ...slots(updated(world)),
    },
    'deployment schedule clear': {
      '--yes': of(
        [],
        async (flag) =>
          (await world().call(['deployment', 'schedule', 'clear', await deployed(world), ...flag])).exitCode,
      ),
    },
    'deployment schedule preview': {
      '--cron': of(['0 9 * * *'], previewed(world, [])),
      '--interval': of(['15m'], previewed(world, [])),
      '--rrule': of(['FREQ=DAILY'], previewed(world, [])),
      '--anchor': of(['2026-01-01T09:30:00Z'], previewed(world, ['--interval', '1d'])),
      '--timezone': of(['Europe/Berlin'], previewed(world)),
      '--limit': of(['2'], previewed(world)),
      '--from': of(['2027-01-01'], previewed(world)),
      ...rules(previewed(world)),
    },
  };
}

/** Each as it is called for its JSON. */
export function scheduleOutputs(world: World): Readonly<Record<string, Words>> {
  return {
    'deployment schedule ls': async () => [await deployed(world)],
    'deployment schedule inspect': async () => [await deployed(world)],
    'deployment schedule add': async () => [await deployed(world), '--interval', '1d'],
    'deployment schedule update': async () => [await deployed(world), '--overlap', 'skip'],
    'deployment schedule rm': async () => [await deployed(world), 'morning'],
    'deployment schedule pause': async () => [await deployed(world)],
    'deployment schedule resume': async () => [await deployed(world)],
    'deployment schedule clear': async () => ['-y', await deployed(world)],
    'deployment schedule preview': async () => [await deployed(world)],
  };
}
