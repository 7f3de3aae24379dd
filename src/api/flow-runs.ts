import type { Static } from '../contract/type.ts';

import type { FlowRunCreate, FlowRunPolicyIn } from '../contract/body/flow-run.ts';
import { proposedState } from '../contract/decode/state.ts';
import { encodeExplanation } from '../contract/encode/explanation.ts';
import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { encodeState } from '../contract/encode/state.ts';
import { encodeTransition } from '../contract/encode/transition.ts';
import {
  CREATE_FLOW_RUN,
  DELETE_FLOW_RUN,
  EXPLAIN_FLOW_RUN,
  READ_FLOW_RUN,
  RESUME_FLOW_RUN,
  SET_FLOW_RUN_STATE,
  UPDATE_FLOW_RUN,
  UPDATE_FLOW_RUN_LABELS,
} from '../contract/routes/flow-runs.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun, FlowRunPolicy, Submission } from '../core/flow-run.ts';
import type { DeploymentId, FlowId, FlowRunId, IdSource, TaskRunId } from '../core/ids.ts';
import { saidPriority } from '../core/run-priority.ts';
import type { Clock } from '../core/time.ts';
import type { ValueRef } from '../core/value.ts';
import { NO_QUEUE, queueOfRun, type QueueOfRun } from '../core/work-pool.ts';
import { keyLabels, runLabels } from '../orchestrator/deployments/runs.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { clientOf, creatorOf, isStateWritten } from './client.ts';
import { logDownload } from './log-download.ts';
import { InvalidBody } from './failures.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export interface FlowRunParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
}

export function flowRunOperations(parts: FlowRunParts): readonly Operation[] {
  return [...rows(parts), ...moves(parts), logDownload(parts.useCases)];
}

function rows({ useCases, clock, ids }: FlowRunParts): readonly Operation[] {
  return [
    operation(CREATE_FLOW_RUN, async ({ body, exact, headers }) => {
      const queue = await queueNamed(useCases, body.work_pool_name, body.work_queue_name);
      const flow = await useCases.readFlow(body.flow_id.toLowerCase() as FlowId);
      if (flow === null)
        throw new OstinatoError('conflict', `Data integrity conflict. There is no flow ${body.flow_id}.`);
      const now = clock.now();
      const deployment = body.deployment_id
        ? await useCases.readDeployment({ id: body.deployment_id.toLowerCase() as DeploymentId })
        : null;
      const made = await useCases.submitFlowRun(
        {
          id: ids.next<FlowRunId>(),
          flowName: flow.name,
          name: body.name || undefined,
          flowVersion: body.flow_version ?? null,
          parameters: parametersOf(exact['parameters'] ?? {}, body.parameters),
          tags: body.tags ?? [],
          labels: {
            ...(deployment ? runLabels(deployment.deployment) : { ...flow.labels, 'prefect.flow.id': flow.id }),
            ...body.labels,
            ...(deployment ? keyLabels(deployment.deployment, JSON.stringify(exact['parameters'] ?? {})) : {}),
          },
          policy: policyOf(body.empirical_policy ?? {}),
          durability: 'sync',
          parentTaskRunId: (body.parent_task_run_id?.toLowerCase() ?? null) as TaskRunId | null,
          parentFlowRunId: null,
          idempotencyKey: body.idempotency_key ?? undefined,
          entrypoint: null,
          state: body.state
            ? proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], now)
            : undefined,
          runner: body.deployment_id || queue.workQueueId ? 'worker' : 'prefect-client',
          submission: { ...submissionOf(body, exact), ...queue, createdBy: creatorOf(headers) },
        },
        flow,
      );
      const encoded = encodeFlowRun(made.run, clock.now());
      return made.created ? created(encoded) : ok(encoded);
    }),
    operation(READ_FLOW_RUN, async ({ params }) =>
      ok(encodeFlowRun(found(await useCases.readFlowRun(params['id'] as FlowRunId), 'Flow run'), clock.now())),
    ),
    operation(UPDATE_FLOW_RUN, async ({ params, body, exact }) => {
      const id = params['id'] as FlowRunId;
      const run = found(await useCases.readFlowRun(id), 'Flow run');
      const refusal = body.job_variables ? jobVariablesRefusal(run) : null;
      if (refusal !== null) return { status: 400, body: { detail: refusal } };
      if (body.job_variables) await useCases.checkNewJobVariables(run, JSON.stringify(exact['job_variables']));
      await useCases.updateFlowRun(id, {
        // As for a new run: no name, or an empty one, means a drawn name.
        name: body.name === undefined ? undefined : body.name || null,
        flowVersion: body.flow_version ?? undefined,
        tags: body.tags ?? undefined,
        policy: body.empirical_policy ? policyOf(body.empirical_policy) : undefined,
        parameters: body.parameters ? parametersOf(exact['parameters'], body.parameters) : undefined,
        infrastructurePid: body.infrastructure_pid,
        // `null` deletes them, which is different from leaving them out.
        jobVariables: body.job_variables === undefined ? undefined : JSON.stringify(exact['job_variables']),
        priority: body.priority,
      });
      return NO_CONTENT;
    }),
    operation(DELETE_FLOW_RUN, async ({ params }) => {
      found((await useCases.deleteFlowRun(params['id'] as FlowRunId)) ? params : null, 'Flow run');
      return NO_CONTENT;
    }),
    operation(UPDATE_FLOW_RUN_LABELS, async ({ params, body }) => {
      await useCases.labelFlowRun(params['id'] as FlowRunId, body);
      return NO_CONTENT;
    }),
  ];
}

