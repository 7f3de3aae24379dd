/** Lists of flow runs. */

import type { FlowRunFilter, Page } from '../../core/filter.ts';
import type { FlowRunId } from '../../core/ids.ts';
import { idRange } from '../id-value.ts';
import { pageRows } from '../page.ts';
import { FLOW_RUN_SELECTION } from '../rows/flow-run.ts';
import { isBetweenIds, isIn, whereAll, type QueryContext } from './context.ts';
import { sql, statementOf, type Sql, type Statement } from './sql.ts';

const SELECTION = sql.raw(FLOW_RUN_SELECTION.join(', '));

/** Newest first. */
export function flowRuns(context: QueryContext, filter: FlowRunFilter, page: Page<FlowRunId>): Statement {
  const where = whereAll([...conditions(context, filter), page.after !== undefined && sql`flow_run.id < ${context.id(page.after)}`]);
  return statementOf(sql`select ${SELECTION} from flow_run join flow on flow.id = flow_run.flow_id
    join flow_run_state on flow_run_state.run_id = flow_run.id and flow_run_state.id = flow_run.state_id
    ${where} order by flow_run.id desc limit ${pageRows(page.limit)}`);
}

export function flowRunCount(context: QueryContext, filter: FlowRunFilter): Statement {
  return statementOf(sql`select count(*) as count from flow_run join flow on flow.id = flow_run.flow_id ${whereAll(conditions(context, filter))}`);
}

function conditions(context: QueryContext, filter: FlowRunFilter): (Sql | false | undefined)[] {
  return [
    filter.ids && isIn('flow_run.id', filter.ids.map((id) => context.id(id))),
    filter.idPrefix !== undefined && isBetweenIds(context, 'flow_run.id', idRange(filter.idPrefix)),
    filter.name !== undefined && sql`flow_run.name = ${filter.name}`,
    filter.flowName !== undefined && sql`flow.name = ${filter.flowName}`,
    filter.stateTypes && isIn('flow_run.state_type', filter.stateTypes),
    filter.stateNames && isIn('flow_run.state_name', filter.stateNames),
    ...(filter.tags ?? []).map((tag) => context.jsonArrayHas('flow_run.tags', tag)),
    filter.parentTaskRunId !== undefined && sql`flow_run.parent_task_run_id = ${context.id(filter.parentTaskRunId)}`,
    filter.rootOnly === true && sql.raw('flow_run.parent_flow_run_id is null'),
    filter.processId !== undefined && sql`flow_run.lease_process_id = ${context.id(filter.processId)}`,
  ];
}
