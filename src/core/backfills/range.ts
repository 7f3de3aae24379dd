/** The slots of a range. */

import { OstinatoError } from '../errors.ts';
import type { ScheduledDate } from '../schedules/schedule.ts';
import { runDates, withoutJitter, type SlotSource } from '../schedules/slot-dates.ts';
import type { Instant } from '../time.ts';
import { SLOTS_MAX } from './backfill.ts';

/** `instant` is what the schedule says, whatever its jitter. */
export interface RangeSlot extends ScheduledDate {
  /** When the schedule itself runs it. */
  readonly dueAt: Instant;
  /** When the next one is due, be it behind the range; `null`: there is none. */
  readonly endsAt: Instant | null;
}

/**
 * The slots from `from` on that are before `to`, the oldest first; those that the schedule leaves out are none.
 *
 * @throws `bad-input` for a range that is empty, reaches beyond now, has no slot, or too many
 */
export function slotsOfRange(source: SlotSource, from: Instant, to: Instant, now: Instant): readonly RangeSlot[] {
  if (to <= from)
    throw new OstinatoError('bad-input', 'The range is empty: it ends before it begins, or where it begins.', {
      remedy: 'Give a range whose end is later than its start; the end itself is not included.',
    });
  if (to > now)
    throw new OstinatoError('bad-input', 'The range ends in the future: a backfill is of slots that are past.', {
      remedy: 'Let it end now or earlier; what is due later, the schedule runs by itself.',
    });
  const unmoved = withoutJitter(source);
  const dates = runDates(unmoved, (from - 1) as Instant, SLOTS_MAX + 1, (to - 1) as Instant);
  if (dates.length === 0)
    throw new OstinatoError('bad-input', 'The schedule has no slot in the range.', {
      remedy: 'See its dates with: ostinato deployment schedule preview DEPLOYMENT --from TIME',
    });
  if (dates.length > SLOTS_MAX)
    throw new OstinatoError(
      'bad-input',
      `The range has more than ${SLOTS_MAX.toLocaleString('en')} slots, which is as many as a backfill may have.`,
      { remedy: 'Give a shorter range, and the rest of it to a further backfill.' },
    );
  const last = dates.at(-1) as ScheduledDate;
  const behind = runDates(unmoved, last.instant, 1)[0]?.instant ?? null;
  const moved = source.rules === null ? dates : runDates(source, (from - 1) as Instant, dates.length + 1);
  const dueOf = new Map(moved.map((date) => [date.unmoved, date.instant]));
  return dates.map((date, index) => ({
    ...date,
    dueAt: dueOf.get(date.instant) ?? date.instant,
    endsAt: dates[index + 1]?.instant ?? behind,
  }));
}
