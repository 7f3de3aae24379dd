/** Lists of artifacts. */

import type { ArtifactFilter, Page } from '../../core/filter.ts';
import type { ArtifactId } from '../../core/ids.ts';
import { pageRows } from '../page.ts';
import type { CompiledList, QueryContext } from './context.ts';

/** Newest first. With `latest`, an artifact counts when no newer one has its key, whatever else the filter says. */
export function artifacts(context: QueryContext, filter: ArtifactFilter, page: Page<ArtifactId>): CompiledList {
  let query = context.db.selectFrom('artifact').selectAll('artifact');
  if (filter.key !== undefined) query = query.where('artifact.key', '=', filter.key);
  if (filter.type !== undefined) query = query.where('artifact.type', '=', filter.type);
  if (filter.flowRunId) query = query.where('artifact.flow_run_id', '=', context.id(filter.flowRunId));
  if (filter.taskRunId) query = query.where('artifact.task_run_id', '=', context.id(filter.taskRunId));
  if (filter.latest) {
    query = query.where('artifact.key', 'is not', null).where((where) =>
      where.not(where.exists(
        where.selectFrom('artifact as newer').select('newer.id')
          .whereRef('newer.key', '=', 'artifact.key').whereRef('newer.id', '>', 'artifact.id'),
      )));
  }
  if (page.after !== undefined) query = query.where('artifact.id', '<', context.id(page.after));
  return query.orderBy('artifact.id', 'desc').limit(pageRows(page.limit)).compile();
}
