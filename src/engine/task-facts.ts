/**
 * What is recorded of a task run besides its states: its name, its item, and facts of its definition.
 */

import { LOG_LEVELS } from '../core/log.ts';
import { previewValue } from '../core/preview.ts';
import type { TaskAbout, TaskRunPolicy } from '../core/task-run.ts';
import { isAnnotated } from './annotations.ts';
import type { TaskDefinition, TaskOptions } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { EnginePorts } from './ports.ts';
import { runNameOf } from './run-names.ts';
import type { TaskCall } from './task-call.ts';

/** Whether its options say how a flow goes on when it fails. */
export function hasBranches({ fallback, optional }: TaskOptions): boolean {
  return fallback !== undefined || optional === true;
}

const policies = new WeakMap<TaskDefinition, TaskRunPolicy>();
const abouts = new WeakMap<TaskDefinition, TaskAbout>();

export function nameOf(
  ports: EnginePorts,
  call: TaskCall,
  flow: FlowScope | null,
  args: readonly unknown[],
  ordinal: number,
): string {
  const { definition } = call;
  const { runName } = definition.options;
  const byDefault = `${definition.name}-${call.itemIndex ?? ordinal}`;
  if (runName === undefined) return byDefault;
  const inputs = (): Readonly<Record<string, unknown>> => definition.inputs.of(args);
  const onProblem = (message: string): void => {
    if (flow) flow.log(LOG_LEVELS.warning, `${byDefault}: ${message}`);
    else for (const observer of ports.observers) observer.noticed?.(LOG_LEVELS.warning, `${byDefault}: ${message}`);
  };
  return runNameOf(runName, inputs, onProblem) ?? byDefault;
}

/** Opaque arguments are not previewed. */
export function previewItem({ args: [given] }: TaskCall, [item]: readonly unknown[]): string {
  return typeof given === 'object' && isAnnotated(given) && given.kind === 'opaque' ? 'opaque' : previewValue(item);
}

export function aboutOf(definition: TaskDefinition): TaskAbout | undefined {
  const { version, description } = definition.options;
  if (version === undefined && description === undefined) return undefined;
  let about = abouts.get(definition);
  if (!about) abouts.set(definition, (about = { version, description }));
  return about;
}

export function policyOf(definition: TaskDefinition): TaskRunPolicy {
  let policy = policies.get(definition);
  if (!policy) {
    const { options } = definition;
    policies.set(
      definition,
      (policy = {
        retries: options.retries ?? 0,
        retryDelaySeconds: definition.retryDelays,
        retryJitterFactor: options.retryJitterFactor ?? 0,
        timeoutSeconds: options.timeoutSeconds ?? null,
      }),
    );
  }
  return policy;
}
