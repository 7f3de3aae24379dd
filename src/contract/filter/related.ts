/**
 * Filters side by side: every list takes filters of related nouns, all of which must hold. A filter that is given, even
 * an empty one, asks for a related row: `"deployments": {}` means runs of some deployment.
 */

import { allOf, EVERYTHING, type Condition, type Noun } from '../../core/query.ts';
import { Maybe } from '../route.ts';
import type { FilterBody } from './filter.ts';
import { deploymentFilter, workPoolFilter, workQueueFilter } from './infrastructure.ts';
import { flowFilter, flowRunFilter, taskRunFilter } from './runs.ts';

type Given = FilterBody | null | undefined;

export interface RelatedFilters {
  readonly flows?: Given;
  readonly flow_runs?: Given;
  readonly task_runs?: Given;
  readonly deployments?: Given;
  readonly work_pools?: Given;
  readonly work_pool_queues?: Given;
}

/** For the bodies of lists: spread into `Parts`. */
export const flowFilters = {
  flows: Maybe(flowFilter.schema),
  flow_runs: Maybe(flowRunFilter.schema),
  task_runs: Maybe(taskRunFilter.schema),
  deployments: Maybe(deploymentFilter.schema),
  work_pools: Maybe(workPoolFilter.schema),
};
export const taskRunFilters = {
  flows: flowFilters.flows,
  flow_runs: flowFilters.flow_runs,
  task_runs: flowFilters.task_runs,
  deployments: flowFilters.deployments,
};
export const flowRunFilters = { ...flowFilters, work_pool_queues: Maybe(workQueueFilter.schema) };
export const deploymentFilters = flowRunFilters;

function exists(noun: Noun, conditions: readonly Condition[]): Condition[] {
  return conditions.length === 0 ? [] : [{ op: 'exists', noun, where: allOf(conditions) }];
}

function own(given: Given, { condition }: { condition: (body: FilterBody) => Condition }): Condition[] {
  return given === null || given === undefined ? [] : [condition(given)];
}

function related(given: Given, noun: Noun, filter: { condition: (body: FilterBody) => Condition }): Condition[] {
  return exists(noun, own(given, filter));
}

/** What is said of a deployment itself and of where it runs. */
function deploymentConditions({ deployments, work_pools, work_pool_queues }: RelatedFilters): Condition[] {
  const queue = [...own(work_pool_queues, workQueueFilter), ...related(work_pools, 'work_pool', workPoolFilter)];
  return [...own(deployments, deploymentFilter), ...exists('work_queue', queue)];
}

/** Of flows: one and the same flow run, deployment and so on must meet all that is said of them. */
export function flowsCondition(filters: RelatedFilters): Condition {
  const runs = [...own(filters.flow_runs, flowRunFilter), ...related(filters.task_runs, 'task_run', taskRunFilter)];
  return allOf([
    ...own(filters.flows, flowFilter),
    ...exists('deployment', deploymentConditions(filters)),
    ...exists('flow_run', runs),
  ]);
}

export function flowRunsCondition(filters: RelatedFilters): Condition {
  return allOf([
    ...own(filters.flow_runs, flowRunFilter),
    ...related(filters.deployments, 'deployment', deploymentFilter),
    ...exists('work_queue', related(filters.work_pools, 'work_pool', workPoolFilter)),
    ...related(filters.work_pool_queues, 'work_queue', workQueueFilter),
    ...related(filters.flows, 'flow', flowFilter),
    ...related(filters.task_runs, 'task_run', taskRunFilter),
  ]);
}

/** What is said of anything but the task run is said of its flow run. */
export function taskRunsCondition({ task_runs, ...others }: RelatedFilters): Condition {
  return allOf([...own(task_runs, taskRunFilter), ...ofFlowRun(others)]);
}

/** Of artifacts, given the condition about themselves. */
export function artifactsCondition(
  { task_runs, ...others }: RelatedFilters,
  artifacts: Condition = EVERYTHING,
): Condition {
  return allOf([artifacts, ...ofFlowRun(others), ...related(task_runs, 'task_run', taskRunFilter)]);
}

/** For nouns that have a flow run's id in their row: asking for nothing but the id needs no look at the flow run. */
function ofFlowRun(filters: RelatedFilters): Condition[] {
  // The body of a list has its page and its order, too.
  const { flows, flow_runs, deployments, work_pools, work_pool_queues } = filters;
  const given = [flows, flow_runs, deployments, work_pools, work_pool_queues].filter(
    (filter) => filter !== null && filter !== undefined,
  );
  if (given.length === 0) return [];
  const where = flowRunsCondition(filters);
  if (given.length === 1 && filters.flow_runs && where.op === 'in' && where.field === 'id')
    return [{ ...where, field: 'flowRunId' }];
  return [{ op: 'exists', noun: 'flow_run', where }];
}

export function deploymentsCondition({ flows, flow_runs, task_runs, ...others }: RelatedFilters): Condition {
  const runs = [...own(flow_runs, flowRunFilter), ...related(task_runs, 'task_run', taskRunFilter)];
  return allOf([...deploymentConditions(others), ...related(flows, 'flow', flowFilter), ...exists('flow_run', runs)]);
}
