/** Lists of flows. */

import type { Page } from '../../core/filter.ts';
import { pageRows } from '../page.ts';
import { whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Statement } from './sql.ts';

/** By name; each with how many runs it has and the id of the newest. */
export function flows(_context: QueryContext, page: Page<string>): Statement {
  return statementOf(sql`select flow.*, (select count(*) from flow_run where flow_run.flow_id = flow.id) as run_count,
    (select flow_run.id from flow_run where flow_run.flow_id = flow.id order by flow_run.id desc limit 1) as last_run_id
    from flow ${whereAll([page.after !== undefined && sql`flow.name > ${page.after}`])} order by flow.name limit ${pageRows(page.limit)}`);
}
