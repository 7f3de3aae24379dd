/** The Gregorian calendar in numbers: days since 1 January 1970, months from 1. */

export const DAY_SECONDS = 86_400;

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function dayNumber(year: number, month: number, day: number): number {
  // `Date.UTC` takes years below 100 for those of the 20th century; none here is.
  return Date.UTC(year, month - 1, day) / (DAY_SECONDS * 1000);
}

export function civilDate(day: number): CivilDate {
  const date = new Date(day * DAY_SECONDS * 1000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** 0 is Sunday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function daysInMonth(year: number, month: number): number {
  return dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

/** Splits a local second into its day and the second of the day. */
export function splitWall(wall: number): { readonly day: number; readonly second: number } {
  const day = Math.floor(wall / DAY_SECONDS);
  return { day, second: wall - day * DAY_SECONDS };
}
