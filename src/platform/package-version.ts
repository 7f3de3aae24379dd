import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this package, whose `package.json` lies two folders up, from the sources and from what is compiled of them. */
export function packageVersion(): string {
  const facts = readFacts(join(import.meta.dirname, '..', '..', 'package.json'));
  return facts?.name === 'ostinato' ? facts.version : 'unknown';
}

function readFacts(path: string): { name: string; version: string } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return null;
  }
}
