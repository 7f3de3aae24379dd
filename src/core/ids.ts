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
export type FlowRunInputId = Branded<'FlowRunInputId'>;
export type StateId = Branded<'StateId'>;
export type ArtifactId = Branded<'ArtifactId'>;
export type ArtifactCollectionId = Branded<'ArtifactCollectionId'>;
export type VariableId = Branded<'VariableId'>;
export type LogId = Branded<'LogId'>;
export type EventId = Branded<'EventId'>;
export type DeploymentId = Branded<'DeploymentId'>;
export type WorkQueueId = Branded<'WorkQueueId'>;
export type WorkPoolId = Branded<'WorkPoolId'>;
export type BlockTypeId = Branded<'BlockTypeId'>;
export type BlockSchemaId = Branded<'BlockSchemaId'>;
export type BlockDocumentId = Branded<'BlockDocumentId'>;
export type ConcurrencyLimitId = Branded<'ConcurrencyLimitId'>;
export type ConcurrencyLeaseId = Branded<'ConcurrencyLeaseId'>;
/** One operating-system process that runs flows; it holds leases on the flow runs it executes. */
export type ProcessId = Branded<'ProcessId'>;

/** Makes ids. Real ones come from `platform/ids.ts`, seeded ones from `testing`. */
export interface IdSource {
  /** A new UUIDv7; never equal to, and sorting after, every id that this source made before. */
  next<Id extends string>(): Id;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** The digit that holds the variant and two bits of a random digit, by the character code of that. */
const VARIANT_DIGITS = Array.from({ length: 128 }, (_, code) => '89ab'[Number.parseInt(String.fromCharCode(code), 16) & 3] as string);

/**
 * Lays a UUIDv7 out as text.
 *
 * @param unixMs milliseconds since the epoch, 48 bits are used
 * @param sequence 0…4095, the 12 bits after the version: orders ids made within one millisecond
 * @param random eight bytes of randomness, read from `offset`; two bits are taken by the variant
 */
export function formatUuidV7(unixMs: number, sequence: number, random: Uint8Array, offset = 0): string {
  let hex = '';
  for (let index = offset; index < offset + 8; index += 1) hex += HEX[random[index] ?? 0] as string;
  return joinUuidV7(uuidV7Head(unixMs), sequence, hex, 0);
}

/** What all UUIDv7 of one millisecond begin with. */
export function uuidV7Head(unixMs: number): string {
  const digits = Math.floor(unixMs).toString(16).padStart(12, '0').slice(-12);
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

/**
 * As `formatUuidV7`, with the head made before, once a millisecond.
 *
 * @param random sixteen hexadecimal digits, read from `offset`
 */
export function joinUuidV7(head: string, sequence: number, random: string, offset: number): string {
  const variant = VARIANT_DIGITS[random.charCodeAt(offset)];
  const middle = `-${HEX[0x70 | ((sequence >>> 8) & 0x0f)]}${HEX[sequence & 0xff]}-${variant}${random.slice(offset + 1, offset + 4)}-`;
  return head + middle + random.slice(offset + 4, offset + 16);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID of any version (ids made by other clients are version 4). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
