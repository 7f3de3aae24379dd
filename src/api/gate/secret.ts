/** Checks the auth string of a caller. */

import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares digests, so that the duration tells nothing about the secret or its length. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** @param header `Authorization`, of the scheme Basic over the whole auth string */
export function isAuthorized(header: string | undefined, authString: string): boolean {
  const match = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '');
  return match !== null && isSameSecret(Buffer.from(match[1] as string, 'base64').toString('utf8'), authString);
}
