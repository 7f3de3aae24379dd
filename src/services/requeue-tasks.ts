import type { TaskRunId } from '../core/ids.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { EventStorage } from '../store/port/events.ts';

const PAGE = 500;

/**
 * Deferred task runs that waited for a worker when the server ended wait again, oldest first. A worker that had taken
 * one may not have been able to say that it began: it needs a moment to come back and say so, or the run would be
 * carried out twice.
 *
 * @param startedAt of the server: later ones are queued when they are made
 */
export async function requeueTasks(
  storage: Pick<EventStorage, 'listScheduledTaskRuns'>,
  queue: { enqueue(run: TaskRun): void },
  startedAt: Instant,
): Promise<void> {
  for (let after: TaskRunId | undefined; ;) {
    const runs = await storage.listScheduledTaskRuns({ after, limit: PAGE });
    for (const run of runs)
      if (run.state.details.deferred === true && run.state.timestamp < startedAt) queue.enqueue(run);
    after = runs.at(-1)?.id;
    if (runs.length < PAGE) return;
  }
}
