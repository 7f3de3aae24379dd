/** A failure in one line, for state messages and log lines. */

import type { FailureInfo } from './value.ts';

/** Validation libraries put whole documents into messages; the record keeps them, the line does not. */
const LINE_CHARS_MAX = 500;

/**
 * For instance `TypeError: fetch failed (ECONNREFUSED 127.0.0.1:80)`: the cause is named where the message hides it.
 */
export function failureLine(failure: FailureInfo): string {
  const message = oneLine(failure.message);
  const cause = failure.cause ? oneLine(failure.cause.message || failure.cause.code || failure.cause.name) : '';
  const text = `${failure.name}: ${message}${cause !== '' && !message.includes(cause) ? ` (${cause})` : ''}`;
  return text.length > LINE_CHARS_MAX ? `${text.slice(0, LINE_CHARS_MAX - 1)}…` : text;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
