/** By whom something was paused: beside Prefect's members, where one thing is read that is paused. */

import type { Pause } from '../core/actor.ts';
import { formatInstant } from '../core/time.ts';
import { DateTime, EXACT, Nullable } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

export const PausedBy = Type.Object(
  {
    at: DateTime,
    /** `somebody@machine`. */
    by: Nullable(Type.String()),
    /** As it calls itself. */
    program: Nullable(Type.String()),
  },
  EXACT,
);
export type PausedBy = Static<typeof PausedBy>;

/** Nothing where nothing is known. */
export function encodePause(pause: Pause | null): { readonly paused_by?: PausedBy } {
  if (pause === null) return {};
  return { paused_by: { at: formatInstant(pause.at), by: pause.by, program: pause.program } };
}
