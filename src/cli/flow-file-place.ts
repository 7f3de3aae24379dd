/** Finds a flow file, or says why there is none. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';

export interface FileAndExport {
  /** Absolute, with symbolic links resolved. */
  readonly path: string;
  readonly exportName: string | null;
}

const FLOW_FILE = /\.[cm]?[jt]s$/;

/** Splits `flows/etl.ts:main`. `not-found` when there is no such file. */
export function locateFlowFile(word: string, base: string): FileAndExport {
  const whole = resolve(base, word);
  const colon = word.lastIndexOf(':');
  // A colon may be part of the path (C:\flows): an existing file is taken as the path.
  const [path, exportName] =
    existsSync(whole) || colon < 2 ? [whole, null] : [resolve(base, word.slice(0, colon)), word.slice(colon + 1)];
  if (!existsSync(path)) throw noSuchFile(path, base);
  if (statSync(path).isDirectory())
    throw new OstinatoError('bad-input', `${path} is a folder.`, { remedy: `Name a file in it${suggestFile(path)}.` });
  if (exportName === '')
    throw new OstinatoError('bad-input', `"${word}" ends in a colon.`, {
      remedy: 'Name an export after it (flows.ts:etl), or leave the colon out.',
    });
  if (!FLOW_FILE.test(path)) {
    const remedy = /\.[jt]sx$/.test(path)
      ? 'Files with JSX do not run as they are: put the flow into a file of its own.'
      : 'Flow files end in .ts, .mts, .js or .mjs.';
    throw new OstinatoError('bad-input', `${path} is not a TypeScript or JavaScript file.`, { remedy });
  }
  return { path: realpathSync(path), exportName };
}

function noSuchFile(path: string, base: string): OstinatoError {
  const folder = dirname(path);
  if (!existsSync(folder))
    return new OstinatoError('not-found', `There is no file ${path}: the folder ${folder} does not exist.`, {
      remedy: 'Check the path.',
    });
  const files = readdirSync(folder).filter((name) => FLOW_FILE.test(name));
  return new OstinatoError(
    'not-found',
    `There is no file ${relative(base, path) || path}.${nearFile(basename(path), files)}`,
    { remedy: `Check the path; it was looked for in ${folder}.` },
  );
}

/** Compared without the extensions, which all flow files share. */
function nearFile(name: string, files: readonly string[]): string {
  const stem = (file: string): string => file.replace(FLOW_FILE, '');
  const near = nearestWord(stem(name), files.map(stem));
  return near === null ? '' : ` Did you mean "${files.find((file) => stem(file) === near)}"?`;
}

function suggestFile(folder: string): string {
  const [file] = readdirSync(folder).filter((name) => FLOW_FILE.test(name) && !/\.(test|spec|d)\./.test(name));
  return file === undefined ? '' : `, for instance ${file}`;
}
