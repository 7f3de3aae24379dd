/**
 * JSON columns with the same text in many rows (tags, policies, task shapes): parsed once, and returned as one frozen
 * value.
 */

/** Characters; short texts are the ones that repeat. Some megabytes in all. */
const LENGTH_MAX = 1000;
const TEXTS_MAX = 5000;

const known = new Map<string, unknown>();

export function parseShared<Value>(text: string): Value {
  const found = known.get(text);
  if (found !== undefined) return found as Value;
  const value: unknown = JSON.parse(text);
  if (text.length > LENGTH_MAX || typeof value !== 'object' || value === null) return value as Value;
  if (known.size >= TEXTS_MAX) known.clear();
  known.set(text, frozen(value));
  return value as Value;
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) frozen(item);
    Object.freeze(value);
  }
  return value;
}
