/** Services that are told once for each recipient: what became of the message as a whole. */

import type { Delivery } from '../core/notifications/channel.ts';
import { addSeconds } from '../core/time.ts';
import type { NotifyPorts } from './exchange.ts';
import { oneLine } from './wording.ts';

/** In a receipt no more are named. */
const NAMED_MAX = 10;
/** An address book is no channel. */
export const RECIPIENTS_MAX = 100;

/** Less than the lease of an order: another server would begin again with the first. */
const SECONDS_MAX = 60;
const TOO_LATE: Delivery = { outcome: 'delayed', receipt: 'not told: the others took too long', afterSeconds: null };

/**
 * One after the other, so that a service that throttles is not asked by all at once.
 *
 * Where some got it, it is not sent again: they would get it twice. Where nobody did and some may, it is delayed.
 * @param recipients `null`: the one that the service knows
 */
export async function each<Recipient extends string | null>(
  { now }: Pick<NotifyPorts, 'now'>,
  recipients: readonly Recipient[],
  send: (recipient: Recipient) => Promise<Delivery>,
): Promise<Delivery> {
  const ended: (readonly [Recipient, Delivery])[] = [];
  const until = addSeconds(now(), SECONDS_MAX);
  for (const recipient of recipients.slice(0, RECIPIENTS_MAX))
    ended.push([recipient, now() >= until ? TOO_LATE : await send(recipient)]);
  const first = ended[0]?.[1];
  if (first === undefined) return { outcome: 'refused', receipt: 'refused: the block names nobody who is to get it' };
  if (ended.length === 1 && recipients.length === 1) return first;
  const unasked = recipients
    .slice(RECIPIENTS_MAX)
    .map((name) => `${oneLine(name ?? '')}: more than ${RECIPIENTS_MAX} are not told`);
  const problems = ended
    .filter(([, { outcome }]) => outcome !== 'accepted')
    .map(([name, { receipt }]) => `${oneLine(name ?? '')}: ${receipt}`);
  return summedUp(
    ended.map(([, delivery]) => delivery),
    [...problems, ...unasked],
  );
}

function summedUp(deliveries: readonly Delivery[], problems: readonly string[]): Delivery {
  const taken = deliveries.filter(({ outcome }) => outcome === 'accepted').length;
  const answer = deliveries.findLast((delivery) => delivery.answer !== undefined)?.answer;
  const rest = answer === undefined ? {} : { answer };
  if (problems.length === 0) return { outcome: 'accepted', receipt: `sent to ${taken}`, handle: null, ...rest };
  const more = problems.length > NAMED_MAX ? `, and ${problems.length - NAMED_MAX} more` : '';
  const named = `${problems.slice(0, NAMED_MAX).join('; ')}${more}`;
  const receipt = `sent to ${taken} of ${deliveries.length}: ${named}`;
  if (taken > 0) return { outcome: 'partial', receipt, handle: null, ...rest };
  const waits = deliveries.flatMap((delivery) => (delivery.outcome === 'delayed' ? [delivery.afterSeconds] : []));
  if (waits.length === 0) return { outcome: 'refused', receipt, ...rest };
  const asked = waits.filter((seconds) => seconds !== null);
  return { outcome: 'delayed', receipt, afterSeconds: asked.length === 0 ? null : Math.max(...asked), ...rest };
}
