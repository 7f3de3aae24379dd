export interface DescribedSchedule {
  readonly cron?: string | undefined;
  /** Seconds. */
  readonly interval?: number | undefined;
  readonly rrule?: string | undefined;
  readonly timezone?: string | null | undefined;
}

/** In the words of people: `0 9 * * *, Europe/Berlin`. */
export function describe({ cron, interval, rrule, timezone }: DescribedSchedule): string {
  const times = cron ?? (rrule === undefined ? `every ${interval ?? 0} s` : rrule);
  return timezone === undefined || timezone === null || timezone === 'UTC' ? times : `${times}, ${timezone}`;
}
