import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package: its `package.json` lies two folders up in the sources, one up in the published form. */
export function packageVersion(): string {
  for (const folder of ['..', join('..', '..')]) {
    const facts = readFacts(join(import.meta.dirname, folder, 'package.json'));
    if (facts?.name === 'ostinato') return facts.version;
  }
  return 'unknown';
}

function readFacts(path: string): { name: string; version: string } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return null;
  }
}
