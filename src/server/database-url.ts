import { OstinatoError } from '../core/errors.ts';

/** @throws `unsupported` for a database that this version has no dialect for */
export function sqlitePath(url: string): string {
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  throw new OstinatoError('unsupported', `The database ${url.replace(/\/\/[^@/]*@/, '//…@')} is not SQLite, and this version speaks no other.`, { remedy: 'Set OSTINATO_DATABASE_URL to sqlite:/path/to/file.db, or unset it.' });
}
