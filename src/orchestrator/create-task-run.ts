import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { StateId, TaskRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { askedKeyOf } from '../core/natural-key.ts';
import { openTaskRun } from '../core/rules/apply-task-run.ts';
import { randomRunName } from '../core/run-name.ts';
import { stampState } from '../core/state.ts';
import { taskNameOf } from '../core/task-run-report.ts';
import type { CreateTaskRun } from '../core/task-run-request.ts';
import type { TaskRun } from '../core/task-run.ts';
import { withoutUnpersistedData } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';
import { ofTaskRun, timesOf } from './task-run-move.ts';
import { tellScheduled } from './scheduled-task.ts';

export interface Made {
  readonly run: TaskRun;
  readonly created: boolean;
}

/**
 * Creates a task run whose client lets the server decide about its states. A repeated request for the same flow run,
 * task and dynamic key (or the same id) returns the existing run unchanged. `conflict` when there is no such flow run,
 * and for the id of another task run.
 */
export function createTaskRun(ports: OrchestratorPorts, request: CreateTaskRun): MaybePromise<Made> {
  const { storage, clock, ids, random } = ports;
  const { id, flowRunId, taskKey, dynamicKey } = request;
  const now = clock.now();
  const naturalKey = askedKeyOf(flowRunId, taskKey, dynamicKey);
  const made = storage.changeTaskRun<Made | { readonly taken: TaskRunId } | null, { readonly flowRun: true }>(
    { id, naturalKey, flowRunId },
    { flowRun: true },
    (found, { flowRun }) => {
      if (found !== null) {
        const isAnother = found.taskKey !== taskKey || found.dynamicKey !== dynamicKey || found.flowRunId !== flowRunId;
        return { answer: isAnother ? { taken: found.id } : { run: found, created: false } };
      }
      if (flowRunId !== null && flowRun === null) return { answer: null };
      const state = ofTaskRun(request, stampState(request.state ?? { type: 'PENDING' }, ids.next<StateId>(), now));
      const run = openTaskRun(
        {
          id,
          flowRunId,
          processId: null,
          parentTaskRunId: null,
          name: request.name ?? randomRunName(random),
          taskName: taskNameOf(taskKey),
          taskKey,
          dynamicKey,
          step: '',
          callSite: '',
          sourceHash: '',
          mapId: null,
          tags: request.tags,
          inputs: request.inputs,
          policy: request.policy,
          durability: 'sync',
          isolation: 'signal',
          cache: null,
          flowRunRunCount: 0,
          createdAt: now,
          prefectClient: {
            naturalKey,
            labels: labelsOf(request, flowRun),
            taskVersion: request.taskVersion,
            cacheKey: request.cacheKey,
            cacheExpiration: request.cacheExpiration,
            empiricalPolicy: request.empiricalPolicy,
            ...timesOf(null, state),
          },
        },
        state,
      );
      const kept = withoutUnpersistedData(run);
      return { run: kept, states: [kept.state], answer: { run, created: true } };
    },
  );
  return chain(made, (answer) => {
    if (answer === null)
      throw new OstinatoError('conflict', `Data integrity conflict. There is no flow run ${flowRunId}.`);
    if ('taken' in answer)
      throw new OstinatoError('conflict', `Data integrity conflict. There is another task run ${answer.taken}.`);
    if (answer.created) tellScheduled(ports, answer.run);
    return answer;
  });
}

function labelsOf({ flowRunId, labels }: CreateTaskRun, flowRun: FlowRun | null): CreateTaskRun['labels'] {
  return { ...flowRun?.labels, ...(flowRunId === null ? {} : { 'prefect.flow-run.id': flowRunId }), ...labels };
}
