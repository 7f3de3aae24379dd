/**
 * CSRF protection, when it is switched on: each write must have a token that its client has asked for.
 */

import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { CREATE_CSRF_TOKEN } from '../contract/routes/administration.ts';
import { OstinatoError } from '../core/errors.ts';
import { formatInstant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { isSameSecret } from './gate/secret.ts';
import { ok, operation, type Operation } from './operation.ts';

const TOKEN_BYTES = 32;

export function csrfOperations(useCases: UseCases, isEnabled: boolean): readonly Operation[] {
  return [
    operation(CREATE_CSRF_TOKEN, async ({ query }) => {
      // Clients take this status for "not needed" and continue without.
      if (!isEnabled) throw new OstinatoError('bad-input', 'CSRF protection is disabled.');
      const { id, client, token, createdAt, updatedAt, expiresAt } = await useCases.issueCsrfToken(
        query.client,
        randomBytes(TOKEN_BYTES).toString('hex'),
      );
      return ok({
        id,
        created: formatInstant(createdAt),
        updated: formatInstant(updatedAt),
        token,
        client,
        expiration: formatInstant(expiresAt),
      });
    }),
  ];
}

/** The problem with a write's token; `null`: it is valid. */
export type ForgeryCheck = (headers: IncomingHttpHeaders) => Promise<string | null>;

export function forgeryCheck(useCases: Pick<UseCases, 'currentCsrfToken'>): ForgeryCheck {
  return async (headers) => {
    const token = headers['prefect-csrf-token'];
    const client = headers['prefect-csrf-client'];
    if (typeof token !== 'string') return 'Missing CSRF token.';
    if (typeof client !== 'string') return 'Missing client identifier.';
    const current = await useCases.currentCsrfToken(client);
    return current !== null && isSameSecret(token, current) ? null : 'Invalid CSRF token or client identifier.';
  };
}
