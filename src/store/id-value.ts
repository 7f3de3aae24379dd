/**
 * How ids are held in rows: 16 bytes where the database has no type for them (SQLite), text where it has (PostgreSQL's
 * `uuid`).
 *
 * Bytes, since a task writes 14 ids: against 36-character text the file is 410 bytes a task smaller (of 1,350), and
 * writing is no slower, provided that the bytes are made here and not by SQL's `unhex` (150 ns a call, 3 µs a task).
 */

import { OstinatoError } from '../core/errors.ts';
import { isUuid, uuidText } from '../core/ids.ts';

export type IdValue = Uint8Array | string;

/** Value of a hexadecimal digit by its character code; 255 for everything else. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 255 : digit;
});
/** Where in the text each of the 16 bytes starts. */
const STARTS = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);

/** Writes the id's 16 bytes into `target`; throws `bad-input` when the text is no UUID. */
export function writeUuidBytes(uuid: string, target: Uint8Array): Uint8Array {
  let seen = uuid.length === 36 ? 0 : 255;
  for (let index = 0; index < 16; index++) {
    const start = STARTS[index] as number;
    const high = DIGITS[uuid.charCodeAt(start)] ?? 255;
    const low = DIGITS[uuid.charCodeAt(start + 1)] ?? 255;
    seen |= high | low;
    target[index] = (high << 4) | low;
  }
  if (seen > 15) throw notAnId(uuid);
  return target;
}

export function uuidBytes(uuid: string): Uint8Array {
  return writeUuidBytes(uuid, new Uint8Array(16));
}

/** The bytes of an id that people may have typed; `null` when the text is no UUID, so that a look-up finds nothing. */
export function lookupBytes(uuid: string): Uint8Array | null {
  return isUuid(uuid) ? uuidBytes(uuid) : null;
}

/** The id in a row, as text; the caller names the brand. */
export function readId<Id extends string>(value: IdValue): Id {
  return (typeof value === 'string' ? value : uuidText(value)) as Id;
}

export function readIdOrNull<Id extends string>(value: IdValue | null): Id | null {
  return value === null ? null : readId<Id>(value);
}

function notAnId(text: string): OstinatoError {
  return new OstinatoError('bad-input', `"${text.slice(0, 60)}" is not an id: ids are UUIDs.`, {
    remedy: 'Take ids from a list, for instance `ostinato flow-run ls`.',
  });
}

/** Sorts before every id. */
export const FIRST_ID: Uint8Array = new Uint8Array(16);

/** The bytes of an id; `null` stays. */
export function idOrNull(id: string | null): Uint8Array | null {
  return id === null ? null : uuidBytes(id);
}
