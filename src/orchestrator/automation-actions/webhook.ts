/** Calls the address of a block of the type Webhook. Source: Prefect 3.9.1, `blocks/webhook.py`. */

import { ActionRefused, type Acting } from './acting.ts';
import { readBlock } from './block.ts';
import { areTexts, contentType, send } from './messages.ts';
import type { ActingPorts } from './ports.ts';
import { rendered } from './templates.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

export async function callWebhook(ports: ActingPorts, acting: Acting): Promise<string> {
  const { data } = await readBlock(ports, acting, ({ type }) =>
    type?.slug === 'webhook' ? null : 'The referenced block was not a webhook block',
  );
  const [payload = ''] = await rendered(ports, acting, [String(acting.action['payload'] ?? '')]);
  const { method = 'POST', url, headers = {}, allow_private_urls: allowsPrivate, verify } = data;
  if (typeof method !== 'string' || !METHODS.has(method) || typeof url !== 'string' || !areTexts(headers))
    throw new ActionRefused('The webhook block was invalid: its method, url or headers are not what they can be.');
  const { status } = await send(ports, acting, {
    method,
    url,
    headers: { ...contentType(payload, headers), ...headers },
    body: payload === '' ? null : payload,
    allowsPrivate: allowsPrivate !== false,
    verifies: verify !== false,
  });
  return `The receiver answered ${status}.`;
}
