/** Lists of flow runs. */

import type { ExpressionBuilder, Expression, SqlBool } from 'kysely';
import type { FlowRunFilter, Page } from '../../core/filter.ts';
import type { FlowRunId } from '../../core/ids.ts';
import { idRange } from '../id-value.ts';
import { pageRows } from '../page.ts';
import { FLOW_RUN_SELECTION } from '../rows/flow-run.ts';
import type { CompiledList, QueryContext } from './context.ts';
import type { StoreTables } from './tables.ts';

type Builder = ExpressionBuilder<StoreTables, 'flow_run' | 'flow'>;

/** Newest first. */
export function flowRuns(context: QueryContext, filter: FlowRunFilter, page: Page<FlowRunId>): CompiledList {
  return context.db
    .selectFrom('flow_run')
    .innerJoin('flow', 'flow.id', 'flow_run.flow_id')
    .innerJoin('flow_run_state', (join) =>
      join.onRef('flow_run_state.run_id', '=', 'flow_run.id').onRef('flow_run_state.id', '=', 'flow_run.state_id'))
    .select(FLOW_RUN_SELECTION)
    .where((where) => where.and(conditions(context, where, filter)))
    .$if(page.after !== undefined, (query) => query.where('flow_run.id', '<', context.id(page.after as string)))
    .orderBy('flow_run.id', 'desc')
    .limit(pageRows(page.limit))
    .compile();
}

export function flowRunCount(context: QueryContext, filter: FlowRunFilter): CompiledList {
  return context.db
    .selectFrom('flow_run')
    .innerJoin('flow', 'flow.id', 'flow_run.flow_id')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where((where) => where.and(conditions(context, where, filter)))
    .compile();
}

function conditions(context: QueryContext, where: Builder, filter: FlowRunFilter): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  if (filter.ids) found.push(where('flow_run.id', 'in', filter.ids.map((id) => context.id(id))));
  if (filter.idPrefix !== undefined) {
    const range = idRange(filter.idPrefix);
    found.push(range ? where.between('flow_run.id', context.id(range.from), context.id(range.to)) : where.lit(false));
  }
  if (filter.name !== undefined) found.push(where('flow_run.name', '=', filter.name));
  if (filter.flowName !== undefined) found.push(where('flow.name', '=', filter.flowName));
  if (filter.stateTypes) found.push(where('flow_run.state_type', 'in', filter.stateTypes));
  if (filter.stateNames) found.push(where('flow_run.state_name', 'in', filter.stateNames));
  for (const tag of filter.tags ?? []) found.push(context.jsonArrayHas(where.ref('flow_run.tags'), tag));
  if (filter.parentTaskRunId) found.push(where('flow_run.parent_task_run_id', '=', context.id(filter.parentTaskRunId)));
  if (filter.rootOnly) found.push(where('flow_run.parent_flow_run_id', 'is', null));
  if (filter.processId) found.push(where('flow_run.lease_process_id', '=', context.id(filter.processId)));
  return found;
}
