/** A call of a webhook, and what may be made of it. Pure. */

import { exactValue, isJson } from '../json-value.ts';

export interface HookCall {
  /** In capitals. */
  readonly method: string;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent; empty: nothing. */
  readonly body: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
}

/** An event as a form makes it, in the names of the wire; its id and time may be left out. */
export type HookEvent = Readonly<Record<string, unknown>>;

/** `forged`: the signature does not fit. `unfit`: nothing can be made of what was sent. */
export type HookReading =
  | { readonly ok: true; readonly events: readonly HookEvent[] }
  | { readonly ok: false; readonly why: 'forged' | 'unfit'; readonly reason: string };

export function unfit(reason: string): HookReading {
  return { ok: false, why: 'unfit', reason };
}

/** Without its parameters, in small letters; empty: none is said. */
export function mediaTypeOf({ headers }: Pick<HookCall, 'headers'>): string {
  return (headers['content-type']?.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Fields of a form, each a text, or a list where it is sent more than once. */
export function formFields(body: string): Readonly<Record<string, string | readonly string[]>> {
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of new URLSearchParams(body)) {
    const before = fields[name];
    fields[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
  }
  return { ...fields };
}

/** What a template sees of the body: fields of a form, the value of JSON, else the text. */
export function bodyValue(call: HookCall): unknown {
  const type = mediaTypeOf(call);
  if (type === 'application/x-www-form-urlencoded') return formFields(call.body);
  const isText = type !== '' && !type.endsWith('json');
  if (isText || !isJson(call.body)) return call.body;
  return exactValue(call.body);
}

/** JSON whose numbers are written again as they were sent. @throws SyntaxError */
export function exactObject(text: string): Readonly<Record<string, unknown>> | null {
  const value = exactValue(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

const HIDDEN: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** What templates may name: nothing that would let somebody in elsewhere. */
export function templateValues(call: HookCall): Readonly<Record<string, unknown>> {
  const headers = Object.fromEntries(Object.entries(call.headers).filter(([name]) => !HIDDEN.has(name)));
  return { method: call.method, headers, body: bodyValue(call), query: call.query };
}
