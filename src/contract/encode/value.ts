/**
 * Values that `core/codec.ts` wrote, as JSON: what JSON can say is itself, the rest stays marked as the codec marks it
 * (`{"$": "Date", …}`), so that nothing is lost on the way.
 */
export function decodeJson(text: string): unknown {
  return JSON.parse(text);
}
