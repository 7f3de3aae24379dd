/** The working directory, also where it was removed under the process: Node throws then, wherever somebody asks for it. */

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

export interface WorkingDirectory {
  readonly path: string;
  /** One sentence when it is another one than it was; `null` when all is well. */
  readonly warning: string | null;
}

let warning: string | null = null;

/** Of one that was removed the nearest folder above that is there is taken, for the whole process. Never throws. */
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
