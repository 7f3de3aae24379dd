/** Lists of variables. */

import type { Page } from '../../core/filter.ts';
import { pageRows } from '../page.ts';
import type { CompiledList, QueryContext } from './context.ts';

/** By name. */
export function variables(context: QueryContext, page: Page<string>): CompiledList {
  let query = context.db.selectFrom('variable').selectAll();
  if (page.after !== undefined) query = query.where('variable.name', '>', page.after);
  return query.orderBy('variable.name').limit(pageRows(page.limit)).compile();
}
