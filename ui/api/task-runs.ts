/** Task runs: of a flow run, or one. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { TaskInput, TaskRun as WireTaskRun } from '../../src/contract/schema/task-run.ts';
import { explanationQuery, type Explanation } from './explanations.ts';
import { getText, postJson } from './http.ts';
import { parseLossless } from './lossless-json.ts';
import { stateHistoryQuery, type State, type StateType } from './states.ts';

export type { TaskInput };

/** What the pages read of a task run. The optional fields are our own server's; Prefect's does not send them. */
export type TaskRun = Pick<
  WireTaskRun,
  | 'id'
  | 'name'
  | 'task_key'
  | 'flow_run_id'
  | 'task_inputs'
  | 'tags'
  | 'run_count'
  | 'cache_key'
  | 'start_time'
  | 'end_time'
  | 'total_run_time'
  | 'estimated_run_time'
  | 'created'
  | 'task_version'
> &
  Partial<
    Pick<
      WireTaskRun,
      | 'task_name'
      | 'cache'
      | 'call_site'
      | 'step'
      | 'isolation'
      | 'durability'
      | 'map_index'
      | 'map_input'
      | 'task_description'
    >
  > & {
    readonly state: State | null;
    readonly state_type: StateType | null;
    readonly state_name: string | null;
    readonly expected_start_time?: string | null;
    readonly empirical_policy: { readonly retries?: number | null; readonly timeout_seconds?: number | null };
  };

export interface TaskRunSelection {
  readonly flowRunId: string;
  readonly name: string;
  readonly stateTypes: readonly StateType[];
}

function bodyOf({ flowRunId, name, stateTypes }: TaskRunSelection) {
  return {
    flow_runs: { id: { any_: [flowRunId] } },
    task_runs: {
      // A subflow's placeholder is shown as the subflow's own run.
      subflow_runs: { exists_: false },
      ...(name === '' ? {} : { name: { like_: name } }),
      ...(stateTypes.length === 0 ? {} : { state: { type: { any_: stateTypes } } }),
    },
  };
}

/** Newest first. */
export function taskRunListQuery(
  selection: TaskRunSelection,
  { limit, offset }: { readonly limit: number; readonly offset: number },
) {
  return queryOptions({
    queryKey: ['task-runs', 'list', selection.flowRunId, selection.name, selection.stateTypes, limit, offset],
    queryFn: ({ signal }) =>
      postJson<TaskRun[]>(
        '/task_runs/filter',
        { ...bodyOf(selection), sort: 'EXPECTED_START_TIME_DESC', limit, offset },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
}

export function taskRunCountQuery(selection: TaskRunSelection) {
  return queryOptions({
    queryKey: ['task-runs', 'count', selection.flowRunId, selection.name, selection.stateTypes],
    queryFn: ({ signal }) => postJson<number>('/task_runs/count', bodyOf(selection), { signal }),
    placeholderData: keepPreviousData,
  });
}

/** A task run and what its page tells besides. */
export interface TaskRunHead {
  readonly as_of: string;
  readonly run: TaskRun;
  /** `null` from a server that does not explain. */
  readonly why: Explanation | null;
  /** The newest, oldest first; `state_count` says how many there are. */
  readonly states?: readonly State[];
  readonly state_count?: number;
  /** Of the runs that its arguments and its result came from, by id. */
  readonly input_names: Readonly<Record<string, string>>;
}

/** With it comes the answer to why it is so, which is asked for elsewhere. */
export function taskRunHeadQuery(id: string) {
  return queryOptions({
    queryKey: ['task-runs', 'one', id],
    queryFn: async ({ signal, client }) => {
      const text = await getText(`/ui/pages/task_runs/${id}`, { signal });
      const head = JSON.parse(text) as TaskRunHead;
      const exact = parseLossless(text) as {
        readonly run: { readonly state: { readonly data: unknown } | null };
        readonly states?: State[];
      };
      client.setQueryData(explanationQuery('task-run', id).queryKey, head.why);
      // All of them are here: the list of states need not be asked for.
      if (head.states !== undefined && head.states.length === head.state_count)
        client.setQueryData(stateHistoryQuery('task-run', id).queryKey, exact.states ?? []);
      return {
        ...head,
        run: { ...head.run, state: head.run.state && { ...head.run.state, data: exact.run.state?.data } } as TaskRun,
      };
    },
  });
}
