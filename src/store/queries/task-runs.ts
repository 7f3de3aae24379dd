/** Lists of task runs. */

import type { Page, TaskRunFilter } from '../../core/filter.ts';
import type { TaskRunId } from '../../core/ids.ts';
import { idRange } from '../id-value.ts';
import { pageRows } from '../page.ts';
import { TASK_RUN_SELECTION } from '../rows/task-run.ts';
import { isBetweenIds, isIn, whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Sql, type Statement } from './sql.ts';

export type TaskRunPage = Page<TaskRunId> & { readonly order?: 'newest' | 'oldest' };

const SELECTION = sql.raw(TASK_RUN_SELECTION.join(', '));

export function taskRuns(context: QueryContext, filter: TaskRunFilter, page: TaskRunPage): Statement {
  const isOldestFirst = page.order === 'oldest';
  const after = page.after !== undefined && sql`task_run.id ${sql.raw(isOldestFirst ? '>' : '<')} ${context.id(page.after)}`;
  return statementOf(sql`select ${SELECTION} from task_run join task_shape on task_shape.id = task_run.shape_id
    join task_run_state on task_run_state.run_id = task_run.id and task_run_state.id = task_run.state_id
    ${whereAll([...conditions(context, filter), after])} order by task_run.id ${sql.raw(isOldestFirst ? 'asc' : 'desc')} limit ${pageRows(page.limit)}`);
}

/** One row a state type. */
export function taskRunCounts(context: QueryContext, filter: TaskRunFilter): Statement {
  return statementOf(sql`select task_run.state_type, count(*) as count from task_run ${whereAll(conditions(context, filter))} group by task_run.state_type`);
}

function conditions(context: QueryContext, filter: TaskRunFilter): (Sql | false | undefined)[] {
  return [
    filter.ids && isIn('task_run.id', filter.ids.map((id) => context.id(id))),
    filter.idPrefix !== undefined && isBetweenIds(context, 'task_run.id', idRange(filter.idPrefix)),
    filter.name !== undefined && sql`task_run.name = ${filter.name}`,
    filter.flowRunId !== undefined && sql`task_run.flow_run_id = ${context.id(filter.flowRunId)}`,
    filter.stateTypes && isIn('task_run.state_type', filter.stateTypes),
    filter.stateNames && isIn('task_run.state_name', filter.stateNames),
    filter.taskKey !== undefined && sql`task_run.shape_id in (select task_shape.id from task_shape where task_shape.task_key = ${filter.taskKey})`,
  ];
}
