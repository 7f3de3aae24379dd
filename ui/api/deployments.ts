/** Deployments: what their pages show, and what is done with them there. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { Deployment as WireDeployment } from '../../src/contract/deployment.ts';
import type { Backfill } from './backfills.ts';
import type { FlowRunRow, RecentRun } from '../../src/contract/routes/ui-pages.ts';
import { deleteAt, getText, JsonText, patchJson, postJson } from './http.ts';
import { parseLossless } from './lossless-json.ts';

export interface ScheduleInWords {
  readonly id: string;
  readonly words: string;
  readonly active: boolean;
}

export interface DeploymentRow {
  readonly id: string;
  readonly name: string;
  readonly flow_id: string;
  readonly flow_name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly paused: boolean;
  readonly status: 'READY' | 'NOT_READY';
  readonly work_pool_name: string | null;
  readonly work_queue_name: string | null;
  readonly schedules: readonly ScheduleInWords[];
  readonly next_run_at: string | null;
  readonly late_run_count: number;
  readonly runs: readonly RecentRun[];
  readonly last_message: string | null;
}

export interface DeploymentsPage {
  readonly as_of: string;
  readonly deployments: readonly DeploymentRow[];
  readonly count: number;
  readonly has_deployments: boolean;
}

export interface DeploymentSelection {
  readonly name: string;
  readonly paused: boolean | null;
  readonly pool: string;
  readonly sort: 'NAME_ASC' | 'CREATED_DESC' | 'UPDATED_DESC';
  readonly limit: number;
  readonly offset: number;
}

export function deploymentsPageQuery(selection: DeploymentSelection & { readonly recentRuns: number }) {
  const { name, paused, pool, recentRuns, ...page } = selection;
  const deployments = {
    ...(name === '' ? {} : { flow_or_deployment_name: { like_: name } }),
    ...(paused === null ? {} : { paused: { eq_: paused } }),
  };
  const pools = pool === '' ? {} : { work_pools: { name: { any_: [pool] } } };
  return queryOptions({
    queryKey: ['deployments', 'page', selection],
    queryFn: ({ signal }) =>
      postJson<DeploymentsPage>(
        '/ui/pages/deployments',
        { deployments, ...pools, ...page, recent_runs: recentRuns },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
}

export interface NextDate {
  readonly at: string;
  /** The local time that the schedule names. */
  readonly nominal: string;
  readonly mark: 'gap' | 'fold' | null;
}

export interface ScheduleAhead extends ScheduleInWords {
  readonly next: readonly NextDate[];
  readonly at_clock_changes: readonly NextDate[];
}

/** Numbers of users' values are as they were written. */
export type Deployment = WireDeployment;

export interface DeploymentPageData {
  readonly as_of: string;
  readonly deployment: Deployment;
  readonly flow_name: string;
  readonly schedules: readonly ScheduleAhead[];
  /** The newest 20. */
  readonly backfills: readonly Backfill[];
  readonly waiting: readonly FlowRunRow[];
  readonly waiting_count: number;
  readonly late_run_count: number;
  readonly runs: readonly FlowRunRow[];
  readonly run_count: number;
  readonly pool: PoolOfDeployment | null;
}

export interface PoolOfDeployment {
  readonly name: string;
  readonly type: string;
  readonly is_paused: boolean;
  readonly status: 'READY' | 'NOT_READY' | 'PAUSED' | null;
  readonly queue_name: string;
  readonly is_queue_paused: boolean;
  readonly online_worker_count: number;
}

export function deploymentPageQuery(id: string) {
  return queryOptions({
    queryKey: ['deployments', 'one', id],
    queryFn: async ({ signal }) =>
      parseLossless(await getText(`/ui/pages/deployments/${id}`, { signal })) as DeploymentPageData,
  });
}

export async function pauseDeployment(id: string, paused: boolean): Promise<void> {
  await postJson(`/deployments/${id}/${paused ? 'pause' : 'resume'}_deployment`, {});
}

export async function setScheduleActive(id: string, scheduleId: string, active: boolean): Promise<void> {
  await patchJson(`/deployments/${id}/schedules/${scheduleId}`, { active });
}

export async function deleteDeployment(id: string): Promise<void> {
  await deleteAt(`/deployments/${id}`);
}

export interface RunForm {
  /** Made when the form was opened: sent twice, it makes one run. */
  readonly formId: string;
  /** JSON of an object, to the letter. */
  readonly parameters: string;
  readonly name: string;
  /** RFC 3339; `null`: now. */
  readonly at: string | null;
}

export interface RunFormAnswer {
  /** `null`: none was made. */
  readonly flow_run: { readonly id: string; readonly name: string } | null;
  readonly refused: string | null;
  readonly problems: readonly { readonly path: readonly string[]; readonly reason: string }[];
}

export async function runDeployment(id: string, { formId, parameters, name, at }: RunForm): Promise<RunFormAnswer> {
  const rest = JSON.stringify({ form_id: formId, name: name === '' ? null : name, at });
  return postJson(`/ui/deployments/${id}/run`, new JsonText(`${rest.slice(0, -1)},"parameters":${parameters}}`));
}

export interface DeploymentChange {
  readonly description: string | null;
  readonly tags: readonly string[];
  /** How many of its runs may be under way; `null`: any number. Left out: as before. */
  readonly concurrency_limit?: number | null;
}

export async function changeDeployment(id: string, change: DeploymentChange): Promise<void> {
  await patchJson(`/deployments/${id}`, change);
}

/** A copy in the same flow, paused. @returns its id */
export async function duplicateDeployment(id: string, name: string): Promise<string> {
  return (await postJson<{ readonly id: string }>(`/ui/deployments/${id}/duplicate`, { name })).id;
}

/** As the wire writes one. */
export type WrittenSchedule =
  | { readonly cron: string; readonly timezone: string; readonly day_or?: boolean }
  | { readonly interval: number; readonly timezone: string; readonly anchor_date?: string }
  | { readonly rrule: string; readonly timezone: string };

/** @param scheduleId `null`: a further one */
export async function writeSchedule(id: string, scheduleId: string | null, schedule: WrittenSchedule): Promise<void> {
  const path = `/deployments/${id}/schedules`;
  if (scheduleId === null) await postJson(path, [{ schedule }]);
  else await patchJson(`${path}/${scheduleId}`, { schedule });
}

export async function deleteSchedule(id: string, scheduleId: string): Promise<void> {
  await deleteAt(`/deployments/${id}/schedules/${scheduleId}`);
}
