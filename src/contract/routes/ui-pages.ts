/**
 * What our own pages ask for: one request a page, with no more than the page shows.
 *
 * `as_of` is the server's time before it looked: whoever then listens for what happened since hears of everything that
 * the answer lacks.
 */

import { Type, type Static } from '../type.ts';

import { Explanation } from '../schema/explanation.ts';
import { FlowRun } from '../schema/flow-run.ts';
import { DateTime, Nullable, Seconds, Uuid, Whole } from '../schema/scalars.ts';
import { State, StateType } from '../schema/state.ts';
import { TaskRun } from '../schema/task-run.ts';
import { History, history } from '../body/list.ts';
import { flowFilters } from '../filter/related.ts';
import { flowRunSorts } from '../filter/sort.ts';
import { Limit, Maybe, Offset, Parts, type RouteContract } from '../route.ts';

const tag = 'Pages';

/** A flow run as a row of a list. */
export const FlowRunRow = Type.Object({
  id: Uuid,
  name: Type.String(),
  flow_id: Uuid,
  flow_name: Type.String(),
  state_type: StateType,
  state_name: Type.String(),
  /** Its message is cut off behind 300 characters. */
  state: Type.Object({
    id: Uuid,
    type: StateType,
    name: Type.String(),
    timestamp: DateTime,
    message: Nullable(Type.String()),
    data: Type.Null(),
  }),
  tags: Type.Array(Type.String()),
  created: DateTime,
  expected_start_time: Nullable(DateTime),
  start_time: Nullable(DateTime),
  total_run_time: Seconds,
});
export type FlowRunRow = Static<typeof FlowRunRow>;

/** A flow run as a bar beside others of its flow. */
export const RecentRun = Type.Object({
  id: Uuid,
  name: Type.String(),
  state_type: StateType,
  state_name: Type.String(),
  created: DateTime,
  start_time: Nullable(DateTime),
  total_run_time: Seconds,
  flow_version: Nullable(Type.String()),
});
export type RecentRun = Static<typeof RecentRun>;

export const UI_RUNS_PAGE = {
  method: 'POST',
  path: '/ui/pages/runs',
  name: 'read_runs_page',
  tag,
  summary:
    'The page of runs: a page of the list, newest first unless said, the whole count, and runs by time and state',
  body: Parts({
    ...flowFilters,
    /** Runs that the chart counts, where they are others than those of the list. */
    chart: Maybe(Parts({ flows: flowFilters.flows, flow_runs: flowFilters.flow_runs })),
    ...history,
    sort: flowRunSorts.schema,
    limit: Limit,
    offset: Offset,
  }),
  answers: {
    200: Type.Object({
      as_of: DateTime,
      runs: Type.Array(FlowRunRow),
      count: Whole(),
      history: History,
      /** Whether there is any flow run at all. */
      has_runs: Type.Boolean(),
    }),
  },
} as const satisfies RouteContract;

export const RECENT_RUNS_MAX = 50;

export const UI_FLOWS_PAGE = {
  method: 'POST',
  path: '/ui/pages/flows',
  name: 'read_flows_page',
  tag,
  summary: 'The page of flows: by name, each with its newest runs',
  body: Parts({
    flows: flowFilters.flows,
    limit: Limit,
    offset: Offset,
    recent_runs: Maybe(Whole({ minimum: 0, maximum: RECENT_RUNS_MAX })),
  }),
  answers: {
    200: Type.Object({
      as_of: DateTime,
      flows: Type.Array(
        Type.Object({
          id: Uuid,
          name: Type.String(),
          description: Nullable(Type.String()),
          tags: Type.Array(Type.String()),
          created: DateTime,
          updated: DateTime,
          runs: Type.Array(RecentRun),
          /** What the state of the newest run says, cut off behind 300 characters. */
          last_message: Nullable(Type.String()),
        }),
      ),
    }),
  },
} as const satisfies RouteContract;

export const UI_FLOW_RUN_PAGE = {
  method: 'GET',
  path: '/ui/pages/flow_runs/{id}',
  name: 'read_flow_run_page',
  tag,
  summary: 'The head of the page of a flow run, and how much it has of what the page shows besides',
  answers: {
    200: Type.Object({
      as_of: DateTime,
      run: FlowRun,
      why: Explanation,
      /** Of its flow. */
      flow_description: Nullable(Type.String()),
      parent: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
      /** Without those that stand for subflows. */
      task_run_count: Whole(),
      subflow_run_count: Whole(),
      /** Without results of older clients. */
      artifact_count: Whole(),
      /** Which automations a state of it has set off, the newest first: ten at most. */
      automations: Type.Array(Type.Object({ id: Uuid, name: Type.String(), at: DateTime })),
    }),
  },
} as const satisfies RouteContract;

export const UI_TASK_RUN_PAGE = {
  method: 'GET',
  path: '/ui/pages/task_runs/{id}',
  name: 'read_task_run_page',
  tag,
  summary:
    'A task run with its states, why it is as it is, and the names of the runs that its arguments and its result came from',
  answers: {
    200: Type.Object({
      as_of: DateTime,
      run: TaskRun,
      why: Explanation,
      /** The newest 100 at most, oldest first. */
      states: Type.Array(State),
      /** How many there are. */
      state_count: Whole(),
      /** By id, of runs of tasks and of flows. */
      input_names: Type.Record(Type.String(), Type.String()),
    }),
  },
} as const satisfies RouteContract;
