export interface DescribedSchedule {
  readonly cron?: string | undefined;
  /** Seconds. */
  readonly interval?: number | undefined;
  readonly rrule?: string | undefined;
  readonly timezone?: string | null | undefined;
}

export interface DescribedSlots {
  readonly catch_up?: string | undefined;
  readonly max_lateness?: number | null | undefined;
  readonly overlap?: string | undefined;
  readonly jitter?: number | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly exclusions?: readonly unknown[] | undefined;
}

/**
 * What becomes of its slots, in the words of files: `catch_up: latest, overlap: skip`.
 *
 * @param span seconds in words
 */
export function describeSlots(schedule: DescribedSlots, span: (seconds: number) => string): string {
  const { catch_up: catchUp, max_lateness: lateness, overlap, jitter, start, end, exclusions } = schedule;
  const count = exclusions?.length ?? 0;
  return [
    catchUp === undefined ? [] : `catch_up: ${catchUp}`,
    lateness === undefined || lateness === null ? [] : `max_lateness: ${span(lateness)}`,
    overlap === undefined || overlap === 'allow' ? [] : `overlap: ${overlap}`,
    jitter === undefined ? [] : `jitter: ${span(jitter)}`,
    start === undefined ? [] : `start: ${start}`,
    end === undefined ? [] : `end: ${end}`,
    count === 0 ? [] : `exclude: ${count} ${count === 1 ? 'time' : 'times'}`,
  ]
    .flat()
    .join(', ');
}

/** In the words of people: `0 9 * * *, Europe/Berlin`. */
export function describe({ cron, interval, rrule, timezone }: DescribedSchedule): string {
  const times = cron ?? (rrule === undefined ? `every ${interval ?? 0} s` : rrule);
  return timezone === undefined || timezone === null || timezone === 'UTC' ? times : `${times}, ${timezone}`;
}
