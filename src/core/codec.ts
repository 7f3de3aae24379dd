/**
 * Values as text: readable JSON that keeps JavaScript's types.
 *
 * What JSON can say is written exactly as `JSON.stringify` writes it. The rest becomes `{"$": <type>, …}`: `undefined`,
 * NaN, ±Infinity, -0, BigInt, Date, Temporal, Map, Set, RegExp, URL, URLSearchParams, ArrayBuffer, typed arrays,
 * Buffer, Error (name, message, stack, cause, `errors`, own fields), arrays with holes or named properties, objects
 * without a prototype. Keys that are symbols are left out, as JSON leaves them out. Functions, symbols, promises, class
 * instances and cycles have no text.
 */

export {
  canonicalArguments,
  canonicalText,
  OPAQUE_MARK,
  type SharedTexts,
  type CanonicalText,
} from './codec-canonical.ts';
export { isErrorObject } from './codec-kinds.ts';
export { decodeValue } from './codec-decode.ts';
export { encodeValue } from './codec-encode.ts';
export { fromFailureInfo, thrownFrom, toFailureInfo } from './codec-failure.ts';
