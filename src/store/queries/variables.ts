/** Lists of variables. */

import type { Page } from '../../core/filter.ts';
import { pageRows } from '../page.ts';
import { whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Statement } from './sql.ts';

/** By name. */
export function variables(_context: QueryContext, page: Page<string>): Statement {
  return statementOf(sql`select variable.* from variable ${whereAll([page.after !== undefined && sql`variable.name > ${page.after}`])}
    order by variable.name limit ${pageRows(page.limit)}`);
}
