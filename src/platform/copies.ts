/**
 * One copy of the package a process. An app and a library may each have installed their own: tasks of the one are called in flows of the
 * other, and what either made (runs, futures, errors, policies) must be known to both. So whichever is loaded first serves everybody;
 * one of another version is refused where it is loaded, before any run could come to harm.
 */

import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { OstinatoError } from '../core/errors.ts';
import { packageVersion } from './package-version.ts';

interface Copy {
  /** The folder with its doors. */
  readonly folder: string;
  /** Read when another copy turns up. */
  readonly version: () => string;
  readonly sdk: () => unknown;
}

const KEY = Symbol.for('ostinato.copy');
const home = globalThis as { [KEY]?: Copy };

const folder = dirname(import.meta.dirname);
const own: Copy = {
  folder,
  version: packageVersion,
  sdk: () => createRequire(import.meta.url)(join(folder, `index${extname(import.meta.filename)}`)) as unknown,
};

/** This copy is the one of the process, unless another was there before. Call it before programs of people are loaded. */
export function claimProcess(): void {
  home[KEY] ??= own;
}

/** What `index.ts` of the process's copy exports. @throws `conflict` when that is of another version */
export function sdkOfProcess(): unknown {
  claimProcess();
  const first = home[KEY] ?? own;
  if (first.folder !== own.folder && !areCompatible(first.version(), own.version())) {
    throw new OstinatoError('conflict', `Two copies of Ostinato are loaded in one process: version ${first.version()} (${first.folder}) and version ${own.version()} (${own.folder}). Runs of the one would not know those of the other.`, {
      remedy: 'Install one version for both: `npm ls ostinato` shows who brings which, `npm dedupe` or an entry in "overrides" of package.json makes them one. Start programs with the command of their own project: npx ostinato.',
    });
  }
  return first.sdk();
}

/** Versions that differ in their last number only have the same doors. */
function areCompatible(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').slice(0, 2).join('.'));
  return a === b;
}
