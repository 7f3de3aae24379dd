/** A message that shows whether a channel works, on the wire: of Ostinato alone. */

import { Action, type RouteContract } from './route.ts';
import { EXACT, Nullable } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

const TEXT_CHARACTERS_MAX = 10_000;
const Text = Type.Optional(Type.String({ maxLength: TEXT_CHARACTERS_MAX }));
type Outcome = 'accepted' | 'partial' | 'refused' | 'delayed';

export const NotificationTest = Type.Object(
  {
    /** `accepted` alone says that the service took it for everybody. */
    outcome: Type.Unsafe<Outcome>(
      Type.Union((['accepted', 'partial', 'refused', 'delayed'] as const).map((word) => Type.Literal(word))),
    ),
    /** What the service said, without the secrets of the block. */
    receipt: Type.String(),
    /** Of a delayed one: the seconds that the service asks to wait. */
    retry_after_seconds: Nullable(Type.Number()),
  },
  EXACT,
);
export type NotificationTest = Static<typeof NotificationTest>;

export const TEST_NOTIFICATION = {
  method: 'POST',
  path: '/ostinato/block_documents/{id}/notification-test',
  name: 'ostinato_test_notification',
  tag: 'Block documents',
  summary: 'Send a message by a block that can notify, once, and answer what its service said',
  body: Action({ subject: Text, body: Text }),
  isBodyOptional: true,
  answers: { 200: NotificationTest },
} as const satisfies RouteContract;
