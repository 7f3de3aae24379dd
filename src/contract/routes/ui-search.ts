/** What the search of our own pages asks for: anything that has a name or an id. */

import { Type, type Static } from '../type.ts';

import { Maybe, type RouteContract } from '../route.ts';
import { DateTime, Nullable, Uuid, Whole } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';

const FoundRun = Type.Object({
  id: Uuid,
  name: Type.String(),
  state_type: StateType,
  state_name: Type.String(),
  created: DateTime,
});

/** `flow_name` of the flow that it is a run of. */
export const FoundFlowRun = Type.Object({ ...FoundRun.properties, flow_name: Type.String() });
/** `flow_run_name` of the run that it ran in; `null` outside of one. */
export const FoundTaskRun = Type.Object({
  ...FoundRun.properties,
  flow_run_id: Nullable(Uuid),
  flow_run_name: Nullable(Type.String()),
});
export type FoundTaskRun = Static<typeof FoundTaskRun>;

export const SEARCH_TEXT_MAX = 500;
export const SEARCH_RESULTS_MAX = 50;

export const UI_SEARCH = {
  method: 'POST',
  path: '/ui/pages/search',
  name: 'search_by_words',
  tag: 'Pages',
  summary:
    'Flows, deployments, work pools, flow runs and task runs by a part of their name, by their id with or without dashes, by the first eight or more digits of it, or by an address that has it',
  body: Type.Object({
    text: Type.String({ maxLength: SEARCH_TEXT_MAX }),
    /** Of each kind at most; 8 unless said. */
    limit: Maybe(Whole({ minimum: 1, maximum: SEARCH_RESULTS_MAX })),
  }),
  answers: {
    200: Type.Object({
      flows: Type.Array(Type.Object({ id: Uuid, name: Type.String() })),
      deployments: Type.Array(Type.Object({ id: Uuid, name: Type.String(), flow_name: Type.String() })),
      work_pools: Type.Array(Type.Object({ id: Uuid, name: Type.String() })),
      flow_runs: Type.Array(FoundFlowRun),
      task_runs: Type.Array(FoundTaskRun),
      /** Names of older runs were not looked through: there are too many runs. Ids are always found. */
      is_partial: Type.Boolean(),
    }),
  },
} as const satisfies RouteContract;
