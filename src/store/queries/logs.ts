/** Lists of log records. */

import type { LogFilter } from '../../core/filter.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import { whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Statement } from './sql.ts';

/** In the order in which they were committed. */
export function logs(context: QueryContext, filter: LogFilter, page: { readonly afterSeq?: number; readonly limit?: number }): Statement {
  const { flowRunId, taskRunId, levelMin, text } = filter;
  const where = whereAll([
    flowRunId !== undefined && sql`log.flow_run_id = ${context.id(flowRunId)}`,
    taskRunId !== undefined && sql`log.task_run_id = ${context.id(taskRunId)}`,
    levelMin !== undefined && sql`log.level >= ${levelMin}`,
    text ? context.containsText('log.message', text) : undefined,
    page.afterSeq !== undefined && sql`log.seq > ${page.afterSeq}`,
  ]);
  return statementOf(sql`select log.* from log ${where} order by log.seq limit ${pageRows(page.limit, SCAN_ROWS_MAX)}`);
}
