/** Who holds the slots of a limit. */

import type { HeldLimit as HeldLimitOfCore } from '../core/waiting.ts';
import { encodeSlotHolding } from './encode/explanation.ts';
import { Action, type RouteContract } from './route.ts';
import { SlotHolder } from './schema/explanation.ts';
import { Count, EXACT } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

export const LIMITED = ['tag', 'limit', 'deployment', 'work-pool', 'work-queue'] as const;
export type Limited = (typeof LIMITED)[number];

const What = Type.Union([
  Type.Literal('tag'),
  Type.Literal('limit'),
  Type.Literal('deployment'),
  Type.Literal('work-pool'),
  Type.Literal('work-queue'),
]);

export const HeldLimit = Type.Object(
  {
    what: What,
    name: Type.String(),
    slots: Count,
    taken: Count,
    /** Those that hold them the longest first; no more than 20. */
    holders: Type.Array(SlotHolder),
  },
  EXACT,
);
export type HeldLimit = Static<typeof HeldLimit>;

/** Ours alone: Prefect's API says how many slots are taken, and of pools and tags by which runs. */
export const READ_HELD_LIMIT = {
  method: 'POST',
  path: '/ostinato/limits/holders',
  name: 'ostinato_read_held_limit',
  tag: 'Ostinato',
  summary: 'Who holds the slots of a limit, and since when',
  body: Action({
    /** `limit`: a global one. */
    what: What,
    /** A queue is named `POOL/QUEUE`, a deployment `FLOW/NAME`. */
    name: Type.String(),
  }),
  answers: { 200: HeldLimit },
} as const satisfies RouteContract;

export function encodeHeldLimit({ what, name, slots, taken, holders }: HeldLimitOfCore): HeldLimit {
  return { what: toWire(what), name, slots, taken, holders: holders.map(encodeSlotHolding) };
}

function toWire(what: HeldLimitOfCore['what']): Limited {
  return what.replace(' ', '-') as Limited;
}

export function limitedOf(what: Limited): HeldLimitOfCore['what'] {
  return what.replace('-', ' ') as HeldLimitOfCore['what'];
}
