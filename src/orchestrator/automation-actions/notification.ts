/**
 * Sends a notification by a block. Source: Prefect 3.9.1, `blocks/notifications.py`. Kinds of blocks that are not in
 * the table are refused by their name.
 */

import { ActionRefused, type Acting, type Action } from './acting.ts';
import { readBlock, type MessageBlock } from './block.ts';
import { areTexts, MESSAGE_TIMEOUT_SECONDS, send, type Message } from './messages.ts';
import type { ActingPorts } from './ports.ts';
import { rendered } from './templates.ts';
import { METHODS } from './webhook.ts';

interface Notice {
  readonly subject: string;
  readonly body: string;
}

type Channel = (block: MessageBlock['data'], notice: Notice) => Message;

const CHANNELS: Readonly<Record<string, Channel>> = { 'slack-webhook': slackMessage, 'custom-webhook': customMessage };

export async function sendNotification(ports: ActingPorts, acting: Acting): Promise<string> {
  const { slug, data } = await readBlock(ports, acting, ({ schema }) =>
    schema?.capabilities.includes('notify') ? null : 'The referenced block was not a notification block',
  );
  const channel = Object.hasOwn(CHANNELS, slug) ? CHANNELS[slug] : undefined;
  if (channel === undefined) throw new ActionRefused(`Notifications by blocks of the type ${slug} cannot be sent yet.`);
  const { subject, body } = acting.action as Action & { readonly subject?: string; readonly body: string };
  const [shown = '', text = ''] = await rendered(ports, acting, [subject ?? 'Prefect automated notification', body]);
  const { status } = await send(ports, acting, channel(data, { subject: shown, body: text }));
  return `The receiver answered ${status}.`;
}

function slackMessage({ url, allow_private_urls: allowsPrivate }: MessageBlock['data'], notice: Notice): Message {
  const { subject, body } = notice;
  return {
    method: 'POST',
    url: String(url),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: subject === '' ? body : `*${subject}*\n${body}` }),
    allowsPrivate: allowsPrivate !== false,
    verifies: true,
  };
}

/** A block of one's own form: texts in it stand for what is said, and for its secrets. */
function customMessage(block: MessageBlock['data'], { subject, body }: Notice): Message {
  const { method = 'POST', json_data: json = null, form_data: form = null, timeout } = block;
  if (typeof method !== 'string' || !METHODS.has(method) || (json !== null && form !== null))
    throw new ActionRefused('The notification block was invalid: its method, or both form and JSON data.');
  const secrets = typeof block['secrets'] === 'object' && block['secrets'] !== null ? block['secrets'] : {};
  const known = new Map(Object.entries({ ...secrets, subject, body, name: block['name'] }));
  const fill = (value: unknown): unknown => filled(value, known);
  const [headers, cookies, params] = [block['headers'], block['cookies'], block['params']].map((part) => {
    const values = fill(part ?? {});
    if (!areTexts(values))
      throw new ActionRefused('The notification block was invalid: its headers, cookies or params.');
    return values;
  }) as [Record<string, string>, Record<string, string>, Record<string, string>];
  const url = String(fill(block['url']));
  const address = URL.canParse(url) ? new URL(url) : null;
  for (const [name, value] of Object.entries(params)) address?.searchParams.append(name, value);
  const data = fill(form);
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
  return {
    method,
    url: address?.href ?? url,
    headers: {
      ...(json === null ? (areTexts(data) ? FORM : {}) : JSON_TYPE),
      ...(cookie.length === 0 ? {} : { cookie: cookie.join('; ') }),
      ...headers,
    },
    body: json === null ? formText(data) : JSON.stringify(fill(json)),
    timeoutSeconds: typeof timeout === 'number' ? timeout : MESSAGE_TIMEOUT_SECONDS,
    allowsPrivate: block['allow_private_urls'] !== false,
    verifies: true,
  };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

function formText(data: unknown): string | null {
  if (typeof data === 'string') return data;
  return areTexts(data) ? new URLSearchParams(data).toString() : null;
}

/** A text that is one name alone becomes its value; a name in a text is replaced. One that nobody knows is refused. */
function filled(value: unknown, known: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, known));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, known)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/g, (_whole, name: string) => {
    if (!known.has(name)) throw new ActionRefused(`The notification block was invalid: nothing is called ${name}.`);
    const found = known.get(name);
    return typeof found === 'string' ? found : JSON.stringify(found ?? null);
  });
}
