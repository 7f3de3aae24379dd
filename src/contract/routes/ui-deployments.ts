/** What our own pages ask for of deployments, a request a page, and the form by which a run of one is started. */

import { Backfill } from '../backfill.ts';
import { Deployment } from '../deployment.ts';
import { deploymentFilters } from '../filter/related.ts';
import { deploymentSorts } from '../filter/sort.ts';
import { BULKY_BODY } from '../json-bounds.ts';
import { Action, Limit, Maybe, Offset, Parts, TimeIn, type RouteContract } from '../route.ts';
import { Count, DateTime, Json, Nullable, Uuid, Whole } from '../schema/scalars.ts';
import { Type } from '../type.ts';
import { Readiness } from '../work-queue.ts';
import { FlowRunRow, RECENT_RUNS_MAX, RecentRun } from './ui-pages.ts';

const tag = 'Pages';

/** `gap`: clocks jump over the local time. `fold`: they show it twice, and it is the first of both. */
const Mark = Type.Union([Type.Literal('gap'), Type.Literal('fold')]);
const NextDate = Type.Object({
  at: DateTime,
  /** The local time that the schedule names, `2026-03-29T02:30:00`. */
  nominal: Type.String(),
  mark: Nullable(Mark),
});
/** A schedule, and in words when it makes runs: `every day at 09:00, Europe/Berlin`. */
const ScheduleWords = { id: Uuid, words: Type.String(), active: Type.Boolean() };

const DeploymentRow = Type.Object({
  id: Uuid,
  name: Type.String(),
  flow_id: Uuid,
  flow_name: Type.String(),
  description: Nullable(Type.String()),
  tags: Type.Array(Type.String()),
  paused: Type.Boolean(),
  /** Whether somebody asks for its runs. */
  status: Type.Union([Type.Literal('READY'), Type.Literal('NOT_READY')]),
  work_pool_name: Nullable(Type.String()),
  work_queue_name: Nullable(Type.String()),
  schedules: Type.Array(Type.Object(ScheduleWords)),
  /** The next time for which a run waits, or will be made. */
  next_run_at: Nullable(DateTime),
  /** Runs whose time has come a while ago. */
  late_run_count: Count,
  /** The newest that have begun, newest first, and what the state of the newest says. */
  runs: Type.Array(RecentRun),
  last_message: Nullable(Type.String()),
});

export const UI_DEPLOYMENTS_PAGE = {
  method: 'POST',
  path: '/ui/pages/deployments',
  name: 'read_deployments_page',
  tag,
  summary: 'The page of deployments: schedules in words, the next run, the newest runs',
  body: Parts({
    ...deploymentFilters,
    sort: deploymentSorts.schema,
    limit: Limit,
    offset: Offset,
    recent_runs: Maybe(Whole({ minimum: 0, maximum: RECENT_RUNS_MAX })),
  }),
  answers: {
    200: Type.Object({
      as_of: DateTime,
      deployments: Type.Array(DeploymentRow),
      /** Of all that are asked for. */
      count: Count,
      /** Whether there is any deployment at all. */
      has_deployments: Type.Boolean(),
    }),
  },
} as const satisfies RouteContract;

export const UI_DEPLOYMENT_PAGE = {
  method: 'GET',
  path: '/ui/pages/deployments/{id}',
  name: 'read_deployment_page',
  tag,
  summary: 'A deployment: its next runs by schedule, with changes of clocks, its newest runs, who takes them',
  answers: {
    200: Type.Object({
      as_of: DateTime,
      deployment: Deployment,
      flow_name: Type.String(),
      schedules: Type.Array(
        Type.Object({
          ...ScheduleWords,
          /** The next ten, whether the schedule is active or not. */
          next: Type.Array(NextDate),
          /** Those of the next year that a change of clocks marks, three at most. */
          at_clock_changes: Type.Array(NextDate),
        }),
      ),
      /** The newest 20. */
      backfills: Type.Array(Backfill),
      /** Runs that wait for their time, the first ten. */
      waiting: Type.Array(FlowRunRow),
      waiting_count: Count,
      late_run_count: Count,
      /** The newest 20 that have begun. */
      runs: Type.Array(FlowRunRow),
      run_count: Count,
      /** Where its runs go; `null`: nowhere, so a process of its own serves it. */
      pool: Nullable(
        Type.Object({
          name: Type.String(),
          type: Type.String(),
          is_paused: Type.Boolean(),
          status: Nullable(Readiness),
          queue_name: Type.String(),
          is_queue_paused: Type.Boolean(),
          online_worker_count: Count,
        }),
      ),
    }),
  },
} as const satisfies RouteContract;

const RUN_NAME_CHARACTERS_MAX = 500;
const TAGS_MAX = 50;

export const UI_RUN_DEPLOYMENT = {
  method: 'POST',
  path: '/ui/deployments/{id}/run',
  name: 'run_deployment_by_form',
  tag,
  summary: 'Start a run of a deployment with what a form says; a form that is sent twice makes one run',
  body: Action({
    /** Made when the form is opened. */
    form_id: Type.String({ format: 'uuid' }),
    /** Over those of the deployment. */
    parameters: Type.Record(Type.String(), Json),
    name: Maybe(Type.String({ maxLength: RUN_NAME_CHARACTERS_MAX })),
    /** `null`: now. */
    at: Maybe(TimeIn),
    tags: Maybe(Type.Array(Type.String(), { maxItems: TAGS_MAX })),
  }),
  bodyLimits: BULKY_BODY,
  answers: {
    200: Type.Object({
      /** `null`: none was made. */
      flow_run: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
      refused: Nullable(Type.String()),
      /** What is wrong with the parameters, each with the names and indices that lead to it. */
      problems: Type.Array(Type.Object({ path: Type.Array(Type.String()), reason: Type.String() })),
    }),
  },
} as const satisfies RouteContract;

const NAME_CHARACTERS_MAX = 500;

export const UI_DUPLICATE_DEPLOYMENT = {
  method: 'POST',
  path: '/ui/deployments/{id}/duplicate',
  name: 'duplicate_deployment',
  tag,
  summary: 'Make a deployment like another one of the flow, under another name; it begins paused',
  body: Action({ name: Type.String({ minLength: 1, maxLength: NAME_CHARACTERS_MAX }) }),
  answers: { 200: Type.Object({ id: Uuid }) },
} as const satisfies RouteContract;
