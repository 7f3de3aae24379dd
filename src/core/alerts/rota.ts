/** Who is on call: people who take turns, by the clock of a time zone. */

import { zoneOf } from '../schedules/zone.ts';
import type { Instant } from '../time.ts';

export interface Rota {
  /** When the first turn begins. */
  readonly startsAt: Instant;
  /** Of one turn, by the local clock: a week begins at the same hour when clocks change. */
  readonly turnSeconds: number;
  /** Blocks, in their order. */
  readonly channels: readonly string[];
  /** Who stands in; the first that fits counts. */
  readonly overrides: readonly { readonly from: Instant; readonly until: Instant; readonly channel: string }[];
}

const MICRO = 1_000_000;

/** `null`: the first turn has not begun. */
export function onCall(
  { startsAt, turnSeconds, channels, overrides }: Rota,
  timeZone: string,
  at: Instant,
): string | null {
  const standIn = overrides.find(({ from, until }) => at >= from && at < until);
  if (standIn !== undefined) return standIn.channel;
  if (at < startsAt) return null;
  const zone = zoneOf(timeZone);
  const wall = (instant: Instant): number => {
    const unix = instant / MICRO;
    return unix + zone.offsetAt(Math.floor(unix));
  };
  const turn = Math.floor((wall(at) - wall(startsAt)) / turnSeconds);
  return channels[turn % channels.length] ?? null;
}
