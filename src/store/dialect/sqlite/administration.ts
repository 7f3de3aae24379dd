import type { Instant } from '../../../core/time.ts';
import { readId, uuidBytes, type IdValue } from '../../id-value.ts';
import type { AdministrationStorage, CsrfToken } from '../../port/administration.ts';
import type { Connection } from './connection.ts';

interface CsrfTokenRow {
  readonly id: IdValue;
  readonly client: string;
  readonly token: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number;
}

export function administrationOn(connection: Connection): AdministrationStorage {
  return {
    readConfiguration: (key) => connection.read(() => {
      const row = connection.statement('SELECT value FROM configuration WHERE key = ?').get(key);
      return row ? String(row['value']) : null;
    }),
    writeConfiguration: (key, value, now) => connection.write(() => {
      if (value === null) connection.statement('DELETE FROM configuration WHERE key = ?').run(key);
      else connection.statement('INSERT OR REPLACE INTO configuration (key, value, updated_at) VALUES (?, ?, ?)').run(key, value, now);
    }),
    readCsrfToken: (client) => connection.read(() => findCsrfToken(connection, client)),
    writeCsrfToken: (token) => connection.write(() => {
      connection.statement('DELETE FROM csrf_token WHERE expires_at < ?').run(token.updatedAt);
      connection
        .statement(
          `INSERT INTO csrf_token (client, id, token, created_at, updated_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (client) DO UPDATE SET token = excluded.token, updated_at = excluded.updated_at, expires_at = excluded.expires_at`,
        )
        .run(token.client, uuidBytes(token.id), token.token, token.createdAt, token.updatedAt, token.expiresAt);
      return findCsrfToken(connection, token.client) as CsrfToken;
    }),
  };
}

function findCsrfToken(connection: Connection, client: string): CsrfToken | null {
  const row = connection.statement('SELECT * FROM csrf_token WHERE client = ?').get(client) as unknown as CsrfTokenRow | undefined;
  return row === undefined ? null : {
    id: readId(row.id), client: row.client, token: row.token, createdAt: row.created_at as Instant, updatedAt: row.updated_at as Instant,
    expiresAt: row.expires_at as Instant,
  };
}
