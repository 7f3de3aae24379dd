/** What becomes of the slots of a schedule, in short sentences. Pure. */

import { countOf, formatDuration } from '../../components/format.ts';

/** As the wire says it; what is left out is as it is by itself. */
export interface RuledSchedule {
  readonly catch_up?: 'latest' | 'all' | 'none' | undefined;
  /** Seconds. */
  readonly max_lateness?: number | null | undefined;
  readonly overlap?: 'allow' | 'skip' | 'queue' | 'cancelOldest' | 'cancelNewest' | undefined;
  /** Seconds. */
  readonly jitter?: number | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly exclusions?: readonly Excluded[] | undefined;
}

export interface Excluded {
  readonly from: string;
  readonly to: string;
  readonly name: string | null;
  readonly calendar: string | null;
}

const MISSED = {
  latest: 'of missed runs, the latest is made up for',
  all: 'missed runs are all made up for',
  none: 'missed runs are left out',
} as const;

const OVERLAP = {
  allow: null,
  skip: 'skipped while an earlier run is under way',
  queue: 'waits for the end of an earlier run',
  cancelOldest: 'cancels the run that is under way',
  cancelNewest: 'cancelled while an earlier run is under way',
} as const;

export function rulesInWords({
  catch_up: missed,
  max_lateness: lateness,
  overlap,
  jitter = 0,
  start,
  end,
}: RuledSchedule): readonly string[] {
  return [
    start === undefined ? null : `from ${moment(start)} on`,
    end === undefined ? null : `until ${moment(end)}`,
    missed === undefined ? null : MISSED[missed],
    lateness === undefined || lateness === null ? null : `never more than ${span(lateness)} late`,
    overlap === undefined ? null : OVERLAP[overlap],
    jitter > 0 ? `with a random delay (jitter) of up to ${span(jitter)}` : null,
  ].filter((sentence) => sentence !== null);
}

/** As it was set: `5 m` where a measured time is `5 m 00 s`. */
function span(seconds: number): string {
  return formatDuration(seconds).replace(/ 00 s$/, '');
}

/** For instance `3 times left out`; `null`: none is. */
export function countOfExcluded({ exclusions = [] }: RuledSchedule): string | null {
  return exclusions.length === 0 ? null : `${countOf(exclusions.length, 'time')} left out`;
}

/** For instance `2026-12-24 to 2026-12-26: Christmas (holidays.ics)`. */
export function excludedInWords({ from, to, name, calendar }: Excluded): string {
  const times = from === to ? moment(from) : `${moment(from)} to ${moment(to)}`;
  const what = name === null ? '' : `: ${name}`;
  return `${times}${what}${calendar === null ? '' : ` (${calendar})`}`;
}

/** A day, or a time of the schedule's zone, as it was written. */
function moment(text: string): string {
  return text.replace('T', ' ');
}
