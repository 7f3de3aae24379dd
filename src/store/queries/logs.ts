/** Lists of log records. */

import type { LogFilter } from '../../core/filter.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import type { CompiledList, QueryContext } from './context.ts';

/** In the order in which they were committed. */
export function logs(context: QueryContext, filter: LogFilter, page: { readonly afterSeq?: number; readonly limit?: number }): CompiledList {
  const { flowRunId, taskRunId, levelMin, text } = filter;
  let query = context.db.selectFrom('log').selectAll();
  if (flowRunId) query = query.where('log.flow_run_id', '=', context.id(flowRunId));
  if (taskRunId) query = query.where('log.task_run_id', '=', context.id(taskRunId));
  if (levelMin !== undefined) query = query.where('log.level', '>=', levelMin);
  if (text) query = query.where((where) => context.containsText(where.ref('log.message'), text));
  if (page.afterSeq !== undefined) query = query.where('log.seq', '>', page.afterSeq);
  return query.orderBy('log.seq').limit(pageRows(page.limit, SCAN_ROWS_MAX)).compile();
}
