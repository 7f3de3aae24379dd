import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageFolder } from './own-package.ts';

/** The version of this package. */
export function packageVersion(): string {
  const facts = readFacts(join(packageFolder, 'package.json'));
  return facts?.name === 'ostinato' ? facts.version : 'unknown';
}

function readFacts(path: string): { name: string; version: string } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return null;
  }
}
