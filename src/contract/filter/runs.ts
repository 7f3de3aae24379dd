/** Filters of flows, flow runs and task runs. */

import { Type } from '../type.ts';

import { EVERYTHING, type Condition } from '../../core/query.ts';
import { UuidIn } from '../route.ts';
import { StateType } from '../schema/state.ts';
import { criterion, filter, group, type Criterion } from './filter.ts';
import { anyOf, hasAll, hasAny, isEmptyList, isNull, like, noneOf, notAfter, notBefore, type Leaf } from './leaf.ts';

const OR = { operator: true } as const;

const time = (field: string) => criterion({ before_: notAfter(field), after_: notBefore(field) });
const timeOrNull = (field: string) =>
  criterion({ before_: notAfter(field), after_: notBefore(field), is_null_: isNull(field) });

const hasDeployment: Leaf = {
  schema: Type.Boolean(),
  condition: (isNone: boolean) => {
    const some: Condition = { op: 'exists', noun: 'deployment', where: EVERYTHING };
    return isNone ? { op: 'not', of: some } : some;
  },
};

export const flowFilter = filter('FlowFilter', {
  id: criterion({ any_: anyOf('id', UuidIn), not_any_: noneOf('id', UuidIn) }),
  deployment: criterion({ is_null_: hasDeployment }, OR),
  name: criterion({ any_: anyOf('name'), like_: like('name') }),
  tags: criterion({ all_: hasAll('tags'), is_null_: isEmptyList('tags') }, OR),
});

/**
 * Subflows. Our own engine says which flow run began it; other clients say by which task run, which belongs to the
 * parent.
 */
const startedByOneOf: Leaf = {
  schema: Type.Array(UuidIn),
  condition: (ids: string[]): Condition => {
    const values = ids.map((id) => id.toLowerCase());
    const ofParent: Condition = { op: 'in', field: 'flowRunId', values };
    return {
      op: 'or',
      of: [
        { op: 'in', field: 'parentFlowRunId', values },
        { op: 'exists', noun: 'task_run', by: 'parent', where: ofParent },
      ],
    };
  },
};

export const flowRunFilter = filter('FlowRunFilter', {
  id: criterion({ any_: anyOf('id', UuidIn), not_any_: noneOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name'), like_: like('name') }),
  tags: criterion({ all_: hasAll('tags'), any_: hasAny('tags'), is_null_: isEmptyList('tags') }, OR),
  deployment_id: criterion({ any_: anyOf('deploymentId', UuidIn), is_null_: isNull('deploymentId') }, OR),
  work_queue_name: criterion({ any_: anyOf('workQueueName'), is_null_: isNull('workQueueName') }, OR),
  state: group({
    type: criterion({ any_: anyOf('stateType', StateType), not_any_: noneOf('stateType', StateType) }),
    name: criterion({ any_: anyOf('stateName'), not_any_: noneOf('stateName') }),
  }),
  flow_version: criterion({ any_: anyOf('flowVersion') }),
  // A run that has not started counts by when it is due.
  start_time: criterion({
    before_: notAfter('startOrExpectedTime'),
    after_: notBefore('startOrExpectedTime'),
    is_null_: isNull('startTime'),
  }),
  end_time: timeOrNull('endTime'),
  expected_start_time: time('expectedStartTime'),
  next_scheduled_start_time: time('nextScheduledStartTime'),
  parent_flow_run_id: criterion({ any_: startedByOneOf }, OR),
  parent_task_run_id: criterion({ any_: anyOf('parentTaskRunId', UuidIn), is_null_: isNull('parentTaskRunId') }, OR),
  idempotency_key: criterion({ any_: anyOf('idempotencyKey'), not_any_: noneOf('idempotencyKey') }),
  created_by: criterion(
    { id_: anyOf('creatorId', UuidIn), type_: anyOf('creatorType'), is_null_: isNull('creator') },
    OR,
  ),
});

const isSubflow: Leaf = {
  schema: Type.Boolean(),
  condition: (isOne: boolean) => {
    const some: Condition = { op: 'exists', noun: 'flow_run', by: 'child', where: EVERYTHING };
    return isOne ? some : { op: 'not', of: some };
  },
};

const inFlowRun = criterion({ any_: anyOf('flowRunId', UuidIn), is_null_: isNull('flowRunId') }, OR);

/** Here `is_null_` is `false` unless said, and counts before `any_`: `{}` means the task runs of any flow run. */
const taskRunFlowRunId: Criterion = {
  schema: inFlowRun.schema,
  condition(body) {
    const wantsNull = body['is_null_'] === undefined ? false : body['is_null_'];
    if (wantsNull === true) return { op: 'isNull', field: 'flowRunId', isNull: true };
    const hasIds = body['any_'] !== null && body['any_'] !== undefined;
    if (wantsNull === false && !hasIds) return { op: 'isNull', field: 'flowRunId', isNull: false };
    return inFlowRun.condition({ any_: body['any_'] });
  },
};

export const taskRunFilter = filter('TaskRunFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name'), like_: like('name') }),
  tags: criterion({ all_: hasAll('tags'), is_null_: isEmptyList('tags') }, OR),
  state: group({
    type: criterion({ any_: anyOf('stateType', StateType) }),
    name: criterion({ any_: anyOf('stateName') }),
  }),
  start_time: timeOrNull('startTime'),
  end_time: timeOrNull('endTime'),
  expected_start_time: time('expectedStartTime'),
  subflow_runs: criterion({ exists_: isSubflow }),
  flow_run_id: taskRunFlowRunId,
});
