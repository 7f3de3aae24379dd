/** Small rows and facts for the tests of the rules and of what stands on them. */

import type { FlowRun } from '../flow-run.ts';
import type { FlowId, FlowRunId, ProcessId, StateId, TaskRunId } from '../ids.ts';
import { stampState, type ProposedState, type State } from '../state.ts';
import type { TaskRun } from '../task-run.ts';
import type { Instant } from '../time.ts';
import { openFlowRun } from './apply-flow-run.ts';
import { openTaskRun } from './apply-task-run.ts';
import type { FlowRunFacts, TaskRunFacts } from './facts.ts';

export const T0 = 1_750_000_000_000_000 as Instant;

export function seconds(after: number): Instant {
  return (T0 + after * 1_000_000) as Instant;
}

export function sampleState(proposed: ProposedState, at: Instant = T0, id = `state-${at}`): State {
  return stampState(proposed, id as StateId, at);
}

export const FLOW_FACTS: FlowRunFacts = {
  runCount: 1,
  policy: { retries: 0, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
  hasDeployment: false,
  hasInfrastructure: false,
  isSubflow: false,
};

export const TASK_FACTS: TaskRunFacts = {
  runCount: 0,
  policy: { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
  flowRunAttempt: 1,
  flowRunRunCount: 1,
};

export function sampleFlowRun(state: State = sampleState({ type: 'PENDING' }), fields: Partial<FlowRun> = {}): FlowRun {
  const run = openFlowRun({
    id: '01975300-0000-7000-8000-000000000001' as FlowRunId, flowId: '01975300-0000-7000-8000-0000000000f1' as FlowId, flowName: 'sales',
    name: 'brave-otter', flowVersion: null, parameters: { kind: 'inline', text: '{}', hash: 'h' }, tags: [], labels: {},
    policy: FLOW_FACTS.policy, durability: 'process', parentTaskRunId: null, parentFlowRunId: null, idempotencyKey: null,
    entrypoint: null, lease: { processId: 'p1' as ProcessId, token: 1 }, createdAt: T0,
  }, state);
  return { ...run, ...fields };
}

export function sampleTaskRun(name: string, state: State = sampleState({ type: 'PENDING' }), fields: Partial<TaskRun> = {}): TaskRun {
  const run = openTaskRun({
    id: `task-run-${name}` as TaskRunId, flowRunId: '01975300-0000-7000-8000-000000000001' as FlowRunId, parentTaskRunId: null, name,
    taskName: name, taskKey: `${name}-0a1b`, dynamicKey: '0', step: `step-${name}`, callSite: `sales.ts:main:${name}()`, sourceHash: 's', mapId: null,
    tags: [], inputs: {}, policy: TASK_FACTS.policy, durability: 'process', isolation: 'signal', cache: null, flowRunRunCount: 1, createdAt: T0,
  }, state);
  return { ...run, ...fields };
}
