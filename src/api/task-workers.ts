import { FILTER_TASK_WORKERS } from '../contract/routes/task-workers.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import { ok, operation, type Operation } from './operation.ts';

export interface TaskWorkers {
  /** Workers of one of these tasks; of all when none is given. */
  workers(
    taskKeys: readonly string[],
  ): readonly { readonly identifier: string; readonly taskKeys: readonly string[]; readonly seenAt: Instant }[];
}

export function taskWorkerOperations(present: TaskWorkers): readonly Operation[] {
  return [
    operation(FILTER_TASK_WORKERS, ({ body }) =>
      ok(
        present
          .workers(body.task_worker_filter?.task_keys ?? [])
          .map(({ identifier, taskKeys, seenAt }) => ({
            identifier,
            task_keys: taskKeys,
            timestamp: formatInstant(seenAt),
          })),
      ),
    ),
  ];
}
