/** Sends one message by a block, at once and once, so that somebody sees whether its channel works. */

import { receiptText } from '../../core/action-receipt.ts';
import type { BlockDocumentId } from '../../core/ids.ts';
import type { Delivery } from '../../core/notifications/channel.ts';
import { notifyProblem, openBlock } from './block.ts';
import { masked } from './masking.ts';
import type { ActingPorts } from './ports.ts';

export interface TestedNotification {
  readonly outcome: Delivery['outcome'];
  /** Without the secrets of the block. */
  readonly receipt: string;
  /** Seconds that the service asks to wait; `null`: it does not. */
  readonly afterSeconds: number | null;
}

/** What it says is no template. Nothing is kept of it, and it is not tried again. `null`: there is no such block. */
export async function testNotification(
  ports: ActingPorts,
  id: BlockDocumentId,
  { subject, body }: { readonly subject: string; readonly body: string },
): Promise<TestedNotification | null> {
  const opened = await openBlock(ports, id);
  if (opened === null) return null;
  const { view, block, secrets } = opened;
  const problem = notifyProblem(view);
  if (problem !== null) return { outcome: 'refused', receipt: `${problem}.`, afterSeconds: null };
  const channel = await ports.actions.openChannel(block);
  const idempotencyKey = ports.ids.next<string>();
  const delivery = await channel.send(
    { key: idempotencyKey, subject, body, format: 'plain', links: [] },
    { idempotencyKey },
  );
  return {
    outcome: delivery.outcome,
    receipt: receiptText(masked(delivery.receipt, secrets)),
    afterSeconds: delivery.outcome === 'delayed' ? delivery.afterSeconds : null,
  };
}
