/**
 * JSON values with exact numbers: each number that JavaScript would write otherwise is held by its text (see
 * `exactValue`).
 */

const json = JSON as unknown as { isRawJSON(value: unknown): value is { readonly rawJSON: string } };

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !json.isRawJSON(value);
}

/** The value if it is one, else one without members. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

/** The text of a number as it was sent; `null` for anything else. */
export function numberText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return json.isRawJSON(value) ? value.rawJSON : null;
}
