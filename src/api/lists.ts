/** Shared by all lists of the API: pages by offset, and pages by number. */

import { LIMIT_DEFAULT } from '../contract/route.ts';
import type { Condition, Query, Sort } from '../core/query.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';

export type Noun = Parameters<ControlUseCases['find']>[0];

export interface PageIn {
  readonly limit?: number | null | undefined;
  readonly offset?: number | null | undefined;
}

/** @param page `null` and absent are the defaults: 200 rows from the first */
export function queryOf(where: Condition, sort: readonly Sort[], { limit, offset }: PageIn): Query {
  return { where, sort, limit: limit ?? LIMIT_DEFAULT, offset: offset ?? 0 };
}

export interface NumberedIn {
  readonly limit?: number | null | undefined;
  readonly page?: number | null | undefined;
}

export interface Paginated {
  readonly results: readonly unknown[];
  readonly count: number;
  readonly limit: number;
  readonly pages: number;
  readonly page: number;
}

/** @param list lists the rows of a page, encoded */
export async function paginate(
  useCases: Pick<ControlUseCases, 'count'>,
  noun: Noun,
  where: Condition,
  numbered: NumberedIn,
  list: (page: PageIn) => Promise<readonly unknown[]>,
): Promise<Paginated> {
  const limit = numbered.limit ?? LIMIT_DEFAULT;
  const page = numbered.page ?? 1;
  const count = await useCases.count(noun, where);
  // A page after the last is not queried: its offset may be larger than a database can count.
  const offset = (page - 1) * limit;
  const results = offset >= count ? [] : await list({ limit, offset });
  return { results, count, limit, pages: limit === 0 ? 0 : Math.ceil(count / limit), page };
}
