/** From times that a rule names to dates: what gaps and folds of a zone's clocks make of local times. */

import { instantFromMs, type Instant } from '../time.ts';
import type { ScheduledDate } from './schedule.ts';
import type { Zone } from './zone.ts';

/** The dates of one schedule, in order, each instant once. */
export interface DateSeries {
  /** The first date behind an instant. `null` when there is none before the year 2255. */
  next(after: Instant): ScheduledDate | null;
}

/** The next local time behind one, both in seconds as if it were UTC. `null` when there is none before 2255. */
export type NextWall = (wall: number) => number | null;

/** Microseconds in a second. */
export const MICRO = 1_000_000;
/** The last second that an `Instant` reaches, with a day for zones. */
export const WALL_MAX = Math.floor(Number.MAX_SAFE_INTEGER / MICRO) - 86_400;
/** No gap is longer (Samoa and Kwajalein left out a day). */
const GAP_MAX = 26 * 3600;

/** The date at an instant: a Unix second and microseconds. Its nominal time is what clocks show then. */
export function dateAtUnix(unix: number, micros: number, zone: Zone): ScheduledDate | null {
  if (Math.abs(unix) > WALL_MAX) return null;
  const wall = unix + zone.offsetAt(unix);
  const resolved = zone.resolve(wall);
  const isFold = resolved.mark === 'fold';
  return {
    instant: toInstant(unix, micros),
    nominal: formatWall(wall, micros),
    fold: isFold && resolved.unix !== unix ? 1 : 0,
    mark: isFold ? 'fold' : null,
  };
}

/**
 * The date of a local time. In a gap it moves forward by the gap (02:30 is 03:30), in a fold it is the first of both:
 * RFC 5545 §3.3.5, and what Prefect 3.9.1 does with cron.
 */
export function dateAtLocal(wall: number, micros: number, zone: Zone): ScheduledDate | null {
  const { unix, mark } = zone.resolve(wall);
  if (Math.abs(unix) > WALL_MAX) return null;
  return { instant: toInstant(unix, micros), nominal: formatWall(wall, micros), fold: 0, mark };
}

/**
 * The dates of a rule of local times.
 *
 * A fold fires once. Local times in a gap fire moved, between those that follow the gap; where both fall on one
 * instant, the date is the one that clocks show.
 */
export function seriesOfWalls(nextWall: NextWall, zone: Zone): DateSeries {
  return {
    next(after) {
      const unix = Math.floor(after / MICRO);
      let wall = unix + zone.offsetAt(unix);
      let moved: number | null = null;
      const recent = zone.transitions(unix - GAP_MAX, unix).at(-1);
      if (recent && recent.after < recent.before) {
        // Clocks show again what they have shown: what it named has fired.
        wall = Math.max(wall, recent.at + recent.before - 1);
      } else if (recent && unix + recent.before < recent.at + recent.after) {
        const inGap = nextWall(unix + recent.before);
        if (inGap !== null && inGap < recent.at + recent.after) moved = inGap;
      }
      let shown = nextWall(wall);
      const { mark, transition } = shown === null ? { mark: null, transition: null } : zone.resolve(shown);
      if (mark === 'gap' && transition) {
        moved = shown;
        shown = nextWall(transition.at + transition.after - 1);
      }
      const first = shown === null ? null : dateAtLocal(shown, 0, zone);
      const other = moved === null ? null : dateAtLocal(moved, 0, zone);
      return first && other ? (other.instant < first.instant ? other : first) : (first ?? other);
    },
  };
}

function toInstant(unix: number, micros: number): Instant {
  return (instantFromMs(unix * 1000) + micros) as Instant;
}

function formatWall(wall: number, micros: number): string {
  const text = new Date(wall * 1000).toISOString().slice(0, -5);
  return micros === 0 ? text : `${text}.${String(micros).padStart(6, '0')}`;
}
