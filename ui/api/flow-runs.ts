/** Flow runs: lists, counts, histories, one run, and what can be done to it. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { FlowRun as WireFlowRun } from '../../src/contract/schema/flow-run.ts';
import { explanationQuery, type Explanation } from './explanations.ts';
import { getText, postJson } from './http.ts';
import { parseLossless } from './lossless-json.ts';
import type { State, StateType } from './states.ts';
import { taskRunCountQuery } from './task-runs.ts';

/** What the pages read of a flow run. The optional fields are our own server's; Prefect's does not send them. */
export type FlowRun = Pick<
  WireFlowRun,
  | 'id'
  | 'name'
  | 'flow_id'
  | 'flow_version'
  | 'state_id'
  | 'parameters'
  | 'tags'
  | 'run_count'
  | 'parent_task_run_id'
  | 'deployment_id'
  | 'work_pool_name'
  | 'work_queue_name'
  | 'idempotency_key'
  | 'auto_scheduled'
  | 'created'
  | 'expected_start_time'
  | 'start_time'
  | 'end_time'
  | 'total_run_time'
  | 'estimated_run_time'
  | 'estimated_start_time_delta'
> &
  Partial<
    Pick<
      WireFlowRun,
      'flow_name' | 'durability' | 'labels' | 'parent_flow_run_id' | 'infrastructure_pid' | 'process_id'
    >
  > & {
    readonly state: State | null;
    readonly state_type: StateType | null;
    readonly state_name: string | null;
    readonly empirical_policy: { readonly retries?: number | null; readonly retry_delay?: number | null };
  };

/** The server's filter grammar, as far as the pages use it. */
export interface FlowRunFilter {
  readonly id?: { readonly any_: readonly string[] };
  readonly name?: { readonly like_: string };
  readonly tags?: { readonly all_: readonly string[] };
  readonly state?: { readonly type: { readonly any_: readonly StateType[] } };
  readonly expected_start_time?: { readonly after_?: string; readonly before_?: string };
  readonly parent_task_run_id?: { readonly is_null_: boolean };
}

/** Which runs are meant: conditions on them, and on their flows. */
export interface FlowRunSelection {
  readonly flow_runs?: FlowRunFilter;
  readonly flows?: { readonly id: { readonly any_: readonly string[] } };
}

export interface HistoryBucket {
  readonly interval_start: string;
  readonly interval_end: string;
  readonly states: readonly {
    readonly state_type: StateType;
    readonly state_name: string;
    readonly count_runs: number;
  }[];
}

/** Milliseconds since 1970. */
export interface HistoryPeriod {
  readonly start: number;
  readonly end: number;
}

/** Orders that lists are asked for. */
export type FlowRunSort = 'EXPECTED_START_TIME_DESC' | 'EXPECTED_START_TIME_ASC' | 'END_TIME_DESC' | 'NAME_ASC';

/** Of a flow run, what lists show. */
export type ListedRun = Pick<
  FlowRun,
  | 'id'
  | 'name'
  | 'flow_id'
  | 'flow_name'
  | 'state_type'
  | 'state_name'
  | 'state'
  | 'tags'
  | 'created'
  | 'expected_start_time'
  | 'start_time'
  | 'total_run_time'
>;

export interface RunsPage {
  /** The server's time before it looked: what has happened since may be missing. */
  readonly as_of: string;
  readonly runs: readonly ListedRun[];
  /** Of the whole list. */
  readonly count: number;
  readonly history: readonly HistoryBucket[];
  /** Whether there is any run at all, whatever is asked for. */
  readonly has_runs: boolean;
}

interface RunsPageRequest {
  readonly list: FlowRunSelection;
  /** What the chart counts. */
  readonly chart: FlowRunSelection;
  readonly period: HistoryPeriod;
  readonly intervalSeconds: number;
  readonly sort: FlowRunSort;
  readonly limit: number;
  readonly offset: number;
}

/** All that the page of runs shows, by one request. */
export function runsPageQuery({ list, chart, period, intervalSeconds, sort, limit, offset }: RunsPageRequest) {
  const window = {
    history_start: new Date(period.start).toISOString(),
    history_end: new Date(period.end).toISOString(),
    history_interval_seconds: intervalSeconds,
  };
  const body = { ...list, chart, ...window, sort, limit, offset };
  return queryOptions({
    queryKey: ['flow-runs', 'page', body],
    queryFn: ({ signal }) => postJson<RunsPage>('/ui/pages/runs', body, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** The head of the page of a run. */
export interface RunHead {
  readonly as_of: string;
  /** Its parameters and result keep their numbers as written. */
  readonly run: FlowRun;
  /** `null` from a server that does not explain. */
  readonly why: Explanation | null;
  /** Of its flow; absent on a server of an older version. */
  readonly flow_description?: string | null;
  readonly parent: { readonly id: string; readonly name: string } | null;
  readonly task_run_count: number;
  readonly subflow_run_count: number;
  readonly artifact_count: number;
  /** Which automations a state of it has set off, the newest first; absent on a server of an older version. */
  readonly automations?: readonly { readonly id: string; readonly name: string; readonly at: string }[] | undefined;
}

/** With it comes what else the page asks about the run at first: that finds its answers there. */
export function runHeadQuery(id: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'one', id],
    queryFn: async ({ signal, client }) => {
      const text = await getText(`/ui/pages/flow_runs/${id}`, { signal });
      const head = JSON.parse(text) as RunHead;
      const { run: exact } = parseLossless(text) as {
        run: { parameters: FlowRun['parameters']; state: { data: unknown } | null };
      };
      const { run, why } = head;
      client.setQueryData(explanationQuery('flow-run', id).queryKey, why);
      client.setQueryData(taskRunCountQuery({ flowRunId: id, name: '', stateTypes: [] }).queryKey, head.task_run_count);
      if (head.subflow_run_count === 0) client.setQueryData(subflowRunsQuery(id).queryKey, []);
      return {
        ...head,
        run: {
          ...run,
          parameters: exact.parameters,
          state: run.state && { ...run.state, data: exact.state?.data },
        } as FlowRun,
      };
    },
  });
}

/** The runs that a run's subflow calls became. */
export function subflowRunsQuery(parentId: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'subflows', parentId],
    queryFn: ({ signal }) =>
      postJson<FlowRun[]>(
        '/flow_runs/filter',
        { flow_runs: { parent_flow_run_id: { any_: [parentId] } }, sort: 'EXPECTED_START_TIME_ASC', limit: 200 },
        { signal },
      ),
  });
}
