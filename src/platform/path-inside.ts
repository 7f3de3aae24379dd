/** Paths that must stay in a folder, wherever links lead. */

import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Whether a path stays in the folder, wherever links lead. What is not there yet is judged by what is. */
export function isInside(root: string, word: string): boolean {
  const path = resolve(root, word);
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const real = join(realpathSync(there), relative(there, path));
  const below = relative(realpathSync(root), real);
  return below === '' || (!below.startsWith('..') && resolve(realpathSync(root), below) === real);
}
