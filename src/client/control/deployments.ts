/** Deployments of whatever server, and the runs that they are asked for. */

import { type Deployment } from '../../contract/deployment.ts';
import {
  CREATE_DEPLOYMENT,
  DELETE_DEPLOYMENT,
  FILTER_DEPLOYMENTS,
  PAUSE_DEPLOYMENT,
  POLL_DEPLOYMENTS,
  READ_DEPLOYMENT,
  READ_DEPLOYMENT_BY_NAME,
  RESUME_DEPLOYMENT,
  RUN_DEPLOYMENT,
  UPDATE_DEPLOYMENT,
} from '../../contract/deployment-routes.ts';
import { CREATE_SCHEDULES, DELETE_SCHEDULE, UPDATE_SCHEDULE } from '../../contract/deployment-schedule.ts';
import { LIST_SLOTS } from '../../contract/schedule-slot.ts';
import {
  APPLY_DEPLOYMENTS,
  LIST_VERSIONS,
  READ_DEPLOYMENT_OF_RUN,
  ROLL_BACK,
  type AppliedDeployment,
  type DeploymentVersion,
  type VersionSourceIn,
} from '../../contract/deployment-version.ts';
import { CREATE_FLOW, FILTER_FLOWS, READ_FLOW } from '../../contract/routes/flows.ts';
import { CREATE_TASK_RUN } from '../../contract/routes/task-runs.ts';
import { READ_FLOW_RUN } from '../../contract/routes/flow-runs.ts';
import type { Static } from '../../contract/type.ts';
import { READ_WORK_POOL } from '../../contract/work-pool.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRunId } from '../../core/ids.ts';
import { runJob, type RunJob } from '../../core/job-configuration.ts';
import { prioritiesUnknown } from '../../core/run-priority.ts';
import type { TaskRun } from '../../core/task-run.ts';
import { formatInstant, parseInstant, type Instant } from '../../core/time.ts';
import type { Absence } from './absence.ts';
import { SLOT_FIELDS } from './slot-fields.ts';
import { PAGE_MAX, type ControlPlane } from './plane.ts';

export type DeploymentFields = Omit<Static<typeof CREATE_DEPLOYMENT.body>, 'name' | 'flow_id'>;
export type DeploymentChange = Static<typeof UPDATE_DEPLOYMENT.body>;
export type NewSchedules = Static<typeof CREATE_SCHEDULES.body>;
export type ScheduleChange = Static<typeof UPDATE_SCHEDULE.body>;
export type SlotsOfDeployment = Static<(typeof LIST_SLOTS.answers)[200]>;
export type RunRequest = Static<typeof RUN_DEPLOYMENT.body>;

export type ApplyRequest = Static<typeof APPLY_DEPLOYMENTS.body>;
export type VersionSource = VersionSourceIn;
export type ApplyReply = BothViews<Static<(typeof APPLY_DEPLOYMENTS.answers)[200]>>;

export interface DueDeploymentRun {
  readonly id: FlowRunId;
  readonly name: string;
  readonly deploymentId: string;
  readonly dueAt: Instant;
}

export interface DeploymentOfRun {
  readonly deployment: Deployment;
  /** `null`: it has pinned none. */
  readonly pinnedVersion: number | null;
  readonly job: RunJob;
}

