/**
 * An address of one's own that can know who asks: each request is signed, and says when.
 *
 * As the Standard Webhooks specification 1.0 has it, for which there are libraries in many languages: `webhook-id`,
 * `webhook-timestamp` (seconds since 1970) and `webhook-signature`, which is `v1,` and the base64 of the HMAC-SHA256 of
 * `id.timestamp.body`. The key is what follows `whsec_` in the secret, decoded from base64; without that beginning, the
 * bytes of the secret in UTF-8.
 */

import { createHmac } from 'node:crypto';

import { formatInstant } from '../core/time.ts';
import { BlockProblem, flagOf, numberOf, severityOf, textOf, textsByName } from './block-fields.ts';
import { exchange, TIMEOUT_SECONDS } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';

const KEY_BYTES_MIN = 16;

export const signedWebhook: ChannelOf = (ports, data) => {
  const url = textOf(data, 'url');
  const key = keyOf(textOf(data, 'secret'));
  const headers = textsByName(data, 'headers');
  const allowsPrivate = flagOf(data, 'allow_private_urls', true);
  const timeoutSeconds = numberOf(data, 'timeout', TIMEOUT_SECONDS, [1, 30]);
  const usual = severityOf(data);
  return {
    send: ({ severity = usual, isResolved = false, ...said }, context) => {
      const at = ports.now();
      const timestamp = String(Math.floor(at / 1_000_000));
      const { key: about, subject, body: text, format, links } = said;
      const body = JSON.stringify({
        type: isResolved ? 'notification.resolved' : 'notification',
        timestamp: formatInstant(at),
        data: { key: about, subject, body: text, format, severity, links },
      });
      const id = context.idempotencyKey;
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      return exchange(ports, context, {
        url,
        body,
        allowsPrivate,
        timeoutSeconds,
        headers: {
          'content-type': 'application/json',
          ...headers,
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
      });
    },
  };
};

function keyOf(secret: string): Buffer {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8');
  if (key.length < KEY_BYTES_MIN)
    throw new BlockProblem(`The block was invalid: its secret has less than ${KEY_BYTES_MIN} bytes.`);
  return key;
}
