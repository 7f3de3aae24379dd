/** The routes of deployments, and what runs of them are asked for with. */

import { FlowRunPolicyIn, LabelsIn, PriorityIn } from './body/flow-run.ts';
import { bulk, DeletedIds, numbered, page, Paginated } from './body/list.ts';
import { StateCreate } from './body/state.ts';
import { deploymentFilter } from './filter/infrastructure.ts';
import { deploymentFilters } from './filter/related.ts';
import { deploymentSorts } from './filter/sort.ts';
import { Action, Limit, Maybe, Parts, TimeIn, UuidIn, type RouteContract } from './route.ts';
import { FlowRun } from './schema/flow-run.ts';
import { JsonObject, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type } from './type.ts';
import { Deployment, DeploymentCreate, DeploymentUpdate } from './deployment.ts';
import { BareQueue } from './work-queue.ts';

export const DeploymentFlowRunCreate = Action({
  name: Maybe(Type.String()),
  state: Maybe(StateCreate),
  parameters: Type.Optional(JsonObject),
  enforce_parameter_schema: Maybe(Type.Boolean()),
  context: Type.Optional(JsonObject),
  infrastructure_document_id: Maybe(UuidIn),
  empirical_policy: Type.Optional(FlowRunPolicyIn),
  tags: Type.Optional(Type.Array(Type.String())),
  idempotency_key: Maybe(Type.String()),
  labels: Maybe(LabelsIn),
  parent_task_run_id: Maybe(UuidIn),
  work_queue_name: Maybe(Type.String()),
  job_variables: Maybe(JsonObject),
  /** Of Ostinato alone: the number of the version of the deployment that it runs, whatever is applied later. */
  pinned_version: Maybe(Whole({ minimum: 1 })),
  priority: PriorityIn,
});

const tag = 'Deployments';

export const CREATE_DEPLOYMENT = {
  method: 'POST',
  path: '/deployments/',
  name: 'create_deployment',
  tag,
  summary: 'Make a deployment; changes the one that has the name if there is one',
  body: DeploymentCreate,
  answers: { 201: Deployment, 200: Deployment },
} as const satisfies RouteContract;

export const READ_DEPLOYMENT = {
  method: 'GET',
  path: '/deployments/{id}',
  name: 'read_deployment',
  tag,
  summary: 'Read a deployment',
  answers: { 200: Deployment },
} as const satisfies RouteContract;

export const READ_DEPLOYMENT_BY_NAME = {
  method: 'GET',
  path: '/deployments/name/{flow_name}/{deployment_name}',
  name: 'read_deployment_by_name',
  tag,
  summary: 'Read a deployment by the names of its flow and of itself',
  params: { flow_name: Type.String(), deployment_name: Type.String() },
  answers: { 200: Deployment },
} as const satisfies RouteContract;

export const UPDATE_DEPLOYMENT = {
  method: 'PATCH',
  path: '/deployments/{id}',
  name: 'update_deployment',
  tag,
  summary: 'Change a deployment',
  body: DeploymentUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_DEPLOYMENT = {
  method: 'DELETE',
  path: '/deployments/{id}',
  name: 'delete_deployment',
  tag,
  summary: 'Delete a deployment with its schedules and the runs that were not begun',
  answers: { 204: null },
} as const satisfies RouteContract;

export const FILTER_DEPLOYMENTS = {
  method: 'POST',
  path: '/deployments/filter',
  name: 'read_deployments',
  tag,
  summary: 'List deployments',
  body: Parts({ ...deploymentFilters, sort: deploymentSorts.schema, ...page }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Deployment) },
} as const satisfies RouteContract;

export const COUNT_DEPLOYMENTS = {
  method: 'POST',
  path: '/deployments/count',
  name: 'count_deployments',
  tag,
  summary: 'Count deployments',
  body: Parts(deploymentFilters),
  isBodyOptional: true,
  answers: { 200: Whole() },
} as const satisfies RouteContract;

