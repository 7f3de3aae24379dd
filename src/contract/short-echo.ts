/** What was sent, as far as an answer repeats it: whoever sent a megabyte knows what it was. */

/** Characters of JSON, about. */
const ECHO_CHARACTERS_MAX = 2_000;

/** So long a text is not looked through for what is short in it: even to list 50,000 keys takes a while. */
export function isLong(sent: string): boolean {
  return sent.length > 4 * ECHO_CHARACTERS_MAX;
}

/**
 * The value itself where it is short; else a text that says so.
 * @param isPartOfLong then lists and objects are only named
 */
export function shortEcho(value: unknown, isPartOfLong = false): unknown {
  if (isPartOfLong && typeof value === 'object' && value !== null) return leftOut(value);
  return remaining(value, ECHO_CHARACTERS_MAX) >= 0 ? value : leftOut(value);
}

/** Stops as soon as it is too long, so that what it costs has a bound. */
function remaining(value: unknown, left: number): number {
  if (typeof value === 'string') return left - value.length - 2;
  if (typeof value !== 'object' || value === null) return left - 6;
  let rest = left - 2;
  // A loop that ends early: listing all keys of an object of 300,000 first would be what is avoided here.
  for (const key in value) {
    rest = remaining((value as Record<string, unknown>)[key], rest - (Array.isArray(value) ? 1 : key.length + 4));
    if (rest < 0) return rest;
  }
  return rest;
}

function leftOut(value: unknown): string {
  if (typeof value === 'string') return `${value.slice(0, 100)}… (${value.length} characters)`;
  return Array.isArray(value) ? `(a list of ${value.length}, left out here)` : '(an object, left out here)';
}

/** For places and sentences. */
export function shortText(text: string): string {
  return text.length <= ECHO_CHARACTERS_MAX ? text : `${text.slice(0, ECHO_CHARACTERS_MAX)}…`;
}
