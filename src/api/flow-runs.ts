import type { Static } from 'typebox';

import type { FlowRunCreate, FlowRunPolicyIn } from '../contract/body/flow-run.ts';
import { proposedState } from '../contract/decode/state.ts';
import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { encodeTransition } from '../contract/encode/transition.ts';
import { CREATE_FLOW_RUN, DELETE_FLOW_RUN, READ_FLOW_RUN, SET_FLOW_RUN_STATE, UPDATE_FLOW_RUN } from '../contract/routes/flow-runs.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRunPolicy, Submission } from '../core/flow-run.ts';
import type { DeploymentId, FlowId, FlowRunId, IdSource, TaskRunId } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export interface FlowRunParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
}

export function flowRunOperations({ useCases, clock, ids }: FlowRunParts): readonly Operation[] {
  return [
    operation(CREATE_FLOW_RUN, async ({ body, exact }) => {
      const flow = await useCases.readFlow(body.flow_id as FlowId);
      if (flow === null) throw new OstinatoError('conflict', `There is no flow ${body.flow_id}.`);
      const id = (body.id?.toLowerCase() ?? ids.next()) as FlowRunId;
      const now = clock.now();
      const run = await useCases.createFlowRun({
        id, flowName: flow.name,
        name: body.name || undefined,
        flowVersion: body.flow_version ?? null,
        parameters: { kind: 'foreign', text: JSON.stringify(exact['parameters'] ?? {}) },
        tags: body.tags ?? [],
        labels: { ...flow.labels, 'prefect.flow.id': flow.id, ...body.labels },
        policy: policyOf(body.empirical_policy ?? {}),
        durability: 'sync',
        parentTaskRunId: (body.parent_task_run_id?.toLowerCase() ?? null) as TaskRunId | null,
        parentFlowRunId: null,
        idempotencyKey: body.idempotency_key ?? undefined,
        entrypoint: null,
        state: body.state ? proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], now) : undefined,
        submission: submissionOf(body, exact),
      });
      const encoded = encodeFlowRun(run, now);
      return run.id === id ? created(encoded) : ok(encoded);
    }),
    operation(READ_FLOW_RUN, async ({ params }) =>
      ok(encodeFlowRun(found(await useCases.readFlowRun(params['id'] as FlowRunId), 'Flow run'), clock.now()))),
    operation(UPDATE_FLOW_RUN, async ({ params, body, exact }) => {
      await useCases.updateFlowRun(params['id'] as FlowRunId, {
        name: body.name ?? undefined,
        flowVersion: body.flow_version ?? undefined,
        tags: body.tags ?? undefined,
        policy: body.empirical_policy ? policyOf(body.empirical_policy) : undefined,
        parameters: body.parameters ? { kind: 'foreign', text: JSON.stringify(exact['parameters']) } : undefined,
        infrastructurePid: body.infrastructure_pid ?? undefined,
        jobVariables: body.job_variables ? JSON.stringify(exact['job_variables']) : undefined,
      });
      return NO_CONTENT;
    }),
    operation(DELETE_FLOW_RUN, async ({ params }) => {
      found((await useCases.deleteFlowRun(params['id'] as FlowRunId)) ? params : null, 'Flow run');
      return NO_CONTENT;
    }),
    operation(SET_FLOW_RUN_STATE, async ({ params, body, exact }) => {
      const now = clock.now();
      const answer = await useCases.setFlowRunState({
        id: params['id'] as FlowRunId,
        state: proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], now),
        force: body.force ?? false,
      });
      const isWritten = answer.status === 'accept' || (answer.status === 'reject' && answer.written);
      return isWritten ? created(encodeTransition(answer)) : ok(encodeTransition(answer));
    }),
  ];
}

/** Retries may be said by their old or by their new name. */
export function policyOf(policy: Static<typeof FlowRunPolicyIn>): FlowRunPolicy {
  const delay = policy.retry_delay ?? (policy.retry_delay_seconds || null);
  return {
    retries: policy.retries ?? (policy.max_retries || null),
    retryDelaySeconds: delay === null ? [] : [delay],
    timeoutSeconds: null,
    resume: 'manual',
    resuming: policy.resuming ?? false,
    pauseKeys: policy.pause_keys ?? [],
    retryType: policy.retry_type ?? null,
  };
}

function submissionOf(body: Static<typeof FlowRunCreate>, exact: Readonly<Record<string, unknown>>): Submission {
  return {
    deploymentId: (body.deployment_id?.toLowerCase() ?? null) as DeploymentId | null,
    deploymentVersion: null,
    workQueueId: null,
    autoScheduled: false,
    infrastructurePid: null,
    infrastructureDocumentId: body.infrastructure_document_id ?? null,
    createdBy: null,
    context: JSON.stringify(exact['context'] ?? {}),
    jobVariables: body.job_variables ? JSON.stringify(exact['job_variables']) : null,
  };
}

