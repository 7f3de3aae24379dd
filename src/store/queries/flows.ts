/** Lists of flows. */

import type { Page } from '../../core/filter.ts';
import { pageRows } from '../page.ts';
import type { CompiledList, QueryContext } from './context.ts';

/** By name; each with how many runs it has and the id of the newest. */
export function flows(context: QueryContext, page: Page<string>): CompiledList {
  return context.db
    .selectFrom('flow')
    .selectAll('flow')
    .select((select) => [
      select
        .selectFrom('flow_run')
        .whereRef('flow_run.flow_id', '=', 'flow.id')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .as('run_count'),
      select
        .selectFrom('flow_run')
        .whereRef('flow_run.flow_id', '=', 'flow.id')
        .select('flow_run.id')
        .orderBy('flow_run.id', 'desc')
        .limit(1)
        .as('last_run_id'),
    ])
    .$if(page.after !== undefined, (query) => query.where('flow.name', '>', page.after as string))
    .orderBy('flow.name')
    .limit(pageRows(page.limit))
    .compile();
}