export interface DeploymentClient {
  /** `null`: there is none. */
  read(id: string): Promise<BothViews<Deployment> | null>;
  /** As a run is to be executed: as its deployment is, or as the version that it has pinned says. `null`: none. */
  ofRun(run: FlowRunId, id: string): Promise<DeploymentOfRun | null>;
  find(flowName: string, name: string): Promise<BothViews<Deployment> | null>;
  /** By name. @param name only those that are called so */
  list(page: { readonly limit: number; readonly name?: string }): Promise<readonly BothViews<Deployment>[]>;
  flowName(flowId: string): Promise<string>;
  /** By the flow's id, in one request for 200 of them; one that is gone has no name. */
  flowNames(flowIds: Iterable<string>): Promise<ReadonlyMap<string, string>>;
  /** Makes the flow, too, when it was never run. */
  create(flowName: string, name: string, fields: DeploymentFields): Promise<BothViews<Deployment>>;
  update(id: string, change: DeploymentChange): Promise<void>;
  remove(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Answers them as the server keeps them, numbers to the letter. */
  addSchedules(id: string, schedules: NewSchedules): Promise<readonly object[]>;
  updateSchedule(id: string, scheduleId: string, change: ScheduleChange): Promise<void>;
  removeSchedule(id: string, scheduleId: string): Promise<void>;
  /** All or none, each as a further version. `null`: the server keeps no versions, as Prefect's. */
  apply(request: ApplyRequest): Promise<ApplyReply | null>;
  /** The newest first. Only of a server of Ostinato. */
  versions(id: string): Promise<readonly BothViews<DeploymentVersion>[]>;
  /** Only of a server of Ostinato. */
  rollBack(id: string, version: number, source: VersionSource): Promise<BothViews<AppliedDeployment>>;
  /**
   * What became of its slots, the last first.
   *
   * @param page `before`: only those that were due earlier
   */
  slots(id: string, page: { readonly limit: number; readonly before?: string }): Promise<BothViews<SlotsOfDeployment>>;
  /**
   * Answers the run: its id and name.
   * @param placeholder the task run that it names as its parent, for a server that wants to have it first
   */
  run(
    id: string,
    request: RunRequest,
    placeholder?: TaskRun | null,
  ): Promise<BothViews<{ readonly id: string; readonly name: string }>>;
  /** What of these deployments waits, and is due at `before`; the earliest first. */
  takeDue(ids: readonly string[], before: Instant, limit: number): Promise<readonly DueDeploymentRun[]>;
}

export function deploymentsOf(plane: ControlPlane): DeploymentClient {
  // Prefect's server has no such field, and refuses it.
  const withCatchUp = <Each extends object>(schedules: readonly Each[]) =>
    schedules.map((schedule) =>
      plane.kind === 'ostinato' ? { catch_up: 'latest' as const, ...schedule } : asPrefects(schedule),
    );
  return {
    read: async (id) => known(await plane.find(READ_DEPLOYMENT, { id })),
    async ofRun(run, id) {
      if (plane.kind === 'prefect') {
        const there = known(await plane.find(READ_DEPLOYMENT, { id }));
        if (there === null) return null;
        const { plain: deployment } = there;
        const { work_pool_name: name } = deployment;
        const pool = name === null ? null : await plane.find(READ_WORK_POOL, { name });
        const { job_variables: ofRun } = (await plane.find(READ_FLOW_RUN, { id: run }))?.plain ?? {};
        const job = runJob(pool?.plain.base_job_template ?? {}, [deployment.job_variables, ofRun ?? {}]);
        return { deployment, pinnedVersion: null, job };
      }
      const found = await plane.find(READ_DEPLOYMENT_OF_RUN, { id: run });
      if (found === null) return null;
      const { deployment, pinned_version: pinnedVersion, job } = found.plain;
      return { deployment, pinnedVersion, job };
    },
    find: async (flowName, name) =>
      known(await plane.find(READ_DEPLOYMENT_BY_NAME, { flow_name: flowName, deployment_name: name })),
    list: async ({ limit, name }) => {
      const narrowed = name === undefined ? {} : { deployments: { name: { any_: [name] } } };
      const rows = await plane.list(FILTER_DEPLOYMENTS, { sort: 'NAME_ASC', ...narrowed }, { limit });
      return rows.map((row) => row as BothViews<Deployment>);
    },
    flowName: async (id) => (await plane.ask(READ_FLOW, { params: { id } })).plain.name,
    async flowNames(flowIds) {
      const names = new Map<string, string>();
      const ids = [...new Set(flowIds)];
      for (let at = 0; at < ids.length; at += PAGE_MAX) {
        const any = ids.slice(at, at + PAGE_MAX);
        const flows = await plane.list(FILTER_FLOWS, { flows: { id: { any_: any } } }, { limit: any.length });
        for (const { plain } of flows) names.set(plain.id, plain.name);
      }
      return names;
    },
    async create(flowName, name, fields) {
      const flow = await plane.ask(CREATE_FLOW, { body: { name: flowName } });
      const { schedules } = fields;
      const body = { name, flow_id: flow.plain.id, ...fields, ...(schedules && { schedules: withCatchUp(schedules) }) };
      const made = await plane.ask(CREATE_DEPLOYMENT, { body });
      return known(made) as BothViews<Deployment>;
    },
    update: async (id, body) => void (await plane.ask(UPDATE_DEPLOYMENT, { params: { id }, body })),
    remove: async (id) => void (await plane.ask(DELETE_DEPLOYMENT, { params: { id } })),
    pause: async (id) => void (await plane.ask(PAUSE_DEPLOYMENT, { params: { id } })),
    resume: async (id) => void (await plane.ask(RESUME_DEPLOYMENT, { params: { id } })),
    addSchedules: async (id, schedules) =>
      (await plane.ask(CREATE_SCHEDULES, { params: { id }, body: withCatchUp(schedules) })).exact,
    updateSchedule: async (id, scheduleId, change) => {
      const body = plane.kind === 'ostinato' ? change : asPrefects(change);
      await plane.ask(UPDATE_SCHEDULE, { params: { id, schedule_id: scheduleId }, body });
    },
    removeSchedule: async (id, scheduleId) =>
      void (await plane.ask(DELETE_SCHEDULE, { params: { id, schedule_id: scheduleId } })),
    apply: async (body) => (plane.kind === 'prefect' ? null : await plane.ask(APPLY_DEPLOYMENTS, { body })),
    async versions(id) {
      const { plain, exact } = await plane.ask(LIST_VERSIONS, { params: { id } });
      return plain.map((each, index) => ({ plain: each, exact: exact[index] ?? each }));
    },
    rollBack: async (id, version, source) =>
      await plane.ask(ROLL_BACK, { params: { id }, body: { version, source }, once: true }),
    slots: async (id, body) => (await plane.ask(LIST_SLOTS, { params: { id }, body })) as BothViews<SlotsOfDeployment>,
    run: async (id, body, placeholder = null) => {
      if (body.pinned_version && plane.kind === 'prefect')
        throw new OstinatoError('bad-input', 'The server of Prefect keeps no versions: a run can pin none.', {
          remedy: 'Leave the version out.',
        });
      const { priority, ...plainBody } = body;
      if (plane.kind === 'prefect' && priority) throw prioritiesUnknown();
      if (placeholder !== null && plane.kind === 'prefect') await makePlaceholder(plane, placeholder);
      // Under a key it is the same run, however often it is asked for.
      const once = body.idempotency_key === undefined || body.idempotency_key === null;
      const { plain, exact } = await plane.ask(RUN_DEPLOYMENT, {
        params: { id },
        body: plane.kind === 'prefect' ? plainBody : body,
        once,
      });
      return { plain: plain as { id: string; name: string }, exact: exact as { id: string; name: string } };
    },
    async takeDue(ids, before, limit) {
      const body = { deployment_ids: [...ids], scheduled_before: formatInstant(before), limit };
      const { plain } = await plane.ask(POLL_DEPLOYMENTS, { body });
      return plain.map(({ id, name, deployment_id: deploymentId, next_scheduled_start_time: dueAt }) => ({
        id: id as FlowRunId,
        name,
        deploymentId: deploymentId ?? '',
        dueAt: parseInstant(dueAt ?? '') ?? before,
      }));
    },
  };
}

/** @throws `bad-input` for what such a server would refuse without saying why */
function asPrefects<Said extends object>(schedule: Said): Said {
  const odd = SLOT_FIELDS.find((name) => name in schedule);
  if (odd === undefined) return schedule;
  throw new OstinatoError('bad-input', `The server is Prefect's, whose schedules have no ${odd}.`, {
    remedy: 'Leave it out, or use a server of Ostinato.',
  });
}

/** Task runs come to that server as events, some time later; the parent of a run has to be there at once. */
async function makePlaceholder(plane: ControlPlane, run: TaskRun): Promise<void> {
  const flowRunId = run.flowRunId === null ? null : await plane.runNames.remote(run.flowRunId);
  await plane.ask(CREATE_TASK_RUN, {
    body: {
      id: run.id,
      flow_run_id: flowRunId,
      name: run.name,
      task_key: run.taskKey,
      dynamic_key: run.dynamicKey,
      tags: [...run.tags],
      state: { type: 'PENDING' },
    },
  });
}

/** In a flow whose server may be away: it is waited for, but not for ever. */
export function tolerantDeployments({ sure }: Absence): DeploymentClient {
  return {
    read: (id) => sure(({ deployments }) => deployments.read(id)),
    ofRun: (run, id) => sure(({ deployments }) => deployments.ofRun(run, id)),
    find: (flowName, name) => sure(({ deployments }) => deployments.find(flowName, name)),
    list: (page) => sure(({ deployments }) => deployments.list(page)),
    flowName: (id) => sure(({ deployments }) => deployments.flowName(id)),
    // A copy can go to another thread.
    flowNames: (ids) => sure(({ deployments }) => deployments.flowNames([...ids])),
    create: (flowName, name, fields) => sure(({ deployments }) => deployments.create(flowName, name, fields)),
    update: (id, change) => sure(({ deployments }) => deployments.update(id, change)),
    remove: (id) => sure(({ deployments }) => deployments.remove(id)),
    pause: (id) => sure(({ deployments }) => deployments.pause(id)),
    resume: (id) => sure(({ deployments }) => deployments.resume(id)),
    addSchedules: (id, schedules) => sure(({ deployments }) => deployments.addSchedules(id, schedules)),
    updateSchedule: (id, scheduleId, change) =>
      sure(({ deployments }) => deployments.updateSchedule(id, scheduleId, change)),
    removeSchedule: (id, scheduleId) => sure(({ deployments }) => deployments.removeSchedule(id, scheduleId)),
    apply: (request) => sure(({ deployments }) => deployments.apply(request)),
    versions: (id) => sure(({ deployments }) => deployments.versions(id)),
    rollBack: (id, version, source) => sure(({ deployments }) => deployments.rollBack(id, version, source)),
    slots: (id, page) => sure(({ deployments }) => deployments.slots(id, page)),
    run: (id, request, placeholder) => sure(({ deployments }) => deployments.run(id, request, placeholder)),
    takeDue: (ids, before, limit) => sure(({ deployments }) => deployments.takeDue(ids, before, limit)),
  };
}

/** Of a server that may be another's: without the two there is nothing to work with. */
function known(found: BothViews<Deployment> | null): BothViews<Deployment> | null {
  if (found === null) return null;
  const { plain, exact } = found;
  if (typeof plain.id !== 'string' || typeof plain.name !== 'string')
    throw new OstinatoError('bad-input', 'The server answered something else than a deployment.', {
      remedy: 'Does OSTINATO_API_URL end with /api?',
    });
  return { plain, exact };
}
