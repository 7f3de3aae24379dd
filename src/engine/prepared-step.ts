/** A step whose inputs are known: what is recorded of its task run before its first state. */

import { OstinatoError } from '../core/errors.ts';
import type { NewTaskRun } from '../core/rules/apply-task-run.ts';
import type { RecordedStep } from '../core/task-run.ts';
import { type FoundFutures } from './arguments.ts';
import type { FlowScope } from './flow-scope.ts';
import type { EnginePorts } from './ports.ts';
import { aboutOf, nameOf, policyOf, previewItem } from './task-facts.ts';
import type { TaskCall } from './task-call.ts';
import { isolationOf } from './task-session.ts';

const NO_INPUTS: Readonly<Record<string, never>> = Object.freeze({});

export interface PreparedStep {
  readonly call: TaskCall;
  readonly ports: EnginePorts;
  readonly flow: FlowScope | null;
  readonly step: string;
  readonly args: readonly unknown[];
  readonly found: FoundFutures | null;
  /** The upstream failure that keeps the body from running. */
  readonly upstream: OstinatoError | null;
}

/** @param given the step's number, where it is known */
export function describeTaskRun(
  { call, ports, flow, step, args, found, upstream }: PreparedStep,
  recorded: RecordedStep | undefined,
  given: number | null,
): NewTaskRun {
  const { definition, future, frame } = call;
  const ordinal = given ?? (flow ? flow.nextOrdinal(definition.taskKey) : 0);
  const inputs = found ? { ...call.mapEdges, ...found.edges() } : (call.mapEdges ?? NO_INPUTS);
  return {
    id: recorded?.id ?? future.taskRunId,
    flowRunId: flow?.flowRun.id ?? null,
    processId: flow ? null : ports.process.id,
    parentTaskRunId: frame?.scope.taskRun?.id ?? null,
    name: nameOf(ports, call, flow, args, ordinal),
    taskName: definition.name,
    taskKey: definition.taskKey,
    dynamicKey: recorded?.dynamicKey ?? (flow ? `${flow.flowRun.runCount}-${ordinal}` : future.taskRunId),
    step,
    callSite: call.site.label,
    sourceHash: definition.sourceHash,
    mapId: call.mapId,
    item:
      call.itemIndex === null ? undefined : { index: call.itemIndex, input: upstream ? null : previewItem(call, args) },
    about: aboutOf(definition),
    tags: call.tags,
    inputs,
    policy: policyOf(definition),
    durability: definition.options.durability ?? flow?.flowRun.durability ?? ports.settings.durability,
    isolation: ports.within ? 'signal' : isolationOf(definition, flow),
    cache: null,
    prefectClient: null,
    flowRunRunCount: flow?.flowRun.runCount ?? 0,
    createdAt: recorded?.createdAt ?? call.future.createdAt,
  };
}
