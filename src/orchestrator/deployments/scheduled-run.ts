/** A run of a deployment that the server makes by itself, and that waits for a worker: of a schedule, or a backfill. */

import type { Creator, FlowRun, FlowRunPolicy, Labels } from '../../core/flow-run.ts';
import type { FlowRunId, StateId } from '../../core/ids.ts';
import { openFlowRun } from '../../core/rules/apply-flow-run.ts';
import { randomRunName } from '../../core/run-name.ts';
import { stampState } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { ofRun } from '../flow-run-move.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { mergedJson } from './fields.ts';
import { keyLabels, runLabels, submissionOf } from './runs.ts';

export interface ScheduledRun {
  readonly scheduledTime: Instant;
  readonly message: string;
  /** JSON object: over those of the deployment. */
  readonly parameters: string;
  /** Those of the deployment among them. */
  readonly tags: readonly string[];
  /** Beside those that every run of the deployment has. */
  readonly labels?: Labels;
  readonly idempotencyKey: string;
  readonly createdBy: Creator;
  readonly autoScheduled: boolean;
}

/** Nothing is said of it: the flow's own counts. */
export const UNSAID_POLICY: FlowRunPolicy = {
  retries: null,
  retryDelaySeconds: [],
  timeoutSeconds: null,
  resume: 'manual',
};

export function scheduledRun(
  { ids, random }: Pick<OrchestratorPorts, 'ids' | 'random'>,
  { deployment, flow, queue }: DeploymentRecord,
  asked: ScheduledRun,
  now: Instant,
): FlowRun {
  const id = ids.next<FlowRunId>();
  const { scheduledTime, message } = asked;
  const state = stampState({ type: 'SCHEDULED', scheduledTime, message }, ids.next<StateId>(), now);
  const parameters = mergedJson(deployment.parameters, asked.parameters);
  return openFlowRun(
    {
      id,
      flowId: flow.id,
      flowName: flow.name,
      name: randomRunName(random),
      flowVersion: null,
      parameters: { kind: 'foreign', text: parameters },
      tags: asked.tags,
      labels: { ...runLabels(deployment), ...asked.labels, ...keyLabels(deployment, parameters) },
      policy: UNSAID_POLICY,
      durability: 'sync',
      parentTaskRunId: null,
      parentFlowRunId: null,
      idempotencyKey: asked.idempotencyKey,
      entrypoint: null,
      lease: null,
      runner: 'worker',
      submission: {
        ...submissionOf(deployment, queue),
        autoScheduled: asked.autoScheduled,
        createdBy: asked.createdBy,
      },
      createdAt: now,
    },
    ofRun({ id, runner: 'worker', parentTaskRunId: null }, state),
  );
}
