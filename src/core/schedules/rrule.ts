/** Which local times a set of recurrence rules names, with bounded work: nothing is walked from its start. */

import { OstinatoError } from '../errors.ts';
import { type DateSeries, seriesOfWalls } from './date-series.ts';
import { firstMatch, lastOfCount } from './recurrence-periods.ts';
import { type RecurrenceRule, readRecurrence } from './rrule-text.ts';
import type { RRuleSchedule } from './schedule.ts';
import { zoneOf } from './zone.ts';

/** Dates in a row that may be taken out by EXRULE and EXDATE before the next one. */
const EXCEPTIONS_MAX = 10_000;

export function rruleSeries({ rrule, timezone }: RRuleSchedule): DateSeries {
  const zone = zoneOf(timezone);
  const set = readRecurrence(rrule);
  const rules = set.rules.map(lastOfCount);
  const exceptRules = set.exceptRules.map(lastOfCount);
  const isExcepted = (wall: number): boolean =>
    set.exceptDates.has(wall) || exceptRules.some((rule) => firstMatch(rule, wall) === wall);
  const next = (after: number): number | null => {
    let wall: number | null = after;
    for (let left = EXCEPTIONS_MAX; left > 0; left--) {
      wall = earliest(rules, set.dates, wall + 1);
      if (wall === null || !isExcepted(wall)) return wall;
    }
    throw new OstinatoError('bad-input', `The recurrence rule excepts ${EXCEPTIONS_MAX} of its dates in a row.`, {
      remedy: 'Leave the times out of the RRULE itself.',
    });
  };
  const isEmpty = set.rules.some((rule) => firstMatch({ ...rule, until: null, count: null }, rule.start) === null);
  const first = Math.min(...set.rules.map(({ start }) => start), ...set.dates);
  if (isEmpty || next(first - 1) === null)
    throw new OstinatoError('bad-input', `The recurrence rule '${rrule.slice(0, 100)}' names no date that there is.`, {
      remedy: 'Look whether its parts allow a day together, and whether it ends before it starts.',
    });
  return seriesOfWalls(next, zone);
}

/** The first time of any rule, or of the list, that is `from` or later. */
function earliest(rules: readonly RecurrenceRule[], dates: readonly number[], from: number): number | null {
  let found = dates.find((date) => date >= from) ?? null;
  for (const rule of rules) {
    const match = firstMatch(rule, from);
    if (match !== null && (found === null || match < found)) found = match;
  }
  return found;
}
