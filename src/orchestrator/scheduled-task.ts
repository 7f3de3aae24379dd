import type { TaskRun } from '../core/task-run.ts';
import type { OrchestratorPorts } from './ports.ts';

/** A deferred task run that waits to be run is handed on; one that awaits its retry, too. */
export function tellScheduled({ onTaskScheduled }: OrchestratorPorts, run: TaskRun): void {
  if (run.state.type === 'SCHEDULED' && run.state.details.deferred === true) onTaskScheduled?.(run);
}
