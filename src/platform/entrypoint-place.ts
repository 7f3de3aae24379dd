/** Where a file with flows lies, as a deployment says it. */

import { basename, dirname, isAbsolute, relative, sep } from 'node:path';

import { workingDirectory } from './working-directory.ts';

export interface FilePlace {
  /** The folder that runs begin in: the working directory where the file lies below it, else the file's own. */
  readonly folder: string;
  /** The file, from that folder on; parts are parted by `/`. */
  readonly file: string;
}

/** @param file absolute */
export function placeOfFile(file: string): FilePlace {
  const base = workingDirectory().path;
  const below = relative(base, file);
  if (below !== '' && !below.startsWith('..') && !isAbsolute(below))
    return { folder: base, file: below.split(sep).join('/') };
  return { folder: dirname(file), file: basename(file) };
}
