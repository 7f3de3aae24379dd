/** Reads a file that people wrote, up to a bound: it may be named by mistake, and be anything. */

import { closeSync, openSync, readSync } from 'node:fs';

import { OstinatoError } from '../../core/errors.ts';
import { diskError } from '../../platform/disk-errors.ts';

/** A file of deployments is some kilobytes; reading YAML takes seconds a megabyte. */
const FILE_BYTES_MAX = 1024 * 1024;

export interface FileNamed {
  readonly path: string;
  /** As it was named. */
  readonly shown: string;
  /** What to do where there is no such file. */
  readonly remedy: string;
  /** What it is said to be, and which files are. Default: deployments. */
  readonly of?: { readonly what: string; readonly remedy: string };
}

const DEPLOYMENTS = {
  what: 'deployments',
  remedy: 'Name a file of YAML, as `ostinato deployment build` and `ostinato init --deployments` write them.',
} as const;

/** @throws `not-found`; `bad-input`: it is too long, or no text in UTF-8 */
export function readFileText(file: FileNamed): string {
  const { of = DEPLOYMENTS } = file;
  const bytes = readBytes(file);
  const refuse = (what: string): OstinatoError =>
    new OstinatoError('bad-input', `${file.shown} ${what}: it is no file of ${of.what}.`, { remedy: of.remedy });
  if (bytes.length > FILE_BYTES_MAX) throw refuse('is longer than 1 MiB');
  try {
    // What marks the order of bytes at its beginning is left out.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('is no text in UTF-8');
  }
}

/** One byte more than the bound at most: what has no end (a device, a pipe) is not read to its end. */
function readBytes({ path, shown, remedy }: FileNamed): Buffer {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, 'r');
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new OstinatoError('not-found', `There is no file ${shown}.`, { remedy });
    throw diskError(error, 'read the file', path);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
