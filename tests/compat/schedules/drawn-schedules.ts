/** Schedules by chance, asked from a time near a change of their zone's clocks more often than not. */
import type { Schedule } from '../../../src/core/schedules/schedule.ts';
import { zoneOf } from '../../../src/core/schedules/zone.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { Chance } from '../differential/chance.ts';

export interface Drawn {
  readonly schedule: Schedule;
  readonly zone: string;
  /** Unix seconds. */
  readonly start: number;
}

const DAY = 86_400;
/** Before 2038, where python-dateutil's zones end. */
export const FIRST_DAY = Date.UTC(2018, 0, 1) / 1000 / DAY;
export const LAST_DAY = Date.UTC(2037, 0, 1) / 1000 / DAY;

export function drawSchedule(chance: Chance, zone: string): Drawn {
  const start = drawStart(chance, zone);
  return { schedule: chance.of([drawInterval, drawCron, drawRRule])(chance, zone, start), zone, start };
}

function drawStart(chance: Chance, zone: string): number {
  const any = FIRST_DAY * DAY + 400 * DAY + chance.below((LAST_DAY - FIRST_DAY - 800) * DAY);
  const changes = zoneOf(zone).transitions(any - 200 * DAY, any + 200 * DAY);
  return changes.length > 0 && chance.is(0.6) ? chance.of(changes).at - 2 * DAY + chance.below(3 * DAY) : any;
}

function drawInterval(chance: Chance, timezone: string, start: number): Schedule {
  const unit = chance.of([1, 60, 900, 3600, DAY, DAY, 7 * DAY, 1.5 * DAY]);
  const anchor = start + chance.of([-1, -1, -1, 1]) * chance.below(700) * DAY + chance.below(96) * 900;
  return {
    kind: 'interval',
    interval: unit * (1 + chance.below(12)),
    anchorDate: (anchor * 1_000_000 + chance.of([0, 0, 250_000])) as Instant,
    timezone,
  };
}

interface CronField {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const CRON_FIELDS: readonly CronField[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: MONTHS },
  { low: 0, high: 6, names: WEEKDAYS },
  { low: 0, high: 59 },
];

function drawCron(chance: Chance, timezone: string): Schedule {
  const words = CRON_FIELDS.map((field, index) => drawCronField(chance, field, index));
  const usual = [
    '@daily',
    '@hourly',
    '@weekly',
    '30 2 * * *',
    '*/15 1-3 * * *',
    '0 9 * * mon-fri',
    '15,45 0-2 * * sun',
  ];
  const cron = chance.is(0.3) ? chance.of(usual) : words.slice(0, chance.of([5, 5, 5, 6])).join(' ');
  return { kind: 'cron', cron, timezone, dayOr: chance.is(0.7) };
}

function drawCronField(chance: Chance, field: CronField, index: number): string {
  if (chance.is([0.2, 0.3, 0.6, 0.7, 0.6, 0.3][index] ?? 0)) return '*';
  if (index === 2 && chance.is(0.1)) return 'L';
  if (index === 4 && chance.is(0.15)) return chance.of(['fri#2', 'L5', '1#1', 'sun#3']);
  return Array.from({ length: 1 + chance.below(3) }, () => drawCronItem(chance, field)).join(',');
}

function drawCronItem(chance: Chance, { low, high, names }: CronField): string {
  const value = (): string => {
    const number = low + chance.below(high - low + 1);
    return names && chance.is(0.4) ? (names[number - low] ?? '') : String(number);
  };
  const step = 1 + chance.below(Math.ceil(high / 2));
  return chance.of([value(), value(), `${value()}-${value()}`, `*/${step}`, `${value()}-${value()}/${step}`]);
}

const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'];
const RULE_DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** Days before the start on which a rule may begin: the reference walks from there. */
const AGE_DAYS_MAX = [3000, 3000, 3000, 1000, 60, 4, 0.1];

