/**
 * References from rows to recorded values (results, parameters, failures).
 *
 * A value is encoded by `core/codec.ts` into text that keeps JavaScript types. Small text travels with the row that
 * names it; large text goes to the result store under the hash of its content, and the row keeps the key.
 */

/**
 * Encoded text of more bytes goes to the result store instead of the row: a journal record must stay one small write.
 */
export const INLINE_VALUE_BYTES_MAX = 8 * 1024;

export type ValueRef =
  /**
   * The encoded value itself. `hash` is the hash of `text` where it is compared (parameters); `null` for results: it
   * would be a tenth of their row.
   */
  | { readonly kind: 'inline'; readonly text: string; readonly hash: string | null }
  /** The encoded value lies in the result store under `key`. */
  | { readonly kind: 'stored'; readonly key: string; readonly hash: string; readonly bytes: number }
  /** The work ended, but its value was not kept, by choice (`persistResult: false`). */
  | { readonly kind: 'unpersisted' }
  /** A value of another client (Prefect's): JSON that only that client reads, kept exactly. */
  | { readonly kind: 'foreign'; readonly text: string };

/** The hash of the content; `null` where it was not hashed. */
export function contentHash(ref: ValueRef | null): string | null {
  return ref?.kind === 'inline' || ref?.kind === 'stored' ? ref.hash : null;
}

/**
 * Whether the value was kept, so that later runs and people may rely on it. Other clients write `{"type":
 * "unpersisted"}` when not.
 */
export function isKept(data: ValueRef | null | undefined): boolean {
  if (data === null || data === undefined || data.kind === 'unpersisted') return false;
  return data.kind !== 'foreign' || (data.text.startsWith('{') && data.text !== '{}' && !saysUnpersisted(data.text));
}

/** Whether another client reports that its value was not kept. */
export function isUnpersisted(data: ValueRef | null | undefined): boolean {
  return data?.kind === 'foreign' && data.text.startsWith('{') && saysUnpersisted(data.text);
}

/** Results of older clients may be whole values: only short texts are parsed. */
function saysUnpersisted(text: string): boolean {
  return text.includes('"unpersisted"') && (JSON.parse(text) as { readonly type?: unknown }).type === 'unpersisted';
}

/** A recorded failure: enough to show it, to match rules on it, and to throw an error like it again. */
export interface FailureInfo {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: FailureInfo | undefined;
  /** Own enumerable fields of the error, encoded by `core/codec.ts`. */
  readonly fields?: string | undefined;
}
