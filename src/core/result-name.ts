/** Names that people give to results: relative paths of the result store. */

import { OstinatoError } from './errors.ts';

/** Keys of named results begin with it; other keys are hashes. */
export const NAMED_PREFIX = 'named/';
/** Bytes; file systems allow 255 in one part. */
const PART_BYTES_MAX = 200;
const NAME_CHARS_MAX = 1000;
/** No control characters, and none that file systems forbid or interpret. */
const PART = /^(?!\.)[^\p{Cc}\\/:*?"<>|]+$/u;

/** @throws `bad-input` for a name that is no relative path inside the result store */
export function checkResultName(name: string): string {
  const fits =
    name.length <= NAME_CHARS_MAX &&
    name.split('/').every((part) => PART.test(part) && new TextEncoder().encode(part).length <= PART_BYTES_MAX);
  if (fits) return name;
  throw new OstinatoError(
    'bad-input',
    `A result cannot be kept under the name ${JSON.stringify(name.slice(0, 200))}.`,
    {
      remedy: `Use parts of at most ${PART_BYTES_MAX} bytes between slashes, without \\ : * ? " < > |, that do not begin with a dot.`,
    },
  );
}
