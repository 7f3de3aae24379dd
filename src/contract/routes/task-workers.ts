import { Type } from '../type.ts';

import { Maybe, Parts, type RouteContract } from '../route.ts';
import { DateTime } from '../schema/scalars.ts';

/** Who serves the task over an open socket; `timestamp` is when it was last heard of. */
export const TaskWorker = Type.Object({
  identifier: Type.String(),
  task_keys: Type.Array(Type.String()),
  timestamp: DateTime,
});

export const FILTER_TASK_WORKERS = {
  method: 'POST',
  path: '/task_workers/filter',
  name: 'read_task_workers',
  tag: 'Task workers',
  summary: 'List the workers that serve tasks now',
  body: Parts({ task_worker_filter: Maybe(Type.Object({ task_keys: Type.Array(Type.String()) })) }),
  isBodyOptional: true,
  answers: { 200: Type.Array(TaskWorker) },
} as const satisfies RouteContract;
