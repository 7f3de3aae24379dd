/** Configuration and tokens that the server stores. */

import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { AdministrationStorage, CsrfToken } from '../port/administration.ts';

interface CsrfTokenRow {
  readonly id: IdValue;
  readonly client: string;
  readonly token: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number;
}

export function administrationOn(database: Database): AdministrationStorage {
  return {
    readConfiguration: (key) =>
      database.read(function* (db) {
        const row = yield* db.get<{ readonly value: string }>('SELECT value FROM configuration WHERE key = ?', key);
        return row ? String(row.value) : null;
      }),
    writeConfiguration: (key, value, now) =>
      database.write(function* (db) {
        if (value === null) yield* db.run('DELETE FROM configuration WHERE key = ?', key);
        else yield* db.run(WRITE_CONFIGURATION, key, value, now);
      }),
    readCsrfToken: (client) => database.read((db) => findCsrfToken(db, client)),
    writeCsrfToken: (token) =>
      database.write(function* (db) {
        yield* db.run('DELETE FROM csrf_token WHERE expires_at < ?', token.updatedAt);
        yield* db.run(
          `INSERT INTO csrf_token (client, id, token, created_at, updated_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (client) DO UPDATE SET token = excluded.token, updated_at = excluded.updated_at, expires_at = excluded.expires_at`,
          token.client,
          uuidBytes(token.id),
          token.token,
          token.createdAt,
          token.updatedAt,
          token.expiresAt,
        );
        return (yield* findCsrfToken(db, token.client)) as CsrfToken;
      }),
  };
}

const WRITE_CONFIGURATION =
  'INSERT INTO configuration (key, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at';

function* findCsrfToken(db: Statements, client: string): Work<CsrfToken | null> {
  const row = yield* db.get<CsrfTokenRow>('SELECT * FROM csrf_token WHERE client = ?', client);
  return row === undefined
    ? null
    : {
        id: readId(row.id),
        client: row.client,
        token: row.token,
        createdAt: row.created_at as Instant,
        updatedAt: row.updated_at as Instant,
        expiresAt: row.expires_at as Instant,
      };
}
