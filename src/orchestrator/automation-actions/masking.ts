/** Hides the secrets of a block in what is said of it. Pure. */

import { MASK } from '../../core/blocks/secrets.ts';

export function masked(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another.
  return secrets
    .toSorted((a, b) => b.length - a.length)
    .reduce((shown, secret) => shown.replaceAll(secret, MASK), text);
}

/** Of the texts of a JSON value. */
export function maskedAll(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return masked(value, secrets);
  if (Array.isArray(value)) return value.map((item) => maskedAll(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskedAll(item, secrets)]));
}
