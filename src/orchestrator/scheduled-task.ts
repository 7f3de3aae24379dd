import type { TaskRun } from '../core/task-run.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Hands a deferred task run on when it waits to be run, or for its retry. */
export function tellScheduled({ onTaskScheduled }: OrchestratorPorts, run: TaskRun): void {
  if (run.state.type === 'SCHEDULED' && run.state.details.deferred === true) onTaskScheduled?.(run);
}
