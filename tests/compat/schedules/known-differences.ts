/** Where our dates are not those of Prefect 3.9.1, and why. Each row says what the reference gives instead, exactly. */
import { nextDates } from '../../../src/core/schedules/next-dates.ts';
import { zoneOf } from '../../../src/core/schedules/zone.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { Drawn } from './drawn-schedules.ts';

export interface Difference {
  readonly what: string;
  readonly why: string;
  /** Whether it is what makes the reference's dates (`theirs`, microseconds) other than ours. */
  explains?(drawn: Drawn, theirs: readonly number[], count: number): boolean;
  /** Whether it is why the reference says this instead of dates. */
  explainsError?(drawn: Drawn, error: string): boolean;
}

const MICRO = 1_000_000;
const DAY = 86_400;
const DATEUTIL_END = Date.UTC(2037, 8, 1) * 1000;

export const DIFFERENCES: readonly Difference[] = [
  {
    what: 'an interval of days at a time that clocks show twice: the first, where Python below 3.13 has the second',
    why: 'On Python 3.13 and later Prefect 3.9.1 asks for the first itself; cron has the first everywhere.',
    explains({ schedule, zone, start }, theirs, count) {
      if (schedule.kind !== 'interval' || schedule.interval % DAY !== 0) return false;
      const dates = nextDates(schedule, ((start - 2 * DAY) * MICRO) as Instant, count + 3);
      const second = dates.map(({ instant, mark, fold }) => {
        const { transition } = zoneOf(zone).resolve(wallOf(zone, instant));
        return mark === 'fold' && fold === 0 && transition
          ? instant + (transition.before - transition.after) * MICRO
          : instant;
      });
      return isSame(second.filter((instant) => instant >= start * MICRO).slice(0, count), theirs);
    },
  },
  {
    what: 'an interval of days and hours: elapsed time',
    why: 'There the dates depend on when they are asked for: elapsed time up to the first, days and hours behind it.',
    explains({ schedule, zone, start }, theirs, count) {
      if (schedule.kind !== 'interval' || schedule.interval < DAY || schedule.interval % DAY === 0) return false;
      const end = (theirs.at(-1) ?? 0) / MICRO + 2 * DAY;
      const from = start - schedule.interval - 2 * DAY;
      const change = zoneOf(zone).transitions(from, end)[0]?.at ?? end;
      const ours = nextDates(schedule, (start * MICRO - 1) as Instant, count).map(({ instant }) => instant as number);
      const isBefore = (instant: number): boolean => instant < change * MICRO;
      return change < end && isSame(ours.filter(isBefore), theirs.filter(isBefore));
    },
  },
  {
    what: 'a recurrence rule in a gap: forward, where the reference goes back in most zones (02:30 becomes 01:30)',
    why: 'RFC 5545 §3.3.5 reads such a time with the offset before the gap; python-dateutil with the one behind it.',
    explains({ schedule, zone, start }, theirs, count) {
      if (schedule.kind !== 'rrule') return false;
      const from = start + zoneOf(zone).offsetAt(start) - 2 * DAY;
      const walls = nextDates({ ...schedule, timezone: 'UTC' }, (from * MICRO) as Instant, 2000);
      return [false, true].some((isBack) => {
        const dates = new Set<number>();
        for (const { instant } of walls) {
          const { unix, mark, transition } = zoneOf(zone).resolve(instant / MICRO);
          const back = isBack && mark === 'gap' && transition ? transition.after - transition.before : 0;
          if (unix - back >= start && dates.size < count) dates.add((unix - back) * MICRO);
        }
        return isSame(
          [...dates].sort((a, b) => a - b),
          theirs,
        );
      });
    },
  },
  {
    what: 'cron on the first days behind a short month (`1,30` on 1 March): there, where croniter loses them',
    why: 'It steps from the day in February to the 30th, past the end of the month, and looks on from there.',
    explains({ schedule, start }, theirs, count) {
      if (schedule.kind !== 'cron') return false;
      const ours = nextDates(schedule, (start * MICRO - 1) as Instant, count * 400);
      const end = theirs.at(-1) ?? 0;
      const lost = ours.filter(({ instant }) => instant <= end && !theirs.includes(instant));
      const isOurs = theirs.every((instant) => ours.some((date) => date.instant === instant));
      return isOurs && lost.length > 0 && lost.every(({ nominal }) => Number(nominal.slice(8, 10)) <= 3);
    },
  },
  {
    what: 'days of a month beside an n-th weekday that never falls on them: the n-th weekday, where croniter gives up',
    why: 'Either is enough (`day_or`), but it asks for days of the month that are the n-th weekday as well.',
    explainsError: ({ schedule }, error) =>
      schedule.kind === 'cron' && schedule.dayOr && /#|L\d/i.test(schedule.cron) && /failed to find/.test(error),
  },
  {
    what: 'a recurrence rule after 2037: local time, where the reference no longer changes clocks',
    why: 'python-dateutil reads the first part of a zone file alone, which ends there.',
    explains({ schedule, start }, theirs, count) {
      if (schedule.kind !== 'rrule') return false;
      const ours = nextDates(schedule, (start * MICRO - 1) as Instant, count).map(({ instant }) => instant as number);
      const isBefore = (instant: number): boolean => instant < DATEUTIL_END;
      return theirs.some((instant) => !isBefore(instant)) && isSame(ours.filter(isBefore), theirs.filter(isBefore));
    },
  },
];

function wallOf(zone: string, instant: number): number {
  const unix = Math.floor(instant / MICRO);
  return unix + zoneOf(zone).offsetAt(unix);
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}
