/** Steps of earlier attempts that were inside transactions, in subflows, too. */

import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { ROLLED_BACK, type Participation } from '../core/participation.ts';
import type { RecordedStep } from '../core/task-run.ts';
import { readMark } from './hook-mark.ts';
import { listSteps } from './list-steps.ts';
import type { EnginePorts } from './ports.ts';

export interface Remembered {
  readonly step: RecordedStep;
  readonly participation: Participation;
  /** Every subflow and task that surrounds the call. */
  readonly around: ReadonlySet<FlowRunId | TaskRunId>;
}

/** How a transaction ended. */
export type Ended = 'committed' | 'rolled-back';

/** @param steps of the flow run */
export async function rememberSteps(ports: EnginePorts, steps: readonly RecordedStep[]): Promise<Remembered[]> {
  const all: Remembered[] = [];
  const add = async (list: readonly RecordedStep[], outside: readonly (FlowRunId | TaskRunId)[]): Promise<void> => {
    const parents = new Map(list.map(({ id, parentTaskRunId }) => [id, parentTaskRunId ?? null]));
    for (const step of list) {
      const { participation, state } = step;
      if (!participation) continue;
      const around = new Set(outside);
      for (
        let parent = step.parentTaskRunId ?? null;
        parent !== null && !around.has(parent);
        parent = parents.get(parent) ?? null
      )
        around.add(parent);
      const child = state.details.childFlowRunId;
      if (child === undefined) all.push({ step, participation, around });
      else if (!around.has(child)) await add(await listSteps(ports, child), [...around, child]);
    }
  };
  await add(steps, []);
  return all;
}

/** Whether it has hooks for this end. */
export function hasHooks({ hooks }: Participation, how: Ended): boolean {
  return hooks !== null && readMark(hooks)[how === 'committed' ? 'hasCommit' : 'hasRollback'];
}

/** Whether what it did stands. */
export function stands({ state }: RecordedStep): boolean {
  return state.type === 'COMPLETED' && state.name !== ROLLED_BACK;
}

/** 1 when its end was decided about. */
export function started({ participation }: Remembered): number {
  return participation.decision === null ? 0 : 1;
}
