/** A block of one's own form: texts in it stand for what is said, and for its secrets. Source: Prefect 3.9.1. */

import { areTexts, BlockProblem, flagOf, textOf } from './block-fields.ts';
import { exchange, TIMEOUT_SECONDS } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { withLinks } from './wording.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const BODY_CHARACTERS_MAX = 1_000_000;

export const customWebhook: ChannelOf = (ports, data) => {
  const { method = 'POST', json_data: json = null, form_data: form = null, timeout } = data;
  if (typeof method !== 'string' || !METHODS.has(method) || (json !== null && form !== null))
    throw new BlockProblem('The notification block was invalid: its method, or both form and JSON data.');
  const secrets = typeof data['secrets'] === 'object' && data['secrets'] !== null ? data['secrets'] : {};
  const allowsPrivate = flagOf(data, 'allow_private_urls', true);
  return {
    send: async ({ subject, body, links }, context) => {
      const text = withLinks(body, links, BODY_CHARACTERS_MAX);
      const known = new Map(Object.entries({ ...secrets, subject, body: text, name: data['name'] }));
      const fill = (value: unknown): unknown => filled(value, known);
      const [headers = {}, cookies = {}, params = {}] = [data['headers'], data['cookies'], data['params']].map((part) =>
        textsIn(fill(part ?? {})),
      );
      const url = addressWith(String(fill(textOf(data, 'url'))), params);
      const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
      const filledForm = fill(form);
      return await exchange(ports, context, {
        method,
        url,
        headers: { ...(cookie.length === 0 ? {} : { cookie: cookie.join('; ') }), ...headers },
        ...(json === null ? {} : { json: fill(json) }),
        ...(areTexts(filledForm) ? { form: filledForm } : {}),
        ...(typeof filledForm === 'string' ? { body: filledForm } : {}),
        timeoutSeconds: typeof timeout === 'number' ? timeout : TIMEOUT_SECONDS,
        allowsPrivate,
      });
    },
  };
};

function textsIn(value: unknown): Readonly<Record<string, string>> {
  if (areTexts(value)) return value;
  throw new BlockProblem('The notification block was invalid: its headers, cookies or params.');
}

function addressWith(url: string, params: Readonly<Record<string, string>>): string {
  if (!URL.canParse(url)) return url;
  const address = new URL(url);
  for (const [name, value] of Object.entries(params)) address.searchParams.append(name, value);
  return address.href;
}

/** A text that is one name alone becomes its value; a name in a text is replaced. One that nobody knows is refused. */
function filled(value: unknown, known: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, known));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, known)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/g, (_whole, name: string) => {
    if (!known.has(name)) throw new BlockProblem(`The notification block was invalid: nothing is called ${name}.`);
    const found = known.get(name);
    return typeof found === 'string' ? found : JSON.stringify(found ?? null);
  });
}
