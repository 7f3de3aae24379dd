/** What became of an action of an automation. */

import type { ActionOrder } from './automation-firing.ts';
import type { Instant } from './time.ts';

/**
 * `done`: it was done. `refused`: it cannot be done, now or later (no target, a wrong template, a rule against it).
 * `failed`: it was tried as often as it is, and did not succeed.
 */
export type ActionStatus = 'done' | 'refused' | 'failed';

export interface ActionReceipt {
  readonly status: ActionStatus;
  /** What was done, or why it was not: at most `RECEIPT_CHARACTERS_MAX` characters, without secrets. */
  readonly text: string;
}

/** An order as it is kept, before and after it has ended. */
export interface ActionRecord {
  readonly order: ActionOrder;
  readonly createdAt: Instant;
  /** How often it was begun. */
  readonly attempts: number;
  /** When it is due: while it is acted on, when its lease ends; `null`: it has ended. */
  readonly dueAt: Instant | null;
  /** `null`: it has not ended. */
  readonly receipt: ActionReceipt | null;
  /** Why the last attempt did not succeed, of one that has not ended; else `null`. */
  readonly problem: string | null;
  readonly endedAt: Instant | null;
}

/** An order that somebody acts on; whoever has a lower attempt has lost it. */
export interface TakenOrder {
  readonly order: ActionOrder;
  /** From 1. */
  readonly attempt: number;
}

export const RECEIPT_CHARACTERS_MAX = 2000;

/** The text as it is kept: one that is too long ends with `…`. */
export function receiptText(text: string): string {
  if (text.length <= RECEIPT_CHARACTERS_MAX) return text;
  const kept = text.slice(0, RECEIPT_CHARACTERS_MAX - 1);
  // Half of a pair of code units is no character.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
