import { OstinatoError } from '../core/errors.ts';

export function isPostgres(url: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(url);
}

/** @throws `unsupported` for a database that is not SQLite */
export function sqlitePath(url: string): string {
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  const masked = url.replace(/\/\/[^@/]*@/, '//…@');
  if (isPostgres(url)) {
    throw new OstinatoError(
      'unsupported',
      `The database ${masked} is used by a server only: flows and commands without one record into SQLite.`,
      {
        remedy:
          'Start `ostinato server start` with this database and set OSTINATO_API_URL to its address, or unset OSTINATO_DATABASE_URL.',
      },
    );
  }
  throw new OstinatoError('unsupported', `The database ${masked} is neither SQLite nor PostgreSQL.`, {
    remedy:
      'Set OSTINATO_DATABASE_URL to sqlite:/path/to/file.db or, for a server, to postgresql://user@host/database; or unset it.',
  });
}
