/** All lists of one dialect, by subject. */

import { artifacts } from './artifacts.ts';
import type { QueryContext } from './context.ts';
import { flowRunCount, flowRuns } from './flow-runs.ts';
import { flows } from './flows.ts';
import { logs } from './logs.ts';
import { taskRunCounts, taskRuns } from './task-runs.ts';
import { variables } from './variables.ts';

export function listQueries(context: QueryContext) {
  return {
    flows: flows.bind(null, context),
    flowRuns: flowRuns.bind(null, context),
    flowRunCount: flowRunCount.bind(null, context),
    taskRuns: taskRuns.bind(null, context),
    taskRunCounts: taskRunCounts.bind(null, context),
    logs: logs.bind(null, context),
    artifacts: artifacts.bind(null, context),
    variables: variables.bind(null, context),
  };
}

export type ListQueries = ReturnType<typeof listQueries>;
