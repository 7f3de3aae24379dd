/** How long a receiver asks to wait. */

import { parseInstant, secondsBetween, type Instant } from '../time.ts';

/** @param said the header `Retry-After`: seconds, or a time. `null`: it says nothing that can be read. */
export function retryAfterSeconds(said: string | undefined, now: Instant): number | null {
  if (said === undefined) return null;
  if (/^\d{1,9}$/.test(said.trim())) return Number(said);
  const ms = Date.parse(said);
  const at = Number.isNaN(ms) ? null : parseInstant(new Date(ms).toISOString());
  return at === null ? null : Math.max(0, secondsBetween(now, at));
}
