/** Whether a recurrence rule allows a day. */

import { civilDate, dayNumber, daysInMonth, weekdayOf } from './calendar.ts';
import type { RecurrenceRule } from './rrule-text.ts';

export function isRuleDay(rule: RecurrenceRule, day: number): boolean {
  const { months, monthDays, yearDays, weeks, easterDays, weekdays } = rule;
  const date = civilDate(day);
  const { year, month } = date;
  if (months.length > 0 && !months.includes(month)) return false;
  if (monthDays.length > 0) {
    const fromEnd = date.day - daysInMonth(year, month) - 1;
    if (!monthDays.includes(date.day) && !monthDays.includes(fromEnd)) return false;
  }
  if (weekdays.length > 0 && !isRuleWeekday(rule, day, year, month)) return false;
  if (yearDays.length > 0) {
    const fromStart = day - dayNumber(year, 1, 1) + 1;
    if (!yearDays.includes(fromStart) && !yearDays.includes(day - dayNumber(year + 1, 1, 1))) return false;
  }
  if (easterDays.length > 0 && !easterDays.includes(day - easter(year))) return false;
  return weeks.length === 0 || isRuleWeek(rule, day, year);
}

/** The n-th weekday counts in the months of the rule; in a rule of years without months, in the year. */
function isRuleWeekday(rule: RecurrenceRule, day: number, year: number, month: number): boolean {
  const weekday = weekdayOf(day);
  const isInYear = rule.frequency === 'YEARLY' && rule.months.length === 0;
  const first = isInYear ? dayNumber(year, 1, 1) : dayNumber(year, month, 1);
  const end = isInYear ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
  return rule.weekdays.some(
    (each) =>
      each.weekday === weekday &&
      (each.nth === 0 ||
        (each.nth > 0 ? Math.floor((day - first) / 7) + 1 === each.nth : -Math.ceil((end - day) / 7) === each.nth)),
  );
}

/** Week 1 is the first one with four days in its year. A day belongs to one week, which may be of the next year. */
function isRuleWeek({ weeks, weekStart }: RecurrenceRule, day: number, year: number): boolean {
  const weekOne = (of: number): number => {
    const fourth = dayNumber(of, 1, 4);
    return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7);
  };
  let of = year;
  if (day >= weekOne(year + 1)) of = year + 1;
  else if (day < weekOne(year)) of = year - 1;
  const number = Math.floor((day - weekOne(of)) / 7) + 1;
  const total = (weekOne(of + 1) - weekOne(of)) / 7;
  return weeks.includes(number) || weeks.includes(number - total - 1);
}

/** Easter Sunday of the Gregorian calendar, by the tables of Meeus, Jones and Butcher. */
function easter(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const moved = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moved + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const sum = epact + weekday - 7 * late + 114;
  return dayNumber(year, Math.floor(sum / 31), (sum % 31) + 1);
}
