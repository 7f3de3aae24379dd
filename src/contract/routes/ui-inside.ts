/** The inside of a flow run as our own pages show it: whole where it is small, in groups where it is not. */

import { Type, type Static } from '../type.ts';

import { Count, DateTime, Nullable, Seconds, Uuid, Whole } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';
import { Maybe, Parts, type RouteContract } from '../route.ts';

const tag = 'Pages';

/** A stretch of a run in one state: an attempt, or a wait before one. */
export const InsideSegment = Type.Object({
  state_type: StateType,
  state_name: Type.String(),
  attempt: Count,
  start_time: DateTime,
  end_time: Nullable(DateTime),
});
export type InsideSegment = Static<typeof InsideSegment>;

/** A run inside the flow run: a task run, or a subflow in place of the task run that stands for it. */
export const InsideRun = Type.Object({
  kind: Type.Union([Type.Literal('flow-run'), Type.Literal('task-run')]),
  id: Uuid,
  /** A subflow's is `flow / run`. */
  label: Type.String(),
  /** Of the task; of a subflow, the flow's. */
  name: Type.String(),
  /** The same for runs of one map, else of one task. */
  group: Type.String(),
  /** Of a mapped run: which item it is of, from 0. */
  map_index: Nullable(Count),
  state_type: StateType,
  state_name: Type.String(),
  /** Why it failed, crashed, was cancelled or waits; cut off behind 200 characters. */
  message: Nullable(Type.String()),
  run_count: Count,
  /** Expected, of a run that has not begun. */
  start_time: DateTime,
  end_time: Nullable(DateTime),
  total_run_time: Seconds,
  /** Since when a stretch of work is under way. */
  running_since: Nullable(DateTime),
  /** Runs whose results it took. */
  parents: Type.Array(Uuid),
  /** The run in whose body it was called. */
  caller: Nullable(Uuid),
  /** Attempts and waits, oldest first, the newest 40 at most; empty for a run that began at once and was tried once. */
  segments: Type.Array(InsideSegment),
});
export type InsideRun = Static<typeof InsideRun>;

/** Task runs of one task or map; where there are too many of those, of neighbours. */
export const InsideGroup = Type.Object({
  /** By which its runs are asked for. */
  key: Type.String(),
  name: Type.String(),
  /** Of a group of neighbours: the name of the last; else `null`. */
  last_name: Nullable(Type.String()),
  is_map: Type.Boolean(),
  count: Count,
  states: Type.Array(Type.Object({ state_type: StateType, state_name: Type.String(), count: Count })),
  start_time: DateTime,
  /** `null` while one of them is not over. */
  end_time: Nullable(DateTime),
});
export type InsideGroup = Static<typeof InsideGroup>;

export const UI_INSIDE = {
  method: 'GET',
  path: '/ui/pages/flow_runs/{id}/inside',
  name: 'read_flow_run_inside',
  tag,
  summary: 'What ran in a flow run, by start: each run, or, above 10,000, groups of them',
  answers: {
    200: Type.Object({
      as_of: DateTime,
      start_time: Nullable(DateTime),
      end_time: Nullable(DateTime),
      task_run_count: Count,
      /** Whether there are groups in place of runs. */
      is_folded: Type.Boolean(),
      runs: Type.Array(InsideRun),
      groups: Type.Array(InsideGroup),
    }),
  },
} as const satisfies RouteContract;

export const INSIDE_PAGE_MAX = 200;
const Limit = Maybe(Whole({ minimum: 1, maximum: INSIDE_PAGE_MAX }));

/** Where a page of a group goes on: failed runs come first. */
const Place = Type.Object({ is_bad: Type.Boolean(), after: Nullable(Uuid) });

export const UI_INSIDE_GROUP = {
  method: 'POST',
  path: '/ui/pages/flow_runs/{id}/inside/group',
  name: 'read_flow_run_inside_group',
  tag,
  summary: 'A page of the runs of a group inside a flow run, the failed ones first',
  body: Parts({ key: Type.String({ pattern: '^\\d{1,10}-\\d{1,10}$' }), from: Maybe(Place), limit: Limit }),
  answers: { 200: Type.Object({ runs: Type.Array(InsideRun), next: Nullable(Place) }) },
} as const satisfies RouteContract;

export const UI_INSIDE_ROWS = {
  method: 'POST',
  path: '/ui/pages/flow_runs/{id}/inside/rows',
  name: 'read_flow_run_inside_rows',
  tag,
  summary: 'What ran in a flow run as rows of a table, the newest first: five runs and more of a task or map are one',
  body: Parts({ limit: Limit, offset: Maybe(Whole({ minimum: 0 })) }),
  isBodyOptional: true,
  answers: {
    200: Type.Object({
      as_of: DateTime,
      rows: Type.Array(Type.Object({ run: Nullable(InsideRun), group: Nullable(InsideGroup) })),
      /** A page is of so many groups, the small ones, whose runs are rows, too. */
      group_count: Count,
    }),
  },
} as const satisfies RouteContract;
