/** Flow runs: lists, counts, histories, one run, and what can be done to it. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { FlowRun as WireFlowRun } from '../../src/contract/schema/flow-run.ts';
import { getText, postJson } from './http.ts';
import { parseLossless } from './lossless-json.ts';
import type { State, StateType } from './states.ts';

/** What the pages read of a flow run. The optional fields are our own server's; Prefect's does not send them. */
export type FlowRun = Pick<
  WireFlowRun,
  | 'id' | 'name' | 'flow_id' | 'flow_version' | 'state_id' | 'parameters' | 'tags' | 'run_count' | 'parent_task_run_id' | 'deployment_id'
  | 'work_pool_name' | 'work_queue_name' | 'idempotency_key' | 'auto_scheduled' | 'created' | 'expected_start_time' | 'start_time' | 'end_time'
  | 'total_run_time' | 'estimated_run_time' | 'estimated_start_time_delta'
> &
  Partial<Pick<WireFlowRun, 'flow_name' | 'durability' | 'labels' | 'parent_flow_run_id' | 'infrastructure_pid'>> & {
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
  readonly states: readonly { readonly state_type: StateType; readonly state_name: string; readonly count_runs: number }[];
}

export function flowRunListQuery(selection: FlowRunSelection, { limit, offset }: { readonly limit: number; readonly offset: number }) {
  return queryOptions({
    queryKey: ['flow-runs', 'list', selection, limit, offset],
    queryFn: ({ signal }) => postJson<FlowRun[]>('/flow_runs/filter', { ...selection, sort: 'EXPECTED_START_TIME_DESC', limit, offset }, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function flowRunCountQuery(selection: FlowRunSelection) {
  return queryOptions({
    queryKey: ['flow-runs', 'count', selection],
    queryFn: ({ signal }) => postJson<number>('/flow_runs/count', selection, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Milliseconds since 1970. */
export interface HistoryPeriod {
  readonly start: number;
  readonly end: number;
}

export function flowRunHistoryQuery(selection: FlowRunSelection, { start, end }: HistoryPeriod, intervalSeconds: number) {
  return queryOptions({
    queryKey: ['flow-runs', 'history', selection, start, end, intervalSeconds],
    queryFn: ({ signal }) => {
      const period = { history_start: new Date(start).toISOString(), history_end: new Date(end).toISOString(), history_interval_seconds: intervalSeconds };
      return postJson<HistoryBucket[]>('/flow_runs/history', { ...selection, ...period }, { signal });
    },
    placeholderData: keepPreviousData,
  });
}

/** Its parameters keep their numbers as written. */
export function flowRunQuery(id: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'one', id],
    queryFn: async ({ signal }) => {
      const text = await getText(`/flow_runs/${id}`, { signal });
      const run = JSON.parse(text) as FlowRun;
      const exact = parseLossless(text) as { parameters: FlowRun['parameters']; state: { data: unknown } | null };
      return { ...run, parameters: exact.parameters, state: run.state && { ...run.state, data: exact.state?.data } } as FlowRun;
    },
  });
}

/** The runs that a run's subflow calls became. */
export function subflowRunsQuery(parentId: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'subflows', parentId],
    queryFn: ({ signal }) =>
      postJson<FlowRun[]>('/flow_runs/filter', { flow_runs: { parent_flow_run_id: { any_: [parentId] } }, sort: 'EXPECTED_START_TIME_ASC', limit: 200 }, { signal }),
  });
}

export interface Verdict {
  readonly status: 'ACCEPT' | 'REJECT' | 'WAIT' | 'ABORT';
  readonly details: { readonly reason?: string | null };
}

/** The run's process hears of it and stops; nothing is cut off. */
export async function cancelFlowRun(id: string): Promise<Verdict> {
  return postJson(`/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING', name: 'Cancelling', message: 'Cancelled from the web page' } });
}

export async function resumeFlowRun(id: string): Promise<Verdict> {
  return postJson(`/flow_runs/${id}/resume`, {});
}

/** The run that a subflow's placeholder task belongs to. */
export function parentRunQuery(parentTaskRunId: string) {
  return queryOptions({
    queryKey: ['flow-runs', 'parent', parentTaskRunId],
    queryFn: async ({ signal }) => {
      const [run] = await postJson<FlowRun[]>('/flow_runs/filter', { task_runs: { id: { any_: [parentTaskRunId] } }, limit: 1 }, { signal });
      return run ?? null;
    },
    staleTime: Infinity,
  });
}
