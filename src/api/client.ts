/** Identifies the caller by the headers of Prefect's clients. */

import { BY_HEADER } from '../contract/own/routes.ts';
import type { Actor } from '../core/actor.ts';
import { printable } from '../core/printable.ts';
import type { Creator } from '../core/flow-run.ts';
import type { ProtocolClient } from '../core/flow-run-request.ts';
import { isUuid } from '../core/ids.ts';
import type { Transition } from '../core/transition.ts';
import type { Call } from './operation.ts';

const USER_AGENT = /^prefect\/(\d+\.\d+\.\d+(?:[a-z.+0-9]+)?) \(API \S+\)$/;

export function clientOf(headers: Call['headers']): ProtocolClient {
  const agent = headers['user-agent'];
  return { version: typeof agent === 'string' ? (USER_AGENT.exec(agent)?.[1] ?? null) : null };
}

/** Characters: of who is told, and of what calls itself. */
const ACTOR_MAX = 200;

/** Who asks, as far as the request says. */
export function actorOf(headers: Call['headers']): Actor {
  const [by, agent] = [headers[BY_HEADER], headers['user-agent']];
  const program = typeof agent === 'string' ? agent.replace(/ \(API \S+\)$/, '').slice(0, ACTOR_MAX) : null;
  return { by: typeof by === 'string' ? decoded(by) : null, program: program === '' ? null : program };
}

function decoded(text: string): string | null {
  try {
    return printable(decodeURIComponent(text)).slice(0, ACTOR_MAX) || null;
  } catch {
    // It is no percent-encoded text: whoever sent it is no program of ours.
    return null;
  }
}

/** Whether our SDK or command line asks. */
export function isOurClient(headers: Call['headers']): boolean {
  return typeof headers['user-agent'] === 'string' && headers['user-agent'].startsWith('ostinato/');
}

/** The automation on whose behalf something is created; its name is sent in Base64. */
export function creatorOf(headers: Call['headers']): Creator | null {
  const id = headers['prefect-automation-id'];
  const name = headers['prefect-automation-name'];
  if (typeof id !== 'string' || typeof name !== 'string' || !isUuid(id)) return null;
  const displayValue = Buffer.from(name, 'base64').toString('utf8');
  return displayValue === '' ? null : { id: id.toLowerCase(), type: 'AUTOMATION', displayValue };
}

/** Whether the answer has status 201. */
export function isStateWritten(answer: Transition<unknown>): boolean {
  return answer.status === 'accept' || (answer.status === 'reject' && answer.written);
}
