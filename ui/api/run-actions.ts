/**
 * What is done to runs: told before by the same path. The state in which a run was seen goes along, so that another one
 * is left as it is.
 */
import { queryOptions } from '@tanstack/react-query';

import { getJson, getText, JsonText, postJson } from './http.ts';
import { parseLossless } from './lossless-json.ts';
import type { StateType } from './states.ts';

export type MarkType = Extract<StateType, 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CRASHED'>;

export interface RetryOutlook {
  readonly way: 'process' | 'worker' | 'never';
  readonly reason: string | null;
  readonly root: { readonly id: string; readonly name: string } | null;
  readonly command: readonly string[] | null;
  readonly plan: RetryPlan | null;
}

export interface RetryPlan {
  readonly counts: { readonly reuse: number; readonly run_again: number; readonly orphaned: number };
  readonly lines: readonly {
    readonly task_run_id: string;
    readonly name: string;
    readonly runs: number;
    readonly action: 'reuse' | 'run_again' | 'orphaned';
    readonly reason: string;
  }[];
  readonly lines_left_out: number;
}

export interface CancelOutlook {
  readonly asks: string | null;
  readonly becomes: StateType;
  readonly force: string | null;
}

export interface DeletionOutlook {
  readonly task_runs: number;
  readonly subflow_runs: number;
  readonly logs: number;
  readonly artifacts: number;
  readonly is_more: boolean;
}

export interface ResumeForm {
  readonly asks: boolean;
  /** Numbers in it are as they were written. */
  readonly schema: unknown;
  readonly description: string | null;
}

export interface ResumeAnswer {
  /** `null`: it goes on. */
  readonly refused: string | null;
  readonly problems: readonly { readonly path: readonly string[]; readonly reason: string }[];
}

/** What was told before is not what is true now: asked for anew with every dialog. */
const FRESH = { staleTime: 0, gcTime: 0, refetchOnWindowFocus: false } as const;

export function retryOutlookQuery(id: string) {
  return queryOptions({
    queryKey: ['outlook', 'retry', id],
    queryFn: ({ signal }) => getJson<RetryOutlook>(`/ui/flow_runs/${id}/retry`, { signal }),
    ...FRESH,
  });
}

/** @param stateId another one asks anew */
export function cancelOutlookQuery(id: string, stateId: string | null) {
  return queryOptions({
    queryKey: ['outlook', 'cancel', id, stateId],
    queryFn: ({ signal }) => getJson<CancelOutlook>(`/ui/flow_runs/${id}/cancel`, { signal }),
    ...FRESH,
  });
}

export function deletionOutlookQuery(id: string) {
  return queryOptions({
    queryKey: ['outlook', 'delete', id],
    queryFn: ({ signal }) => getJson<DeletionOutlook>(`/ui/flow_runs/${id}/delete`, { signal }),
    ...FRESH,
  });
}

export function resumeFormQuery(id: string, stateId: string | null) {
  return queryOptions({
    queryKey: ['outlook', 'resume', id, stateId],
    queryFn: async ({ signal }) => parseLossless(await getText(`/ui/flow_runs/${id}/resume`, { signal })) as ResumeForm,
    ...FRESH,
  });
}

export async function cancelFlowRun(id: string, force: boolean): Promise<void> {
  await postJson(`/ui/flow_runs/${id}/cancel`, { force });
}

export async function retryFlowRun(id: string, seen: string): Promise<void> {
  await postJson(`/ui/flow_runs/${id}/retry`, { seen_state_id: seen });
}

export async function deleteFlowRun(id: string, seen: string): Promise<void> {
  await postJson(`/ui/flow_runs/${id}/delete`, { seen_state_id: seen });
}

/** @param input JSON of an object, to the letter; `null`: the run asked for nothing */
export async function resumeFlowRun(id: string, seen: string, input: string | null): Promise<ResumeAnswer> {
  const body = new JsonText(`{"seen_state_id":${JSON.stringify(seen)},"run_input":${input ?? 'null'}}`);
  return postJson(`/ui/flow_runs/${id}/resume`, body);
}

export interface Mark {
  readonly seen: string;
  readonly type: MarkType;
  readonly message: string;
  readonly force: boolean;
}

export async function markRun(
  kind: 'flow-run' | 'task-run',
  id: string,
  { seen, type, message, force }: Mark,
): Promise<void> {
  await postJson(`/ui/${kind === 'flow-run' ? 'flow_runs' : 'task_runs'}/${id}/mark`, {
    seen_state_id: seen,
    type,
    message,
    force,
  });
}
