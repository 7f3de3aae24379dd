/**
 * Keeps one copy of the package a process. An app and a library may each have installed their own: tasks of one are
 * called in flows of the other, and values of either (runs, futures, errors, policies) must be known to both. So the
 * copy that is loaded first serves everybody; another version is refused when it is loaded, before any run.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { OstinatoError } from '../core/errors.ts';
import { codeFolder, isCheckout } from './own-package.ts';
import { packageVersion } from './package-version.ts';

interface Copy {
  /** The folder of the copy. */
  readonly folder: string;
  /** Read when another copy is loaded. */
  readonly version: () => string;
  readonly sdk: () => unknown;
}

const KEY = Symbol.for('ostinato.copy');
const home = globalThis as { [KEY]?: Copy };

const own: Copy = {
  folder: codeFolder,
  version: packageVersion,
  sdk: () => createRequire(import.meta.url)(join(codeFolder, `index.${isCheckout ? 'ts' : 'js'}`)) as unknown,
};

/** Makes this copy the process's, unless another was loaded before. Call it before users' programs are loaded. */
export function claimProcess(): void {
  home[KEY] ??= own;
}

/** What `index.ts` of the process's copy exports. @throws `conflict` when that is of another version */
export function sdkOfProcess(): unknown {
  claimProcess();
  const first = home[KEY] ?? own;
  if (first.folder !== own.folder && !areCompatible(first.version(), own.version())) {
    throw new OstinatoError(
      'conflict',
      `Two copies of Ostinato are loaded in one process: version ${first.version()} (${first.folder}) and version ${own.version()} (${own.folder}). Runs of the one would not know those of the other.`,
      {
        remedy:
          'Install one version for both: `npm ls ostinato` shows who brings which, `npm dedupe` or an entry in "overrides" of package.json makes them one. Start programs with the command of their own project: npx ostinato.',
      },
    );
  }
  return first.sdk();
}

/** Versions that only differ in their last number are compatible. */
function areCompatible(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').slice(0, 2).join('.'));
  return a === b;
}
