/**
 * Triggers of triggers: which of their triggers have fired, and whether that is enough. Source: Prefect 3.9.1,
 * `server/events/triggers.py`.
 */

import type { Instant } from '../time.ts';
import type { CompositeTrigger } from './trigger.ts';

/** The last firing of one of its triggers. */
export interface PartFiring {
  readonly triggerId: string;
  readonly firingId: string;
  readonly at: Instant;
}

/** In the order in which they came. */
export type PartFirings = readonly PartFiring[];

export interface CompositeOutcome {
  readonly parts: PartFirings;
  /** Those by which it fires; `null`: it does not. */
  readonly firedBy: PartFirings | null;
}

/** What comes of a firing of one of its triggers. It stands for an earlier one of the same trigger. */
export function afterPart(trigger: CompositeTrigger, before: PartFirings, part: PartFiring): CompositeOutcome {
  if (trigger.required === 1) return { parts: before, firedBy: [part] };
  const oldest = trigger.withinUs === null ? null : part.at - trigger.withinUs;
  const parts = [
    ...before.filter(({ at, triggerId }) => (oldest === null || at >= oldest) && triggerId !== part.triggerId),
    part,
  ];
  return isReady(trigger, parts) ? { parts: [], firedBy: parts } : { parts, firedBy: null };
}

function isReady(trigger: CompositeTrigger, parts: PartFirings): boolean {
  if (trigger.type === 'compound') return parts.length >= trigger.required;
  return (
    parts.length === trigger.triggers.length &&
    trigger.triggers.every(({ id }, index) => parts[index]?.triggerId === id)
  );
}
