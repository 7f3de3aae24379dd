import type { TaskRunId } from '../core/ids.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { EventStorage } from '../store/port/events.ts';

const PAGE = 500;

/** Deferred task runs that waited for a worker when the server ended wait again, oldest first. */
export async function requeueTasks(storage: Pick<EventStorage, 'listScheduledTaskRuns'>, queue: { enqueue(run: TaskRun): void }): Promise<void> {
  for (let after: TaskRunId | undefined; ;) {
    const runs = await storage.listScheduledTaskRuns({ after, limit: PAGE });
    for (const run of runs) if (run.state.details.deferred === true) queue.enqueue(run);
    after = runs.at(-1)?.id;
    if (runs.length < PAGE) return;
  }
}
