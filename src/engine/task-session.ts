/** Where the body of a task runs: beside the flow's code, or in a thread or process of its own. */

import { OstinatoError } from '../core/errors.ts';
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

/**
 * The error for a task with transaction hooks inside an isolated body: its hooks could run neither there nor in the
 * program.
 */
export function refusedInside({ within }: EnginePorts, { name, options }: TaskDefinition): OstinatoError | null {
  if (!within?.transaction || (options.onCommit === undefined && options.onRollback === undefined)) return null;
  return new OstinatoError(
    'unsupported',
    `Task "${name}" has hooks of transactions, and is called in a thread or process of its own inside transaction "${within.transaction.name}", where they cannot run.`,
    { remedy: "Call it from the flow, or run the task that calls it with isolation: 'signal'." },
  );
}
