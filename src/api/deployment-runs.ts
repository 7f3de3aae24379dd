/** Schedules of deployments, and the runs that are made of deployments. */

import type { Static } from '../contract/type.ts';

import {
  POLL_DEPLOYMENTS,
  RUN_DEPLOYMENT,
  RUN_DEPLOYMENT_OFTEN,
  type DeploymentFlowRunCreate,
} from '../contract/deployment-routes.ts';
import {
  CREATE_SCHEDULES,
  decodeNewSchedule,
  decodeScheduleUpdate,
  DELETE_SCHEDULE,
  encodeSchedule,
  LIST_SCHEDULES,
  SCHEDULE_DEPLOYMENT,
  UPDATE_SCHEDULE,
} from '../contract/deployment-schedule.ts';
import { encodeCadence, encodeSlot, LIST_SLOTS } from '../contract/schedule-slot.ts';
import { instantIn, proposedState } from '../contract/decode/state.ts';
import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import { OstinatoError } from '../core/errors.ts';
import type { Creator } from '../core/flow-run.ts';
import type { DeploymentId, DeploymentScheduleId, TaskRunId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { actorOf, creatorOf } from './client.ts';
import type { DeploymentParts } from './deployments.ts';
import { checkSize, policyOf } from './flow-runs.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

type Exactly = Readonly<Record<string, unknown>>;

export function deploymentRunOperations(parts: DeploymentParts): readonly Operation[] {
  return [...schedules(parts), ...runs(parts)];
}

function schedules({ useCases, clock }: DeploymentParts): readonly Operation[] {
  return [
    operation(LIST_SCHEDULES, async ({ params }) => {
      const deployment = found(await useCases.readDeployment({ id: params['id'] as DeploymentId }), 'Deployment', '.');
      return ok(deployment.schedules.map(encodeSchedule));
    }),
    operation(CREATE_SCHEDULES, async ({ params, body, exact }) => {
      const given = body.map((schedule, index) =>
        decodeNewSchedule(schedule, exact[index] as Exactly | undefined, clock.now()),
      );
      return created((await useCases.createSchedules(params['id'] as DeploymentId, given)).map(encodeSchedule));
    }),
    operation(UPDATE_SCHEDULE, async ({ params, body, exact, headers }) => {
      await useCases.updateSchedule(
        params['id'] as DeploymentId,
        params['schedule_id'] as DeploymentScheduleId,
        decodeScheduleUpdate(body, exact, clock.now()),
        actorOf(headers),
      );
      return NO_CONTENT;
    }),
    operation(DELETE_SCHEDULE, async ({ params }) => {
      await useCases.deleteSchedule(params['id'] as DeploymentId, params['schedule_id'] as DeploymentScheduleId);
      return NO_CONTENT;
    }),
    operation(LIST_SLOTS, async ({ params, body }) => {
      const { slots: found, schedules } = await useCases.listSlots(params['id'] as DeploymentId, {
        before: instantIn(body.before) ?? null,
        limit: body.limit ?? LIMIT_DEFAULT,
      });
      return ok({
        slots: found.map(encodeSlot),
        schedules: schedules.map(({ schedule, cadence }) => encodeCadence(schedule, cadence)),
      });
    }),
    operation(SCHEDULE_DEPLOYMENT, async ({ params, body }) => {
      await useCases.scheduleRange(params['id'] as DeploymentId, {
        start: instantIn(body.start_time),
        end: instantIn(body.end_time),
        secondsMin: body.min_time ?? undefined,
        runsMin: body.min_runs ?? undefined,
        runsMax: body.max_runs ?? undefined,
      });
      return ok(null);
    }),
  ];
}

/** Source: Prefect 3, `BULK_CREATE_LIMIT`. */
const BULK_RUNS_MAX = 100;

function runs({ useCases, clock }: DeploymentParts): readonly Operation[] {
  return [
    operation(RUN_DEPLOYMENT, async ({ params, body, exact, headers }) => {
      const request = requestOf(body, exact, creatorOf(headers), clock.now());
      const made = await useCases.runDeployment(params['id'] as DeploymentId, request);
      const encoded = encodeFlowRun(made.run, clock.now());
      return made.created ? created(encoded) : ok(encoded);
    }),
    operation(RUN_DEPLOYMENT_OFTEN, async ({ params, body, exact, headers }) => {
      if (body.length > BULK_RUNS_MAX)
        throw new OstinatoError('bad-request', `Cannot create more than ${BULK_RUNS_MAX} flow runs at once.`);
      const requests = body.map((run, index) =>
        requestOf(run, (exact[index] ?? {}) as Exactly, creatorOf(headers), clock.now()),
      );
      const made = await useCases.runDeploymentOften(params['id'] as DeploymentId, requests);
      return ok({
        results: made.map((one) =>
          'run' in one
            ? { flow_run_id: one.run.id, status: 'CREATED', error: null }
            : { flow_run_id: null, status: 'FAILED', error: one.problem },
        ),
      });
    }),
    operation(POLL_DEPLOYMENTS, async ({ body }) => {
      const ids = body.deployment_ids.map((id) => id.toLowerCase() as DeploymentId);
      const due = await useCases.pollDeployments(
        ids,
        instantIn(body.scheduled_before) ?? null,
        body.limit ?? LIMIT_DEFAULT,
      );
      return ok(due.map((run) => encodeFlowRun(run, clock.now())));
    }),
  ];
}

function requestOf(
  body: Static<typeof DeploymentFlowRunCreate>,
  exact: Exactly,
  creator: Creator | null,
  now: Instant,
): Parameters<UseCases['runDeployment']>[1] {
  return {
    name: body.name || undefined,
    parameters: checkSize(exact['parameters'] ?? {}, body.parameters),
    enforceParameterSchema: body.enforce_parameter_schema ?? undefined,
    tags: body.tags ?? [],
    labels: body.labels ?? {},
    policy: policyOf(body.empirical_policy ?? {}),
    state: body.state ? proposedState(body.state, (exact['state'] as Exactly)['data'], now) : undefined,
    idempotencyKey: body.idempotency_key ?? undefined,
    parentTaskRunId: (body.parent_task_run_id?.toLowerCase() ?? null) as TaskRunId | null,
    infrastructureDocumentId: body.infrastructure_document_id?.toLowerCase() ?? null,
    context: JSON.stringify(exact['context'] ?? {}),
    jobVariables: body.job_variables ? JSON.stringify(exact['job_variables']) : null,
    workQueueName: body.work_queue_name || undefined,
    creator,
    pinnedVersion: body.pinned_version ?? undefined,
    priority: body.priority ?? undefined,
  };
}
