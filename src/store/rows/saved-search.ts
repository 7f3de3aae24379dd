import type { Instant } from '../../core/time.ts';
import { readId, type IdValue } from '../id-value.ts';
import type { SavedSearch } from '../port/query.ts';

export interface SavedSearchRow {
  readonly id: IdValue;
  readonly name: string;
  /** JSON. */
  readonly filters: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export function readSavedSearchRow(row: SavedSearchRow): SavedSearch {
  return { id: readId(row.id), name: row.name, filters: row.filters, createdAt: row.created_at as Instant, updatedAt: row.updated_at as Instant };
}
