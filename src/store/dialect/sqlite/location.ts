import { pathToFileURL } from 'node:url';

/** A URI for opening an existing database only: one that was removed is not created again. */
export function existingDatabaseUri(path: string): string {
  return `${pathToFileURL(path).href}?mode=rw`;
}
