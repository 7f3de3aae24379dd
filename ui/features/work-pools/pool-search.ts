/** What the addresses of the pages of work pools say. Pure. */
import { oneIn, said, wholeIn, type RawSearch } from '../../components/search-values.ts';

export interface PoolListSearch {
  readonly page?: number;
}

/** Further on nobody pages; a list that has fewer shows its last page. */
const PAGE_MAX = 1_000_000;

export function parsePoolListSearch(raw: RawSearch): PoolListSearch {
  return said({ page: wholeIn(raw['page'], 2, PAGE_MAX) });
}

export type PoolView = 'runs' | 'queues' | 'workers';

export interface PoolSearch {
  readonly view?: Exclude<PoolView, 'runs'>;
}

export function parsePoolSearch(raw: RawSearch): PoolSearch {
  return said({ view: oneIn(raw['view'], ['queues', 'workers']) });
}