function drawRRule(chance: Chance, timezone: string, start: number): Schedule {
  const rank = chance.below(FREQUENCIES.length);
  const begin = start - chance.below(Math.ceil((AGE_DAYS_MAX[rank] ?? 1) * 96)) * 900;
  const parts = [`FREQ=${FREQUENCIES[rank]}`, ...drawParts(chance, rank)];
  const lines = [`DTSTART:${ruleTime(begin)}`, `RRULE:${parts.join(';')}`];
  if (chance.is(0.15)) lines.push(`EXDATE:${ruleTime(begin + DAY)},${ruleTime(begin + 7 * DAY)}`);
  if (chance.is(0.1)) lines.push(`RDATE:${ruleTime(start + chance.below(96) * 900)}`);
  if (chance.is(0.05)) lines.push('EXRULE:FREQ=DAILY;BYDAY=WE');
  return { kind: 'rrule', rrule: lines.join('\n'), timezone };
}

function ruleTime(wall: number): string {
  return new Date(wall * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}

function drawParts(chance: Chance, rank: number): string[] {
  const some = (low: number, count: number, signed = false): string =>
    Array.from({ length: 1 + chance.below(3) }, () => {
      const value = low + chance.below(count);
      return signed && chance.is(0.3) ? -value : value;
    }).join(',');
  const parts: string[] = [];
  const add = (share: number, part: () => string): void => {
    if (chance.is(share)) parts.push(part());
  };
  add(0.4, () => `INTERVAL=${1 + chance.below(rank > 3 ? 40 : 4)}`);
  add(0.15, () => `BYMONTH=${some(1, 12)}`);
  add(0.2, () => `BYMONTHDAY=${some(1, 28, true)}`);
  add(rank === 0 ? 0.2 : 0, () => `BYYEARDAY=${some(1, 365, true)}`);
  add(rank === 0 ? 0.2 : 0, () => `BYWEEKNO=${some(1, 52)}`);
  const isNth = rank < 2 && chance.is(0.5);
  add(0.3, () => `BYDAY=${isNth ? chance.of(['1', '-1', '2']) : ''}${chance.of(RULE_DAYS)}`);
  add(0.4, () => `BYHOUR=${some(0, 5)}`);
  add(rank === 6 ? 0 : 0.4, () => `BYMINUTE=${some(0, 59)}`);
  add(rank === 6 ? 0 : 0.3, () => `BYSECOND=${some(0, 59)}`);
  add(rank < 3 ? 0.15 : 0, () => `BYSETPOS=${chance.of(['1', '-1', '1,-1', '2'])}`);
  add(0.1, () => `WKST=${chance.of(RULE_DAYS)}`);
  add(0.1, () => `COUNT=${1 + chance.below(3000)}`);
  return parts;
}

/** A schedule for each of the differences, so that all are seen whatever is drawn. */
export function witnesses(): Drawn[] {
  const zone = 'America/New_York';
  const at = (text: string): number => Date.parse(text) / 1000;
  const anchorDate = (at('2026-01-01T06:30Z') * 1_000_000) as Instant;
  const cron = (text: string): Schedule => ({ kind: 'cron', cron: text, timezone: zone, dayOr: true });
  const early = 'DTSTART:20260101T023000\nRRULE:FREQ=DAILY';
  return [
    { schedule: { kind: 'interval', interval: DAY, anchorDate, timezone: zone }, zone, start: at('2026-10-30T00:00Z') },
    {
      schedule: { kind: 'interval', interval: 1.5 * DAY, anchorDate, timezone: zone },
      zone,
      start: at('2026-03-06T12:00Z'),
    },
    { schedule: { kind: 'rrule', rrule: early, timezone: zone }, zone, start: at('2026-03-07T00:00Z') },
    { schedule: { kind: 'rrule', rrule: early, timezone: zone }, zone, start: at('2038-06-01T00:00Z') },
    { schedule: cron('0 0 1,30 * *'), zone, start: at('2026-02-15T00:00Z') },
    { schedule: cron('0 0 1-7 * fri#3'), zone, start: at('2026-02-15T00:00Z') },
  ];
}
