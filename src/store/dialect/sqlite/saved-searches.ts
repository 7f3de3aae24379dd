/** Saved searches: written and deleted; lists come from `lists.ts`. */

import { lookupBytes, uuidBytes } from '../../id-value.ts';
import type { SavedSearch } from '../../port/query.ts';
import { readSavedSearchRow, type SavedSearchRow } from '../../rows/saved-search.ts';
import type { Connection } from './connection.ts';

export function writeSavedSearch(connection: Connection, search: SavedSearch): SavedSearch {
  return connection.write(() => {
    const row = connection
      .statement(
        'INSERT INTO saved_search (id, name, filters, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ' +
        'ON CONFLICT (name) DO UPDATE SET filters = excluded.filters, updated_at = excluded.updated_at RETURNING *',
      )
      .get(uuidBytes(search.id), search.name, search.filters, search.createdAt, search.updatedAt);
    return readSavedSearchRow(row as unknown as SavedSearchRow);
  });
}

export function deleteSavedSearch(connection: Connection, id: string): boolean {
  const bytes = lookupBytes(id);
  return bytes !== null && connection.write(() => connection.statement('DELETE FROM saved_search WHERE id = ?').run(bytes).changes > 0);
}
