import type { State } from '../state.ts';
import type { TaskRun } from '../task-run.ts';
import { NO_EFFECTS, type RunEffects } from './decision.ts';
import { endTimeAfter, startTimeAfter, totalRunTimeAfter } from './timing.ts';

/** The fields of a new task run that do not depend on its state. */
export type NewTaskRun = Omit<TaskRun, 'state' | 'runCount' | 'startTime' | 'endTime' | 'totalRunTimeUs'>;

/** The row of a new run in its first state. */
export function openTaskRun(fresh: NewTaskRun, state: State): TaskRun {
  const before = { runCount: 0, startTime: null, endTime: null, totalRunTimeUs: 0 };
  return {
    ...fresh,
    state,
    runCount: state.type === 'RUNNING' ? 1 : 0,
    startTime: startTimeAfter(before, state),
    endTime: endTimeAfter(before, state),
    totalRunTimeUs: 0,
  };
}

/** The row after the run entered a state; `flowRunRunCount` is the attempt of the flow run in which that happened. */
export function applyToTaskRun(
  run: TaskRun,
  state: State,
  effects: RunEffects = NO_EFFECTS,
  flowRunRunCount = run.flowRunRunCount,
): TaskRun {
  const counted = effects.resetRunCount === true ? 0 : run.runCount;
  return {
    ...run,
    state,
    runCount: state.type === 'RUNNING' ? counted + 1 : counted,
    flowRunRunCount,
    startTime: startTimeAfter(run, state),
    endTime: endTimeAfter(run, state),
    totalRunTimeUs: totalRunTimeAfter(run, run.state, state),
  };
}
