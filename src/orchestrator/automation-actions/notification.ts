/** Sends a notification by a block: by an alert where its cause is known, else by itself. */

import type { Notification } from '../../core/notifications/channel.ts';
import { openRecipients, recipientsOf } from '../alerts/recipients.ts';
import { blockOf, optionsOf, tellByAlert } from '../alerts/tell.ts';
import type { Acting } from './acting.ts';
import { receiptOf, renderedNotice } from './open-channel.ts';
import type { ActingPorts } from './ports.ts';

export async function sendNotification(ports: ActingPorts, acting: Acting): Promise<string> {
  const options = optionsOf(acting);
  const told = await tellByAlert(ports, acting, options);
  if (told !== null) return told;
  const { order, event, action } = acting;
  const recipients = recipientsOf(blockOf(action), options, event, ports.clock.now());
  const channel = await openRecipients(ports, acting, recipients);
  const notice = await renderedNotice(ports, acting);
  const { severity } = options;
  const notification: Notification = {
    key: order.id,
    ...notice,
    format: 'plain',
    links: [],
    ...(severity === null ? {} : { severity }),
  };
  return receiptOf(acting, await channel.send(notification, { idempotencyKey: order.id }));
}
