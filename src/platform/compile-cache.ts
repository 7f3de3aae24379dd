/**
 * Node's compile cache for everything that is imported from now on: compiled code, and TypeScript with its types stripped.
 *
 * Measured on the reference machine: a one-task flow file takes 0.15 s instead of 0.28 s from its second start on.
 */

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A folder that cannot be written is passed over; without any there is no cache. */
export function enableCompileCache(): void {
  // With NODE_COMPILE_CACHE set, Node has switched it on already.
  if (process.env['NODE_COMPILE_CACHE']) return;
  const folder = [besidePackage(), ofUser()].find(isWritable);
  if (folder !== undefined && folder !== null) module.enableCompileCache(folder);
}

/**
 * Where tools keep what they derive from packages: `node_modules/.cache`. It serves every user and every home of the machine, goes
 * with the package, and in a checkout it is filled when the packages are installed. `null`: the package lies somewhere else.
 */
function besidePackage(): string | null {
  const root = join(import.meta.dirname, '..', '..');
  const modules = basename(dirname(root)) === 'node_modules' ? dirname(root) : join(root, 'node_modules');
  return existsSync(modules) ? join(modules, '.cache', 'ostinato', 'compile') : null;
}

/** Beside other programs' caches, not in `OSTINATO_HOME`: a new home shall not be a slow one. `null`: this user has no home. */
function ofUser(): string | null {
  const cache = process.platform === 'win32' ? process.env['LOCALAPPDATA'] : process.env['XDG_CACHE_HOME'];
  try {
    return join(cache || join(homedir(), '.cache'), 'ostinato', 'compile');
  } catch {
    return null;
  }
}

function isWritable(folder: string | null): boolean {
  if (folder === null) return false;
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