export const PAGINATE_DEPLOYMENTS = {
  method: 'POST',
  path: '/deployments/paginate',
  name: 'paginate_deployments',
  tag,
  summary: 'List deployments page by page',
  body: Parts({ ...deploymentFilters, sort: deploymentSorts.schema, ...numbered }),
  isBodyOptional: true,
  answers: { 200: Paginated(Deployment) },
} as const satisfies RouteContract;

export const DELETE_DEPLOYMENTS = {
  method: 'POST',
  path: '/deployments/bulk_delete',
  name: 'bulk_delete_deployments',
  tag,
  summary: 'Delete deployments that a filter finds, at most 50',
  body: Parts({ deployments: Maybe(deploymentFilter.schema), ...bulk }),
  isBodyOptional: true,
  answers: { 200: DeletedIds },
} as const satisfies RouteContract;

export const PAUSE_DEPLOYMENT = {
  method: 'POST',
  path: '/deployments/{id}/pause_deployment',
  name: 'pause_deployment',
  tag,
  summary: 'Let the schedules of a deployment make no runs, and take back those that they made',
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;

export const RESUME_DEPLOYMENT = {
  method: 'POST',
  path: '/deployments/{id}/resume_deployment',
  name: 'resume_deployment',
  tag,
  summary: 'Let the schedules of a deployment make runs again',
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;

/** As clients of Prefect 2 ask. */
export const PAUSE_DEPLOYMENT_OF_OLD = {
  ...PAUSE_DEPLOYMENT,
  path: '/deployments/{id}/set_schedule_inactive',
  name: 'set_schedule_inactive',
} as const satisfies RouteContract;

/** As clients of Prefect 2 ask. */
export const RESUME_DEPLOYMENT_OF_OLD = {
  ...RESUME_DEPLOYMENT,
  path: '/deployments/{id}/set_schedule_active',
  name: 'set_schedule_active',
} as const satisfies RouteContract;

export const RUN_DEPLOYMENT = {
  method: 'POST',
  path: '/deployments/{id}/create_flow_run',
  name: 'create_flow_run_from_deployment',
  tag,
  summary: 'Make a flow run of a deployment',
  body: DeploymentFlowRunCreate,
  answers: { 201: FlowRun, 200: FlowRun },
} as const satisfies RouteContract;

export const RUN_DEPLOYMENT_OFTEN = {
  method: 'POST',
  path: '/deployments/{id}/create_flow_run/bulk',
  name: 'bulk_create_flow_runs_from_deployment',
  tag,
  summary: 'Make flow runs of a deployment, at most 100',
  body: Type.Array(DeploymentFlowRunCreate),
  answers: {
    200: Type.Object({
      results: Type.Array(
        Type.Object({
          flow_run_id: Nullable(Uuid),
          status: Type.Union([Type.Literal('CREATED'), Type.Literal('FAILED')]),
          error: Nullable(Type.String()),
        }),
      ),
    }),
  },
} as const satisfies RouteContract;

export const POLL_DEPLOYMENTS = {
  method: 'POST',
  path: '/deployments/get_scheduled_flow_runs',
  name: 'get_scheduled_flow_runs_for_deployments',
  tag,
  summary: 'Flow runs of deployments that wait for their time; for those who start them',
  body: Parts({
    deployment_ids: Type.Array(UuidIn, { maxItems: 1000 }),
    scheduled_before: Maybe(TimeIn),
    limit: Limit,
  }),
  answers: { 200: Type.Array(FlowRun) },
} as const satisfies RouteContract;

/** Queues of old say by themselves which deployments they serve; the others take whatever names them. */
export const CHECK_WORK_QUEUES = {
  method: 'GET',
  path: '/deployments/{id}/work_queue_check',
  name: 'work_queue_check_for_deployment',
  tag,
  summary: 'Work queues that would take runs of a deployment',
  answers: { 200: Type.Array(BareQueue) },
} as const satisfies RouteContract;
