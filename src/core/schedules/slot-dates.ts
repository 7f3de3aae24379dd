/** The slots of a schedule: its dates, as far as its start, its end and its jitter leave and move them. */

import type { Instant } from '../time.ts';
import { nextDates, readSchedule } from './next-dates.ts';
import type { Schedule, ScheduledDate } from './schedule.ts';
import { readRules, type Exclusion, type SlotRules } from './slot-rules.ts';
import { zoneOfSlots } from './slot.ts';

/** `instant` is when it is due. */
export interface SlotDate extends ScheduledDate {
  /** What the schedule says, without jitter. */
  readonly unmoved: Instant;
  /** Why it has no run; `null`: it has. */
  readonly exclusion: Exclusion | null;
}

/** Of a schedule that is not made yet the id is empty. */
export interface SlotSource {
  readonly id: string;
  readonly schedule: Schedule;
  readonly rules: SlotRules | null;
}

/**
 * The first `limit` slots that are due behind `after`, none of them behind `until`; those that are left out, too. In
 * order, each once, and the same however often and from where they are asked for: jitter never moves one onto the next.
 */
export function slotDates(
  source: SlotSource,
  after: Instant,
  limit: number,
  until: Instant | null = null,
): readonly SlotDate[] {
  if (source.rules === null)
    return nextDates(source.schedule, after, limit, until).map((date) => ({
      ...date,
      unmoved: date.instant,
      exclusion: null,
    }));
  return walk({ ...source, rules: source.rules }, { after, limit, until, isWhole: true });
}

/** As `slotDates`, but only those that have a run. Of what is left out, no date is looked at twice. */
export function runDates(
  source: SlotSource,
  after: Instant,
  limit: number,
  until: Instant | null = null,
): readonly SlotDate[] {
  if (source.rules === null) return slotDates(source, after, limit, until);
  return walk({ ...source, rules: source.rules }, { after, limit, until, isWhole: false });
}

/** Its slots are due when it says. */
export function withoutJitter(source: SlotSource): SlotSource {
  return source.rules === null ? source : { ...source, rules: { ...source.rules, jitterSeconds: 0 } };
}

interface Walk {
  readonly after: Instant;
  readonly limit: number;
  readonly until: Instant | null;
  /** With those that are left out. */
  readonly isWhole: boolean;
}

function walk(
  { id, schedule, rules }: SlotSource & { readonly rules: SlotRules },
  { after, limit, until, isWhole }: Walk,
): readonly SlotDate[] {
  const { jitterMicros, start, end, exclusionAt } = readRules(rules, schedule);
  const series = readSchedule(schedule);
  const isOver = (instant: Instant): boolean => until !== null && instant > until;
  const found: SlotDate[] = [];
  let date = series.next(Math.max(after - jitterMicros, start === null ? -Infinity : start - 1) as Instant);
  while (date !== null && found.length < limit && !(end !== null && date.instant >= end) && !isOver(date.instant)) {
    const unmoved = date.instant;
    const left = exclusionAt(unmoved);
    if (left !== null && !isWhole) {
      date = series.next(Math.max(unmoved, left.to - 1) as Instant);
      continue;
    }
    const next = series.next(unmoved);
    const room = next === null ? jitterMicros : Math.min(jitterMicros, next.instant - unmoved);
    const instant = (unmoved + moveOf(id, schedule, date, room)) as Instant;
    if (isOver(instant)) break;
    if (instant > after) found.push({ ...date, instant, unmoved, exclusion: left?.exclusion ?? null });
    date = next;
  }
  return found;
}

/** A slot is not moved by parts of it. */
const STEP_MICROS = 1000;

/** Microseconds, less than `room`. Of the name of the slot alone, so that whoever computes it comes to the same. */
function moveOf(id: string, schedule: Schedule, { nominal, fold }: ScheduledDate, room: number): number {
  if (room <= 0) return 0;
  const share = shareOf(`${id} ${zoneOfSlots(schedule)} ${nominal} ${fold}`);
  return Math.floor((share * room) / STEP_MICROS) * STEP_MICROS;
}

/** From 0 on, below 1, as good as drawn: FNV-1a of 32 bits, whose bits are mixed once more (MurmurHash3). */
function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
