/** The secret part of a webhook's address, and what senders sign with. */

import { createHmac, hash, randomBytes } from 'node:crypto';

import { isSameSecret } from '../gate/secret.ts';

const SLUG_BYTES = 32;

/** 256 bits: nobody guesses it. */
export function drawSlug(): string {
  return randomBytes(SLUG_BYTES).toString('base64url');
}

/** What is kept of it. */
export function slugHash(slug: string): string {
  return hash('sha256', slug, 'hex');
}

/** 32 hexadecimal digits. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** @param header `X-Hub-Signature-256`: `sha256=` and the HMAC of the body, in hexadecimal */
export function isSigned(body: string, secret: string, header: string | undefined): boolean {
  const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return isSameSecret(header ?? '', expected);
}
