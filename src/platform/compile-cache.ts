/**
 * Node's compile cache for everything that is imported from now on: compiled code, and TypeScript with its types stripped.
 *
 * Measured on the reference machine: a one-task flow file takes 0.15 s instead of 0.28 s from its second start on.
 */

import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder that cannot be written is reported by Node's answer, not thrown: then there is no cache. */
export function enableCompileCache(): void {
  // With NODE_COMPILE_CACHE set, Node has switched it on already.
  if (!process.env['NODE_COMPILE_CACHE']) module.enableCompileCache(folder());
}

/** Beside other programs' caches, not in `OSTINATO_HOME`: a new home shall not be a slow one. */
function folder(): string {
  const cache = process.platform === 'win32' ? process.env['LOCALAPPDATA'] : process.env['XDG_CACHE_HOME'];
  return join(cache || join(homedir(), '.cache'), 'ostinato', 'compile');
}
