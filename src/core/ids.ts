/**
 * Branded identifiers and the UUIDv7 layout they share.
 *
 * Every id is a UUIDv7 (RFC 9562 §5.7) in lower-case text: the first 48 bits are milliseconds since the Unix epoch, so
 * rows append to an index in creation order and lists page by key.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type FlowId = Branded<'FlowId'>;
export type FlowRunId = Branded<'FlowRunId'>;
export type TaskRunId = Branded<'TaskRunId'>;
export type StateId = Branded<'StateId'>;
export type ArtifactId = Branded<'ArtifactId'>;
export type VariableId = Branded<'VariableId'>;
export type LogId = Branded<'LogId'>;
export type EventId = Branded<'EventId'>;
/** One operating-system process that runs flows; it holds leases on the flow runs it executes. */
export type ProcessId = Branded<'ProcessId'>;

/** Makes ids. Real ones come from `platform/ids.ts`, seeded ones from `testing`. */
export interface IdSource {
  /** A new UUIDv7; never equal to, and sorting after, every id that this source made before. */
  next<Id extends string>(): Id;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Lays a UUIDv7 out as text.
 *
 * @param unixMs milliseconds since the epoch, 48 bits are used
 * @param sequence 0…4095, the 12 bits after the version: orders ids made within one millisecond
 * @param random eight bytes of randomness, read from `offset`; two bits are taken by the variant
 */
export function formatUuidV7(unixMs: number, sequence: number, random: Uint8Array, offset = 0): string {
  const high = Math.floor(unixMs / 0x1_0000_0000);
  const low = unixMs >>> 0;
  const r = (index: number): number => random[offset + index] ?? 0;
  const h = (byte: number): string => HEX[byte & 0xff] as string;
  return (
    h(high >>> 8) + h(high) + h(low >>> 24) + h(low >>> 16) + '-' + h(low >>> 8) + h(low) + '-' +
    h(0x70 | ((sequence >>> 8) & 0x0f)) + h(sequence) + '-' +
    h(0x80 | (r(0) & 0x3f)) + h(r(1)) + '-' + h(r(2)) + h(r(3)) + h(r(4)) + h(r(5)) + h(r(6)) + h(r(7))
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID of any version (ids made by other clients are version 4). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
