import type * as wire from '../routes/saved-searches.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import { rawJson } from '../wire-json.ts';

export interface SavedSearchFields {
  readonly id: string;
  readonly name: string;
  readonly filters: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export function encodeSavedSearch({ id, name, filters, createdAt, updatedAt }: SavedSearchFields): wire.SavedSearch {
  return { id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), name, filters: rawJson(filters) };
}
