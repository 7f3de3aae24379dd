/** Calls of addresses that blocks name: what of an answer is told, and when they are sent again. */

import { isJson } from '../../core/json-value.ts';
import { retryAfterSeconds } from '../../core/web/retry-after.ts';
import { WebFailure, type WebAnswer, type WebRequest } from '../../core/web/send-request.ts';
import { ActionDelayed, ActionRefused, type Acting } from './acting.ts';
import type { ActingPorts } from './ports.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** Of an answer's text, in the event. Source: Prefect 3.9.1. */
const TOLD_CHARACTERS_MAX = 1000;

export interface Message {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly allowsPrivate: boolean;
  readonly verifies: boolean;
}

/** @throws ActionDelayed, ActionRefused: both with the answer, as far as there is one */
export async function send(ports: ActingPorts, acting: Acting, message: Message): Promise<WebAnswer> {
  const answer = await exchange(ports, acting, message);
  tellAnswer(acting, answer);
  const { status } = answer;
  if (status < 400) return answer;
  const said = `The receiver answered ${status}`;
  if (status === 429 || status === 408 || status >= 500)
    throw new ActionDelayed(`${said}.`, retryAfterSeconds(answer.headers['retry-after'], ports.clock.now()));
  throw new ActionRefused(`${said}: ${shortened(answer.body, 200)}`);
}

async function exchange(ports: ActingPorts, { order }: Acting, message: Message): Promise<WebAnswer> {
  const request: WebRequest = {
    ...message,
    // Sent more than once when a server dies before it notes the answer: by this the receiver can know.
    headers: { 'idempotency-key': order.id, ...message.headers },
    timeoutMs: TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
  };
  if (!/^https?:\/\//i.test(request.url) || !URL.canParse(request.url))
    throw new ActionRefused('The address of the block does not begin with http:// or https://.');
  try {
    return await ports.actions.sendRequest(request);
  } catch (error) {
    if (!(error instanceof WebFailure)) throw error;
    if (!error.mayPass) throw new ActionRefused(error.message, { cause: error });
    throw new ActionDelayed(error.message, null, { cause: error });
  }
}

/** As Prefect tells it of a webhook. */
export function tellAnswer({ told }: Acting, { status, headers, body }: WebAnswer): void {
  told.details['status_code'] = status;
  told.details['response_body'] = shortened(body, TOLD_CHARACTERS_MAX);
  told.details['response_headers'] = Object.fromEntries(Object.entries(headers).filter(([name]) => !UNTOLD.test(name)));
}

/** Headers that carry secrets or say nothing. Cookies are ours: Prefect tells them. */
const UNTOLD = /^(?:authorization|traceparent|via|set-cookie)$|^x-(?:forwarded|b3|cloud-trace|envoy|prefect)/;

function shortened(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 3)}...`;
}

/** What it is, where the block does not say it. */
export function contentType(body: string, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (body === '' || Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) return {};
  return { 'content-type': isJson(body) ? 'application/json' : 'text/plain; charset=utf-8' };
}

export function areTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string')
  );
}
