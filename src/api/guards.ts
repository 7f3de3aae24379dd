/** Who may come in: version of the protocol, auth string, cross-origin rules. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

import { API_PREFIX } from './operation.ts';

export interface GuardOptions {
  /** `user:password`; `null`: everybody may. */
  readonly authString: string | null;
}

/** Lowest version of the protocol whose clients are served. */
const VERSION_MIN = [0, 8, 0] as const;

/** Answered to everybody, so that a process can be watched without its secret. */
const OPEN_PATHS: ReadonlySet<string> = new Set([`${API_PREFIX}/health`, `${API_PREFIX}/ready`]);

export function guard(app: FastifyInstance, options: GuardOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('access-control-allow-origin', '*');
    if (request.method === 'OPTIONS') {
      reply.headers({ 'access-control-allow-methods': '*', 'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*' });
      return reply.code(204).send();
    }
    const path = request.url.split('?', 1)[0] ?? '';
    if (!path.startsWith(API_PREFIX)) return undefined;
    if (options.authString !== null && !OPEN_PATHS.has(path) && !isAuthorized(request.headers.authorization, options.authString)) {
      return reply.code(401).header('www-authenticate', 'Basic').send({ exception_message: 'Unauthorized' });
    }
    const version = request.headers['x-prefect-api-version'];
    const problem = typeof version === 'string' ? versionProblem(version) : null;
    return problem === null ? undefined : reply.code(400).send({ detail: problem });
  });
}

/** Compared by digest: the time it takes says nothing about the secret, nor about its length. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

function isAuthorized(header: string | undefined, authString: string): boolean {
  const match = /^Basic\s+(.+)$/i.exec(header ?? '');
  return match !== null && isSameSecret(Buffer.from(match[1] as string, 'base64').toString('utf8'), authString);
}

function versionProblem(text: string): string | null {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (!match) return `Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received ${text.slice(0, 40)}`;
  for (let index = 0; index < 3; index += 1) {
    const difference = Number(match[index + 1]) - (VERSION_MIN[index] as number);
    if (difference > 0) return null;
    if (difference < 0) return `The request specified API version ${text} but this server requires version ${VERSION_MIN.join('.')} or higher.`;
  }
  return null;
}
