/** What became of the actions of automations, on the wire: of Ostinato alone. */

import type { ActionRecord } from '../core/action-receipt.ts';
import { formatInstant } from '../core/time.ts';
import { instantOrNull } from './encode/instant.ts';
import { Action, Limit, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Nullable, Uuid } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

function oneOf<const Word extends string>(words: readonly Word[]) {
  return Type.Unsafe<Word>(Type.Union(words.map((word) => Type.Literal(word))));
}

export const ActionReceipt = Type.Object(
  {
    /** Of the order: the action's idempotency key. */
    id: Uuid,
    automation_id: Uuid,
    firing_id: Uuid,
    fired: DateTime,
    fired_by: oneOf(['Triggered', 'Resolved']),
    /** `null`: by the passing of time. */
    event_id: Nullable(Uuid),
    labels: Type.Record(Type.String(), Type.String()),
    /** Which of the automation's actions, from 0. */
    action_index: Count,
    action_type: Type.String(),
    status: oneOf(['waiting', 'done', 'refused', 'failed']),
    /** What was done, or why it was not; of one that waits, why its last attempt did not succeed. */
    text: Type.String(),
    attempts: Count,
    created: DateTime,
    /** Of one that waits: when it is tried, or when the server that acts on it has to be done. */
    due: Nullable(DateTime),
    ended: Nullable(DateTime),
  },
  EXACT,
);
export type ActionReceipt = Static<typeof ActionReceipt>;

export function encodeActionRecord(record: ActionRecord): ActionReceipt {
  const { order, receipt, problem, attempts, createdAt, dueAt, endedAt } = record;
  const { id, firing, index, action } = order;
  return {
    id,
    automation_id: firing.automationId,
    firing_id: firing.id,
    fired: formatInstant(firing.at),
    fired_by: firing.state,
    event_id: firing.eventId,
    labels: firing.labels,
    action_index: index,
    action_type: (JSON.parse(action) as { readonly type: string }).type,
    status: receipt?.status ?? 'waiting',
    text: receipt?.text ?? problem ?? '',
    attempts,
    created: formatInstant(createdAt),
    due: instantOrNull(dueAt),
    ended: instantOrNull(endedAt),
  };
}

export const LIST_ACTION_RECEIPTS = {
  method: 'POST',
  path: '/ostinato/automations/{id}/receipts/filter',
  name: 'ostinato_read_action_receipts',
  tag: 'Automations',
  summary: 'The actions that an automation has ordered, the newest first, and what became of each',
  body: Action({ limit: Limit }),
  isBodyOptional: true,
  answers: { 200: Type.Array(ActionReceipt) },
} as const satisfies RouteContract;
