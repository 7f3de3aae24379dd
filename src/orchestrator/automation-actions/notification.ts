/** Sends a notification by a block that can notify. Source: Prefect 3.9.1, `server/events/actions.py`. */

import type { Delivery, Notification } from '../../core/notifications/channel.ts';
import { ActionDelayed, ActionRefused, type Acting, type Action } from './acting.ts';
import { notifyProblem, readBlock } from './block.ts';
import { tellAnswer } from './messages.ts';
import type { ActingPorts } from './ports.ts';
import { rendered } from './templates.ts';

export async function sendNotification(ports: ActingPorts, acting: Acting): Promise<string> {
  const block = await readBlock(ports, acting, notifyProblem);
  const channel = await ports.actions.openChannel(block);
  const { subject, body } = acting.action as Action & { readonly subject?: string; readonly body: string };
  const [shown = '', text = ''] = await rendered(ports, acting, [subject ?? 'Prefect automated notification', body]);
  const { id } = acting.order;
  const notification: Notification = { key: id, subject: shown, body: text, format: 'plain', links: [] };
  return settled(acting, await channel.send(notification, { idempotencyKey: id }));
}

/** The receipt of what was taken. @throws ActionDelayed, ActionRefused */
function settled(acting: Acting, delivery: Delivery): string {
  if (delivery.answer !== undefined) tellAnswer(acting, delivery.answer);
  const { receipt } = delivery;
  if (delivery.outcome === 'delayed') throw new ActionDelayed(receipt, delivery.afterSeconds);
  if (delivery.outcome === 'refused') throw new ActionRefused(receipt);
  return receipt;
}
