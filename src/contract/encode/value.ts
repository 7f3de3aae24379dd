/**
 * Values that `core/codec.ts` wrote, as JSON: what JSON can say is itself, the rest stays marked as the codec marks it
 * (`{"$": "Date", …}`), so that nothing is lost on the way.
 */
/** Whether JSON text (of any spelling) is an object. */
export function isJsonObject(text: string): boolean {
  return /^\s*\{/.test(text);
}

export function decodeJson(text: string): unknown {
  return JSON.parse(text);
}
