/** Signatures of links that people are sent: HMAC-SHA256. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

/** 64 hexadecimal digits. */
export function newLinkSecret(): string {
  return randomBytes(SECRET_BYTES).toString('hex');
}

/** 64 hexadecimal digits. */
export function signLink(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** In a time that does not depend on where the two differ. */
export function isSameSignature(given: string, expected: string): boolean {
  // Of equal length whatever is given.
  const digest = (text: string): Buffer => createHmac('sha256', 'length').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
