/** What our own page asks for of notification channels: blocks that can notify, and how that went. */

import { ActionReceipt } from '../action-receipt.ts';
import type { RouteContract } from '../route.ts';
import { DateTime, Nullable, Uuid } from '../schema/scalars.ts';
import { Type, type Static } from '../type.ts';

const tag = 'Pages';

export const NotificationChannel = Type.Object({
  /** Of the block document. */
  id: Uuid,
  name: Type.String(),
  /** For instance `Slack Webhook`; `null`: its type is gone. */
  type: Nullable(Type.String()),
  updated: DateTime,
  /** The newest five that automations have sent by it. */
  receipts: Type.Array(Type.Object({ automation_name: Type.String(), receipt: ActionReceipt })),
});
export type NotificationChannel = Static<typeof NotificationChannel>;

export const UI_NOTIFICATION_CHANNELS_PAGE = {
  method: 'GET',
  path: '/ui/pages/notification_channels',
  name: 'read_notification_channels_page',
  tag,
  summary: 'Blocks that can notify, by name, 200 at most, each with its newest receipts',
  answers: { 200: Type.Object({ as_of: DateTime, channels: Type.Array(NotificationChannel) }) },
} as const satisfies RouteContract;
