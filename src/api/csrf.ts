/** Protection of writes against pages of other origins, when it is switched on: each write shows a token that its client has asked for. */

import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

import { CREATE_CSRF_TOKEN } from '../contract/routes/administration.ts';
import { OstinatoError } from '../core/errors.ts';
import { formatInstant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { isSameSecret } from './guards.ts';
import { API_PREFIX, ok, operation, type Operation } from './operation.ts';

const TOKEN_BYTES = 32;
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

export function csrfOperations(useCases: UseCases, isEnabled: boolean): readonly Operation[] {
  return [
    operation(CREATE_CSRF_TOKEN, async ({ query }) => {
      // Clients read this status as "not needed" and go on without.
      if (!isEnabled) throw new OstinatoError('bad-input', 'CSRF protection is disabled.');
      const { id, client, token, createdAt, updatedAt, expiresAt } = await useCases.issueCsrfToken(query.client, randomBytes(TOKEN_BYTES).toString('hex'));
      return ok({ id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), token, client, expiration: formatInstant(expiresAt) });
    }),
  ];
}

/** Refuses writes without a token, or with one that is not the client's. Call it before routes are added. */
export function guardAgainstForgery(app: FastifyInstance, useCases: Pick<UseCases, 'currentCsrfToken'>): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!WRITES.has(request.method) || !request.url.startsWith(API_PREFIX)) return undefined;
    const problem = await problemOf(useCases, request.headers['prefect-csrf-token'], request.headers['prefect-csrf-client']);
    return problem === null ? undefined : reply.code(403).send({ detail: problem });
  });
}

type Header = string | readonly string[] | undefined;

async function problemOf(useCases: Pick<UseCases, 'currentCsrfToken'>, token: Header, client: Header): Promise<string | null> {
  if (typeof token !== 'string') return 'Missing CSRF token.';
  if (typeof client !== 'string') return 'Missing client identifier.';
  const current = await useCases.currentCsrfToken(client);
  return current !== null && isSameSecret(token, current) ? null : 'Invalid CSRF token or client identifier.';
}
