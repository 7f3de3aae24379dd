/** Lists of artifacts. */

import type { ArtifactFilter, Page } from '../../core/filter.ts';
import type { ArtifactId } from '../../core/ids.ts';
import { pageRows } from '../page.ts';
import { whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Statement } from './sql.ts';

const IS_NEWEST = 'artifact.key is not null and not exists (select 1 from artifact as newer where newer.key = artifact.key and newer.id > artifact.id)';

/** Newest first. With `latest`, an artifact counts when no newer one has its key, whatever else the filter says. */
export function artifacts(context: QueryContext, filter: ArtifactFilter, page: Page<ArtifactId>): Statement {
  const where = whereAll([
    filter.key !== undefined && sql`artifact.key = ${filter.key}`,
    filter.type !== undefined && sql`artifact.type = ${filter.type}`,
    filter.flowRunId !== undefined && sql`artifact.flow_run_id = ${context.id(filter.flowRunId)}`,
    filter.taskRunId !== undefined && sql`artifact.task_run_id = ${context.id(filter.taskRunId)}`,
    filter.latest === true && sql.raw(IS_NEWEST),
    page.after !== undefined && sql`artifact.id < ${context.id(page.after)}`,
  ]);
  return statementOf(sql`select artifact.* from artifact ${where} order by artifact.id desc limit ${pageRows(page.limit)}`);
}
