/** Saved searches in the store: their rows, what lists can ask them by, and how they change. */

import type { SavedSearch } from '../../core/saved-search.ts';
import type { Instant } from '../../core/time.ts';
import type { Database } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { SavedSearchStorage } from '../port.ts';
import { id, number, text } from './field.ts';
import type { StoredNoun } from './noun.ts';

export interface SavedSearchRow {
  readonly id: IdValue;
  readonly name: string;
  /** JSON. */
  readonly filters: string;
  readonly created_at: number;
  readonly updated_at: number;
}

function readSavedSearchRow(row: SavedSearchRow): SavedSearch {
  return {
    id: readId(row.id),
    name: row.name,
    filters: row.filters,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

export const savedSearch = {
  table: {
    table: 'saved_search',
    fields: {
      id: id('saved_search.id'),
      name: text('saved_search.name'),
      createdAt: number('saved_search.created_at'),
      updatedAt: number('saved_search.updated_at'),
    },
  },
  read: readSavedSearchRow,
  writes: ['writeSavedSearch', 'deleteSavedSearch'],
  on: savedSearchesOn,
} as const satisfies StoredNoun;

function savedSearchesOn(database: Database): SavedSearchStorage {
  return {
    writeSavedSearch: (search) =>
      database.write(function* (db) {
        const row = yield* db.get<SavedSearchRow>(
          'INSERT INTO saved_search (id, name, filters, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ' +
            'ON CONFLICT (name) DO UPDATE SET filters = excluded.filters, updated_at = excluded.updated_at RETURNING *',
          uuidBytes(search.id),
          search.name,
          search.filters,
          search.createdAt,
          search.updatedAt,
        );
        return readSavedSearchRow(row as SavedSearchRow);
      }),
    deleteSavedSearch(searchId) {
      const bytes = lookupBytes(searchId);
      if (bytes === null) return false;
      return database.write(function* (db) {
        return (yield* db.run('DELETE FROM saved_search WHERE id = ?', bytes)) > 0;
      });
    },
  };
}
