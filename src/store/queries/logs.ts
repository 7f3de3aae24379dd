/** Lists of log records. */

import type { LogFilter } from '../../core/filter.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import { whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Statement } from './sql.ts';

/** In the order in which they were committed; of `last`, from the newest on. */
export function logs(context: QueryContext, filter: LogFilter, page: { readonly afterSeq?: number; readonly limit?: number; readonly last?: number }): Statement {
  const { flowRunId, taskRunId, levelMin, text } = filter;
  const where = whereAll([
    flowRunId !== undefined && sql`log.flow_run_id = ${context.id(flowRunId)}`,
    taskRunId !== undefined && sql`log.task_run_id = ${context.id(taskRunId)}`,
    levelMin !== undefined && sql`log.level >= ${levelMin}`,
    text ? context.containsText('log.message', text) : undefined,
    page.afterSeq !== undefined && sql`log.seq > ${page.afterSeq}`,
  ]);
  if (page.last !== undefined) return statementOf(sql`select log.* from log ${where} order by log.seq desc limit ${pageRows(page.last, SCAN_ROWS_MAX)}`);
  return statementOf(sql`select log.* from log ${where} order by log.seq limit ${pageRows(page.limit, SCAN_ROWS_MAX)}`);
}
