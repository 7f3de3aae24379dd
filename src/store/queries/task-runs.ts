/** Lists of task runs. */

import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Page, TaskRunFilter } from '../../core/filter.ts';
import type { TaskRunId } from '../../core/ids.ts';
import { idRange } from '../id-value.ts';
import { pageRows } from '../page.ts';
import { TASK_RUN_SELECTION } from '../rows/task-run.ts';
import type { CompiledList, QueryContext } from './context.ts';
import type { StoreTables } from './tables.ts';

export type TaskRunPage = Page<TaskRunId> & { readonly order?: 'newest' | 'oldest' };

export function taskRuns(context: QueryContext, filter: TaskRunFilter, page: TaskRunPage): CompiledList {
  const isOldestFirst = page.order === 'oldest';
  return context.db
    .selectFrom('task_run')
    .innerJoin('task_shape', 'task_shape.id', 'task_run.shape_id')
    .innerJoin('task_run_state', (join) =>
      join.onRef('task_run_state.run_id', '=', 'task_run.id').onRef('task_run_state.id', '=', 'task_run.state_id'))
    .select(TASK_RUN_SELECTION)
    .where((where) => where.and(conditions(context, where, filter)))
    .$if(page.after !== undefined, (query) => query.where('task_run.id', isOldestFirst ? '>' : '<', context.id(page.after as string)))
    .orderBy('task_run.id', isOldestFirst ? 'asc' : 'desc')
    .limit(pageRows(page.limit))
    .compile();
}

/** One row a state type. */
export function taskRunCounts(context: QueryContext, filter: TaskRunFilter): CompiledList {
  return context.db
    .selectFrom('task_run')
    .select((select) => ['task_run.state_type', select.fn.countAll<number>().as('count')])
    .where((where) => where.and(conditions(context, where, filter)))
    .groupBy('task_run.state_type')
    .compile();
}

function conditions(context: QueryContext, where: ExpressionBuilder<StoreTables, 'task_run'>, filter: TaskRunFilter): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  if (filter.ids) found.push(where('task_run.id', 'in', filter.ids.map((id) => context.id(id))));
  if (filter.idPrefix !== undefined) {
    const range = idRange(filter.idPrefix);
    found.push(range ? where.between('task_run.id', context.id(range.from), context.id(range.to)) : where.lit(false));
  }
  if (filter.name !== undefined) found.push(where('task_run.name', '=', filter.name));
  if (filter.flowRunId) found.push(where('task_run.flow_run_id', '=', context.id(filter.flowRunId)));
  if (filter.stateTypes) found.push(where('task_run.state_type', 'in', filter.stateTypes));
  if (filter.stateNames) found.push(where('task_run.state_name', 'in', filter.stateNames));
  if (filter.taskKey !== undefined) {
    const shapes = where.selectFrom('task_shape').select('task_shape.id').where('task_shape.task_key', '=', filter.taskKey);
    found.push(where('task_run.shape_id', 'in', shapes));
  }
  return found;
}
