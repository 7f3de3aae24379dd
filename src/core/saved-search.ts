import type { Instant } from './time.ts';

/** What pages and clients keep to ask again: a name and their own description of filters. */
export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  /** JSON, as it was sent. */
  readonly filters: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
