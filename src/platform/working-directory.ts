/** The working directory, even if it was removed while the process runs: Node throws then, wherever it is asked for. */

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

export interface WorkingDirectory {
  readonly path: string;
  /** One sentence when it is another one than before; `null`: it is the same. */
  readonly warning: string | null;
}

let warning: string | null = null;

/** If it was removed, the process moves to the nearest existing folder above. Never throws. */
export function workingDirectory(): WorkingDirectory {
  try {
    return { path: process.cwd(), warning };
  } catch {
    let path = process.env['PWD'] ?? '/';
    const gone = path;
    while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
    process.chdir(path);
    warning = `The working directory ${gone} was removed: ${path} is taken in its place. Change to a folder that is there.`;
    return { path, warning };
  }
}
