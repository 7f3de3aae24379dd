/**
 * Where this package lies and in which form: its sources, or what `scripts/build.ts` bundled of them, in which modules
 * lie elsewhere than their sources do.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether this is a checkout, whose TypeScript runs as it is. */
export const isCheckout = import.meta.url.endsWith('.ts');

/** Absolute; the folder of its `package.json`. */
export const packageFolder: string = folderAbove(import.meta.dirname);

/** Absolute; everything below is our code. */
export const codeFolder: string = join(packageFolder, isCheckout ? 'src' : 'dist');

function folderAbove(start: string): string {
  let folder = dirname(start);
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