function moves({ useCases, clock }: FlowRunParts): readonly Operation[] {
  return [
    operation(SET_FLOW_RUN_STATE, async ({ params, body, exact, headers }) => {
      const answer = await useCases.setFlowRunState({
        id: params['id'] as FlowRunId,
        state: proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], clock.now()),
        force: body.force ?? false,
        client: clientOf(headers),
      });
      return isStateWritten(answer) ? created(encodeTransition(answer)) : ok(encodeTransition(answer));
    }),
    operation(RESUME_FLOW_RUN, async ({ params, exact, headers }) => {
      const answer = await useCases.continuePausedRun({
        id: params['id'] as FlowRunId,
        input: exact['run_input'] ?? null,
        client: clientOf(headers),
      });
      switch (answer.status) {
        case 'not-paused':
          return ok({ state: null, status: 'ABORT', details: { type: 'abort_details', reason: answer.reason } });
        case 'bad-input':
          return ok({
            state: encodeState(answer.state),
            status: 'REJECT',
            details: { type: 'abort_details', reason: answer.reason },
          });
        default:
          return isStateWritten(answer) ? created(encodeTransition(answer)) : ok(encodeTransition(answer));
      }
    }),
    operation(EXPLAIN_FLOW_RUN, async ({ params }) => {
      const run = found(await useCases.readFlowRun(params['id'] as FlowRunId), 'Flow run');
      const why = found(await useCases.explainRun(run.id), 'Flow run');
      return ok(encodeExplanation(why, { run_id: run.id, kind: 'flow_run', name: run.name }));
    }),
  ];
}

/** A queue without a pool is a name and no more, as with Prefect's server. */
async function queueNamed(
  useCases: UseCases,
  poolName: string | null | undefined,
  queueName: string | null | undefined,
): Promise<QueueOfRun> {
  if (!poolName) return { ...NO_QUEUE, workQueueName: queueName ?? null };
  const facts = await useCases.readWorkPool({ name: poolName });
  const queue = facts?.queues.find(({ id, name }) =>
    queueName ? name === queueName : id === facts.pool.defaultQueueId,
  );
  if (facts === null || queue === undefined) throw new OstinatoError('not-found', missingPool(poolName, queueName));
  return queueOfRun(facts.pool, queue);
}

function missingPool(pool: string, queue: string | null | undefined): string {
  return queue ? `Work pool queue '${pool}/${queue}' not found.` : `Work pool "${pool}" not found.`;
}

/** As JSON. Source: Prefect 3, `max_parameter_size`. */
export const PARAMETERS_BYTES_MAX = 524_288;

function parametersOf(exact: unknown, plain: unknown): ValueRef {
  return { kind: 'foreign', text: checkSize(exact, plain) };
}

/** The parameters as JSON; a 422 when that is too large. */
export function checkSize(exact: unknown, plain: unknown): string {
  const text = JSON.stringify(exact);
  const bytes = Buffer.byteLength(text);
  if (bytes > PARAMETERS_BYTES_MAX) {
    const [most, got] = [PARAMETERS_BYTES_MAX, bytes].map((count) => count.toLocaleString('en-US'));
    throw new InvalidBody(
      ['parameters'],
      `Flow run parameters must be less than ${most} bytes when serialized (got ${got} bytes).`,
      plain,
    );
  }
  return text;
}

/**
 * Why job variables may not be changed: they configure the job that a worker will start, so the run must be waiting for
 * a worker.
 */
function jobVariablesRefusal({ state, submission }: FlowRun): string | null {
  if (state.type !== 'SCHEDULED') return `Job variables for a flow run in state ${state.type} cannot be updated`;
  return submission?.deploymentId ? null : 'A deployment for the flow run could not be found';
}

/** Retries have an old and a new name. */
export function policyOf(policy: Static<typeof FlowRunPolicyIn>): FlowRunPolicy {
  // Zero under the new name leaves the old one in effect, as with Prefect's server.
  const delay = policy.retry_delay || policy.retry_delay_seconds || (policy.retry_delay ?? null);
  return {
    retries: policy.retries || policy.max_retries || (policy.retries ?? null),
    retryDelaySeconds: delay === null ? [] : [delay],
    timeoutSeconds: null,
    resume: 'manual',
    resuming: policy.resuming ?? false,
    pauseKeys: policy.pause_keys ?? [],
    retryType: policy.retry_type ?? null,
    maxRetries: policy.max_retries || undefined,
    earlierDelaySeconds: policy.retry_delay_seconds || undefined,
  };
}

function submissionOf(body: Static<typeof FlowRunCreate>, exact: Readonly<Record<string, unknown>>): Submission {
  return {
    deploymentId: (body.deployment_id?.toLowerCase() ?? null) as DeploymentId | null,
    deploymentVersion: null,
    ...NO_QUEUE,
    autoScheduled: false,
    infrastructurePid: null,
    infrastructureDocumentId: body.infrastructure_document_id ?? null,
    createdBy: null,
    context: JSON.stringify(exact['context'] ?? {}),
    jobVariables: body.job_variables ? JSON.stringify(exact['job_variables']) : null,
    ...saidPriority(body.priority),
  };
}
