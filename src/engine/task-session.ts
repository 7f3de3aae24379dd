/** Where the body of a task runs: beside the flow's code, or in a thread or process of its own. */

import type { Isolation } from '../core/task-run.ts';
import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import { sessionOfIsolates } from './isolation/runners.ts';
import type { EnginePorts } from './ports.ts';
import type { TaskRunnerSession } from './task-runner.ts';

const inlineSession: TaskRunnerSession = { run: (work) => work.inline(), close: async () => {} };

export function isolationOf(definition: TaskDefinition, flow: FlowScope | null): Isolation {
  return definition.options.isolation ?? flow?.definition.options.taskRunner?.isolation ?? 'signal';
}

export function sessionFor(definition: TaskDefinition, flow: FlowScope | null, ports: EnginePorts): TaskRunnerSession {
  if (ports.within) return inlineSession;
  const { isolation } = definition.options;
  if (isolation === 'thread' || isolation === 'process') return sessionOfIsolates(ports, isolation);
  if (isolation === 'signal') return inlineSession;
  return flow?.session ?? inlineSession;
}
