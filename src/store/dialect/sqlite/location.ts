import { pathToFileURL } from 'node:url';

/** Without what opening does by default: a database that was removed is not made anew. */
export function whereItIs(path: string): string {
  return `${pathToFileURL(path).href}?mode=rw`;
}
