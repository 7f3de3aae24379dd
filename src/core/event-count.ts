/** Counts events by time, in buckets of equal length; the first begins on a Monday before Prefect's first event. */

import { OstinatoError } from './errors.ts';
import { parseInstant, type Instant } from './time.ts';

const UNIT_US = {
  week: 604_800_000_000,
  day: 86_400_000_000,
  hour: 3_600_000_000,
  minute: 60_000_000,
  second: 1_000_000,
} as const;
export type TimeUnit = keyof typeof UNIT_US;

const BUCKETS_MAX = 1000;
const ORIGIN = parseInstant('2024-04-01T00:00:00Z') as Instant;

export interface Buckets {
  /** Start of the first one. */
  readonly from: Instant;
  readonly bucketUs: number;
  readonly count: number;
}

/** The buckets that cover the span, up to the unit that contains `now`. `bad-input` when there are more than 1,000. */
export function bucketsOf(since: Instant, until: Instant, unit: TimeUnit, interval: number, now: Instant): Buckets {
  const bucketUs = Math.max(1, Math.round(UNIT_US[unit] * interval));
  const asked = Math.ceil((until - since) / bucketUs);
  if (asked > BUCKETS_MAX) {
    throw new OstinatoError(
      'bad-input',
      `The given interval would create ${asked} buckets, which is too many. Please increase the interval or reduce the time range to produce ${BUCKETS_MAX} buckets or fewer.`,
    );
  }
  const from = (ORIGIN + Math.floor((since - ORIGIN) / bucketUs) * bucketUs) as Instant;
  const end = until > now ? ORIGIN + (Math.floor((now - ORIGIN) / UNIT_US[unit]) + 1) * UNIT_US[unit] : until;
  return { from, bucketUs, count: Math.max(0, Math.ceil((end - from) / bucketUs)) };
}
