/** One exchange with a service that speaks HTTP, and what its answer says of the message. */

import type { Delivery, MessageHandle, SendContext } from '../core/notifications/channel.ts';
import type { Instant } from '../core/time.ts';
import type { HostPattern } from '../core/web/authority.ts';
import { retryAfterSeconds } from '../core/web/retry-after.ts';
import { WebFailure, type SendRequest, type WebAnswer } from '../core/web/send-request.ts';
import type { MayReach } from '../core/web/targets.ts';
import { BlockProblem } from './block-fields.ts';
import { oneLine, shortened } from './wording.ts';

export interface NotifyPorts {
  readonly sendRequest: SendRequest;
  readonly now: () => Instant;
  /** Addresses that stand in for those of services, by types of blocks: own gateways. Without a final `/`. */
  readonly gateways: ReadonlyMap<string, string>;
  /** Whether a machine may be told anything. For channels that do not go through `sendRequest`. */
  readonly mayReach: MayReach;
  /** The same as a list; `null`: all. */
  readonly targets: readonly HostPattern[] | null;
  /** The program that has Apprise. */
  readonly python: string;
}

export interface ServiceRequest {
  /** Default `POST`. */
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as it is, where there is neither of the above. */
  readonly body?: string | null;
  readonly timeoutSeconds?: number;
  /** Default true. */
  readonly allowsPrivate?: boolean;
}

/** What a service says beside its status. Members that are missing mean that it says nothing else. */
export interface Verdict {
  /** Why it did not take the message, though the status may say that it did. */
  readonly refused?: string | undefined;
  /** Seconds. */
  readonly afterSeconds?: number | null | undefined;
  /** It may take it later. */
  readonly isDelayed?: boolean | undefined;
  readonly handle?: MessageHandle | null | undefined;
  /** For the receipt, beside the status. */
  readonly said?: string | undefined;
}

/** @param json the answer's body; `null`: it is no JSON object */
export type Judge = (answer: WebAnswer, json: Readonly<Record<string, unknown>> | null) => Verdict;

export const TIMEOUT_SECONDS = 10;
/** Of a timeout that a block names. */
const TIMEOUT_SECONDS_MAX = 30;
const ANSWER_BYTES_MAX = 64 * 1024;
const HANDLE_CHARACTERS_MAX = 1000;
/** Of what a service said, in a receipt. */
const SAID_CHARACTERS_MAX = 200;

/** Sends it and judges the answer. @throws BlockProblem */
export async function exchange(
  ports: NotifyPorts,
  { idempotencyKey }: SendContext,
  request: ServiceRequest,
  judge: Judge = () => ({}),
): Promise<Delivery> {
  const { method = 'POST', url, headers = {}, timeoutSeconds = TIMEOUT_SECONDS, allowsPrivate = true } = request;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new BlockProblem('The address of the block does not begin with http:// or https://.');
  try {
    const answer = await ports.sendRequest({
      method,
      url,
      // Sent more than once when a server dies before it notes the answer: by this the receiver can know.
      headers: { 'idempotency-key': idempotencyKey, ...contentType(request), ...headers },
      body: bodyOf(request),
      timeoutMs: Math.min(Math.max(timeoutSeconds, 1), TIMEOUT_SECONDS_MAX) * 1000,
      bodyBytesMax: ANSWER_BYTES_MAX,
      allowsPrivate,
      verifies: true,
    });
    return { ...judged(answer, judge(answer, objectIn(answer.body)), ports.now()), answer };
  } catch (error) {
    if (!(error instanceof WebFailure)) throw error;
    return error.mayPass
      ? { outcome: 'delayed', receipt: error.message, afterSeconds: null }
      : { outcome: 'refused', receipt: error.message };
  }
}

function judged({ status, headers, body }: WebAnswer, verdict: Verdict, now: Instant): Delivery {
  const { refused, handle = null, said } = verdict;
  const isDelayed = verdict.isDelayed ?? (status === 429 || status === 408 || status >= 500);
  const told = refused ?? said;
  if (isDelayed) {
    const afterSeconds = verdict.afterSeconds ?? retryAfterSeconds(headers['retry-after'], now);
    const receipt = `The receiver answered ${status}${told === undefined ? '' : `: ${saidOf(told)}`}.`;
    return { outcome: 'delayed', receipt, afterSeconds };
  }
  if (status >= 400 || refused !== undefined) {
    const reason = refused ?? (status === 401 && body === '' ? 'its key or password is not taken' : body);
    return { outcome: 'refused', receipt: `refused: ${saidOf(reason) || 'it says nothing'} (${status})` };
  }
  // Whoever redirects has not taken it, and where it leads nobody has allowed.
  if (status >= 300)
    return { outcome: 'refused', receipt: `refused: it leads to another address, which is not followed (${status})` };
  return {
    outcome: 'accepted',
    receipt: `accepted (${status})${told === undefined ? '' : `: ${saidOf(told)}`}`,
    // One that is longer is none of the service, and nobody keeps it.
    handle: handle !== null && handle.length <= HANDLE_CHARACTERS_MAX ? handle : null,
  };
}

/** A handle of several parts. @throws BlockProblem: it is none of a channel that has such */
export function partsOfHandle(handle: MessageHandle): Readonly<Record<string, unknown>> {
  const parts = objectIn(handle);
  if (parts === null) throw new BlockProblem('The handle is not one of this channel.');
  return parts;
}

function saidOf(text: string): string {
  return shortened(oneLine(text), SAID_CHARACTERS_MAX).replace(/\.$/, '');
}

function bodyOf({ json, form, body = null }: ServiceRequest): string | null {
  if (json !== undefined) return JSON.stringify(json);
  return form === undefined ? body : new URLSearchParams(form).toString();
}

function contentType({ json, form }: ServiceRequest): Readonly<Record<string, string>> {
  if (json !== undefined) return { 'content-type': 'application/json' };
  return form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

/** What the members of an answer say, as a text. */
export function memberText(json: Readonly<Record<string, unknown>> | null, name: string): string | undefined {
  const value = json?.[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function memberSeconds(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.ceil(value) : null;
}

/** Where a service is asked: at its own address, or at the gateway that stands in for it. */
export function serviceAddress({ gateways }: NotifyPorts, kind: string, address: string): string {
  return gateways.get(kind) ?? address;
}
