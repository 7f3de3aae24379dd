/**
 * Branded identifiers and the UUIDv7 layout they share.
 *
 * Every id is a UUIDv7 (RFC 9562 §5.7) in lower-case text: the first 48 bits are milliseconds since the Unix epoch, so
 * rows append to an index in creation order and lists page by key.
 */

declare const brand: unique symbol;
export type Branded<Name extends string> = string & { readonly [brand]: Name };

export type FlowId = Branded<'FlowId'>;
export type FlowRunId = Branded<'FlowRunId'>;
export type TaskRunId = Branded<'TaskRunId'>;
export type FlowRunInputId = Branded<'FlowRunInputId'>;
export type StateId = Branded<'StateId'>;
export type ArtifactId = Branded<'ArtifactId'>;
export type ArtifactCollectionId = Branded<'ArtifactCollectionId'>;
export type LogId = Branded<'LogId'>;
export type EventId = Branded<'EventId'>;
export type DeploymentId = Branded<'DeploymentId'>;
export type DeploymentScheduleId = Branded<'DeploymentScheduleId'>;
export type WorkQueueId = Branded<'WorkQueueId'>;
export type WorkPoolId = Branded<'WorkPoolId'>;
export type WorkerId = Branded<'WorkerId'>;
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

/** Character codes of the two digits of each byte. */
const CODES = Uint8Array.from({ length: 512 }, (_, index) =>
  (index % 2 === 0 ? index >> 5 : (index >> 1) & 15).toString(16).charCodeAt(0),
);
const DASH = 45;
const VERSION_7 = 0x70;
const VARIANT = 0x80;

/**
 * Lays a UUIDv7 out as text.
 *
 * @param unixMs milliseconds since the epoch, 48 bits are used
 * @param sequence 0…4095, the 12 bits after the version: orders ids made within one millisecond
 * @param random eight bytes of randomness, read from `offset`; two bits are taken by the variant
 */
export function formatUuidV7(unixMs: number, sequence: number, random: Uint8Array, offset = 0): string {
  const high = Math.floor(unixMs / 2 ** 32);
  const low = unixMs >>> 0;
  LAYOUT[0] = high >>> 8;
  LAYOUT[1] = high;
  LAYOUT[2] = low >>> 24;
  LAYOUT[3] = low >>> 16;
  LAYOUT[4] = low >>> 8;
  LAYOUT[5] = low;
  LAYOUT[6] = VERSION_7 | ((sequence >>> 8) & 0x0f);
  LAYOUT[7] = sequence;
  for (let index = 0; index < 8; index += 1) LAYOUT[8 + index] = random[offset + index] as number;
  LAYOUT[8] = VARIANT | ((LAYOUT[8] as number) & 0x3f);
  return uuidText(LAYOUT);
}

const LAYOUT = new Uint8Array(16);

/**
 * The text of an id's 16 bytes: made at once, since a text that was put together from pieces is copied later, when it
 * goes out.
 */
export function uuidText(bytes: Uint8Array): string {
  const high = (index: number): number => CODES[(bytes[index] as number) * 2] as number;
  const low = (index: number): number => CODES[(bytes[index] as number) * 2 + 1] as number;
  return String.fromCharCode(
    high(0),
    low(0),
    high(1),
    low(1),
    high(2),
    low(2),
    high(3),
    low(3),
    DASH,
    high(4),
    low(4),
    high(5),
    low(5),
    DASH,
    high(6),
    low(6),
    high(7),
    low(7),
    DASH,
    high(8),
    low(8),
    high(9),
    low(9),
    DASH,
    high(10),
    low(10),
    high(11),
    low(11),
    high(12),
    low(12),
    high(13),
    low(13),
    high(14),
    low(14),
    high(15),
    low(15),
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID of any version (ids made by other clients are version 4). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The id in the form in which it is kept (lower case, with dashes), from any form that other programs write: upper
 * case, without dashes, in braces, as `urn:uuid:…`. `null` when it is none.
 */
export function readUuid(text: string): string | null {
  if (UUID.test(text)) return text.toLowerCase();
  const digits = text
    .replace(/^urn:/i, '')
    .replace(/^uuid:/i, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
    .toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : null;
}

/** The smallest and the largest id that start so (dashes do not count); `null` when no id can. */
export function idRange(prefix: string): { readonly from: string; readonly to: string } | null {
  const digits = prefix.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{0,32}$/.test(digits)) return null;
  return { from: dashed(digits.padEnd(32, '0')), to: dashed(digits.padEnd(32, 'f')) };
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
