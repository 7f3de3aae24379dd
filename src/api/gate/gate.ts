/**
 * Checks that every request passes before any of it is read.
 *
 * 1. What is not said to be open is closed: a route that was added, an address that no route has, an address that
 *    cannot be read.
 * 2. Names and origins come first, then the secret, then what is sent: who may not ask learns nothing else.
 * 3. What is refused is refused before its body is read.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Reach } from '../../core/web/caller-policy.ts';
import { mediaTypeProblem } from '../../core/web/media-type.ts';
import type { ForgeryCheck } from '../csrf.ts';
import { send, addHeaders } from '../answering.ts';
import type { Answer } from '../operation.ts';
import { accessOf, type Access } from './access.ts';
import { allowHeaders, callerProblem, isOfBrowser, isOfScript, LOOPBACK_ONLY, preflightHeaders } from './callers.ts';
import { PAGE_HEADERS } from './headers.ts';
import { versionProblem } from './protocol-version.ts';
import { isAuthorized } from './secret.ts';

export interface GateOptions {
  /** `user:password`; `null`: no authentication. */
  readonly authString: string | null;
  /** Default: this machine only, by its loopback names. */
  readonly reach?: Reach | undefined;
  /** If given, every write must have its client's CSRF token. */
  readonly forgeryCheck?: ForgeryCheck | undefined;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** The content type of nearly all bodies. */
const JSON_TYPE = 'application/json';
const UNAUTHORIZED: Answer = Object.freeze({
  status: 401,
  body: { exception_message: 'Unauthorized' },
  headers: { 'www-authenticate': 'Basic' },
});
/** With a challenge, a browser would show its own dialog before the page's script gets the answer. */
const UNAUTHORIZED_SCRIPT: Answer = Object.freeze({ status: 401, body: { exception_message: 'Unauthorized' } });

/** Call it before routes are added. */
export function openGate(app: FastifyInstance, options: GateOptions): void {
  const { forgeryCheck } = options;
  app.addHook('onRequest', (request, reply, done) => {
    const access = accessOf(request);
    const refusal = refusalOf(request, reply, access, options);
    if (refusal !== null) return send(reply, refusal);
    if (access === 'pages') reply.headers(PAGE_HEADERS);
    if (forgeryCheck === undefined || access !== 'protected' || READS.has(request.method)) done();
    else void refuseForged(forgeryCheck, request, reply, done);
  });
}

async function refuseForged(
  check: ForgeryCheck,
  { headers }: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void,
): Promise<void> {
  try {
    const problem = await check(headers);
    if (problem === null) done();
    else send(reply, { status: 403, body: { detail: problem } });
  } catch (error) {
    done(error as Error);
  }
}

/** Returns a request that Fastify does not pass to its hooks: with the gate's refusal, or with `otherwise`. */
export function answerUnrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  options: GateOptions,
  otherwise: Answer,
): void {
  send(reply, refusalOf(request, reply, 'protected', options) ?? otherwise);
}

function isOfAnyVersion(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { readonly isOfAnyVersion?: boolean } | undefined)?.isOfAnyVersion === true;
}

function refusalOf(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
  { authString, reach = LOOPBACK_ONLY }: GateOptions,
): Answer | null {
  const { headers, method } = request;
  const refused = callerProblem(reach, request.raw, access === 'pages' || access === 'link');
  if (refused !== null) return { status: refused.status, body: { detail: refused.detail } };
  if (headers.origin !== undefined) addHeaders(reply, allowHeaders(headers.origin));
  const preflight = preflightHeaders(request.raw);
  if (preflight !== null) return { status: 204, headers: preflight };
  // What comes with a link is not read.
  if (access === 'pages' || access === 'hook' || access === 'link') return null;
  if (access !== 'open' && authString !== null && !isAuthorized(headers.authorization, authString))
    return isOfScript(headers) ? UNAUTHORIZED_SCRIPT : UNAUTHORIZED;
  const mediaType =
    READS.has(method) || headers['content-type'] === JSON_TYPE
      ? null
      : mediaTypeProblem(headers['content-type'], isOfBrowser(headers));
  if (mediaType !== null) return { status: 415, body: { detail: mediaType } };
  const version = headers['x-prefect-api-version'];
  const problem =
    typeof version !== 'string' || version === '' || isOfAnyVersion(request) ? null : versionProblem(version);
  return problem === null ? null : { status: 400, body: { detail: problem } };
}
