/** The channel of a notification's block, its text, and what became of it. */

import type { Channel, Delivery, Notification } from '../../core/notifications/channel.ts';
import { ActionDelayed, ActionRefused, type Acting, type Action } from './acting.ts';
import { notifyProblem, readBlock } from './block.ts';
import { tellAnswer } from './messages.ts';
import type { ActingPorts } from './ports.ts';
import { rendered } from './templates.ts';

/** @throws ActionRefused */
export async function openChannel(ports: ActingPorts, acting: Acting): Promise<Channel> {
  return await ports.actions.openChannel(await readBlock(ports, acting, notifyProblem));
}

/** The receipt of what was taken. @throws ActionRefused, ActionDelayed */
export function receiptOf(acting: Acting, delivery: Delivery): string {
  if (delivery.answer !== undefined) tellAnswer(acting, delivery.answer);
  const { receipt } = delivery;
  if (delivery.outcome === 'refused') throw new ActionRefused(receipt);
  if (delivery.outcome === 'delayed') throw new ActionDelayed(receipt, delivery.afterSeconds);
  return receipt;
}

/** As its action says it. @throws ActionRefused */
export async function renderedNotice(
  ports: ActingPorts,
  acting: Acting,
): Promise<Pick<Notification, 'subject' | 'body'>> {
  const { subject, body } = acting.action as Action & { readonly subject?: string; readonly body: string };
  const texts = await rendered(ports, acting, [subject ?? 'Prefect automated notification', body]);
  return { subject: texts[0] ?? '', body: texts[1] ?? '' };
}
