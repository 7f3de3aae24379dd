/** Schedules are drawn, and the reference's own classes say their dates: ours are the same, but for what is told. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { OstinatoError } from '../../src/core/errors.ts';
import { nextDates } from '../../src/core/schedules/next-dates.ts';
import type { Schedule } from '../../src/core/schedules/schedule.ts';
import { zoneOf } from '../../src/core/schedules/zone.ts';
import { formatInstant, type Instant } from '../../src/core/time.ts';
import { prepareClients, REFERENCE } from './clients.ts';
import { Chance } from './differential/chance.ts';
import { type Drawn, drawSchedule, FIRST_DAY, LAST_DAY, witnesses } from './schedules/drawn-schedules.ts';
import { DIFFERENCES } from './schedules/known-differences.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'schedule_dates.py');
/** A quarter of them: the tests of `core/schedules` go through all. */
const ZONES = Intl.supportedValuesOf('timeZone').filter((_, index) => index % 4 === 0);
const CASES = 900;
const DATES = 6;
const MICRO = 1_000_000;
const TOO_SLOW = 'no date for too long';

interface Answer {
  /** Microseconds, or why there are none. */
  readonly dates: readonly (number[] | string)[];
  readonly zones: Readonly<Record<string, readonly [zoneinfo: string, dateutil: string]>>;
}

before(async () => await prepareClients(() => undefined), { timeout: 600_000 });

/** A schedule as Prefect's wire has it. */
function wireOf(schedule: Schedule): object {
  const { kind, ...fields } = schedule;
  if (kind === 'cron') {
    const { cron, timezone, dayOr } = schedule;
    return { cron, timezone, day_or: dayOr };
  }
  if (kind === 'interval') {
    const { interval, timezone, anchorDate } = schedule;
    return { interval, timezone, anchor_date: formatInstant(anchorDate) };
  }
  return fields;
}

function ask(cases: readonly Drawn[], zones: readonly string[]): Promise<Answer> {
  const child = spawn(REFERENCE.python, [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [text, wrong] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (wrong += chunk));
  child.stdin.end(
    JSON.stringify({
      cases: cases.map(({ schedule, start }) => ({
        kind: schedule.kind,
        schedule: wireOf(schedule),
        start: start * MICRO,
        n: DATES,
      })),
      zones,
      firstDay: FIRST_DAY,
      lastDay: LAST_DAY,
    }),
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(text) as Answer) : reject(new Error(`It ended with ${code}: ${wrong}`)),
    );
  });
}

/** As the program makes it. */
function digestOf(name: string): string {
  const digest = createHash('sha256');
  for (let day = FIRST_DAY; day < LAST_DAY; day += 5) digest.update(`${zoneOf(name).offsetAt(day * 86_400 + 21_600)} `);
  return digest.digest('hex');
}

/** Microseconds, or why there are none. */
function oursOf({ schedule, start }: Drawn): number[] | string {
  try {
    return nextDates(schedule, (start * MICRO - 1) as Instant, DATES).map(({ instant }) => instant);
  } catch (error) {
    assert.ok(error instanceof OstinatoError, String(error));
    return error.message;
  }
}

test(`the dates of ${CASES} schedules`, { timeout: 600_000 }, async (context) => {
  const chance = new Chance(20_261_129);
  const drawn = [...witnesses(), ...Array.from({ length: CASES }, () => drawSchedule(chance, chance.of(ZONES)))];
  const names = [...new Set(drawn.map(({ zone }) => zone))];
  const { dates, zones } = await ask(drawn, names);
  const known = new Map(names.map((name) => [name, digestOf(name)]));
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const unexplained: unknown[] = [];
  for (const [index, each] of drawn.entries()) {
    const ours = oursOf(each);
    const theirs = dates[index] ?? 'no answer';
    const [zoneinfo, dateutil] = zones[each.zone] ?? ['', ''];
    const theirZone = each.schedule.kind === 'rrule' ? dateutil : zoneinfo;
    if (theirZone !== known.get(each.zone)) count('(another zone database)');
    else if (theirs === TOO_SLOW) count('(the reference has no answer in a second)');
    else if (typeof ours === 'string') {
      // A rule without any date is refused; they go on looking, or say so later.
      if (typeof theirs === 'string' || theirs.length === 0) count('(no date)');
      else unexplained.push({ ...each, ours, theirs });
    } else if (typeof theirs === 'string') {
      const row = DIFFERENCES.find((difference) => difference.explainsError?.(each, theirs));
      if (row) count(row.what);
      else unexplained.push({ ...each, ours: ours.map(show), theirs });
    } else if (JSON.stringify(ours) === JSON.stringify(theirs)) count(`(same, ${each.schedule.kind})`);
    else {
      const row = DIFFERENCES.find((difference) => difference.explains?.(each, theirs, DATES));
      if (row) count(row.what);
      else unexplained.push({ ...each, ours: ours.map(show), theirs: theirs.map(show) });
    }
  }
  // What depends on the version of Python need not be seen.
  const unseen = DIFFERENCES.filter(({ what }) => !counts.has(what) && !what.includes('Python below'));
  for (const [what, times] of counts) context.diagnostic(`${times}: ${what}`);
  assert.deepEqual(unexplained.slice(0, 5), [], `${unexplained.length} of ${CASES} are not explained`);
  assert.deepEqual(
    unseen.map(({ what }) => what),
    [],
    'differences that are none any more',
  );
  assert.ok((counts.get('(another zone database)') ?? 0) < CASES / 20, 'most zones are compared');
  for (const kind of ['interval', 'cron', 'rrule'])
    assert.ok((counts.get(`(same, ${kind})`) ?? 0) > CASES / 6, `most of ${kind} are the same`);
  assert.ok((counts.get('(the reference has no answer in a second)') ?? 0) < CASES / 10);
});

function show(micros: number): string {
  return formatInstant(micros as Instant);
}
