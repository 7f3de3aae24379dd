/** Calling a flow: makes the future, and starts a root run or, inside another flow, a subflow. */

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { holdsBackRoot } from './adoption.ts';
import type { FlowDefinition } from './definitions.ts';
import { currentDoor } from './door.ts';
import { StreamFlowFuture, type FlowCall } from './flow-call.ts';
import { FlowFuture } from './future.ts';
import type { EnginePorts } from './ports.ts';
import { currentFrame, runOutside, surroundingTags } from './run-context.ts';
import { runNewOrResumed, settleFlow } from './start-flow.ts';
import { runSubflow } from './subflow.ts';

export function callFlow(
  definition: FlowDefinition,
  thisArg: unknown,
  parameters: unknown,
  below: (...args: never[]) => unknown,
  resume: FlowRun | null = null,
  { handedOver = null, taken = null }: Partial<Pick<FlowCall, 'handedOver' | 'taken'>> = {},
): FlowFuture<unknown> {
  const frame = currentFrame() ?? null;
  const door = frame ? frame.scope.ports : currentDoor();
  const site = door.callSites.capture(below);
  const id = resume?.id ?? door.ids.next<FlowRunId>();
  const future = definition.streams
    ? new StreamFlowFuture<unknown>(id, definition.name, door.clock)
    : new FlowFuture<unknown>(id, definition.name, door.clock);
  const around = surroundingTags();
  const tags = [...new Set([...around, ...(definition.options.tags ?? [])])];
  const continueBeside = (run: FlowRun): void =>
    void runOutside(() => callFlow(definition, thisArg, undefined, continueBeside, run));
  const call: FlowCall = {
    definition,
    thisArg,
    parameters,
    future,
    frame,
    tags,
    site,
    resume,
    handedOver,
    taken,
    continueBeside,
  };
  if (frame && future instanceof StreamFlowFuture) frame.scope.flow?.watchStream(future, frame.scope.cancellation);
  // A file that is loaded only for its definitions must not start the runs that stand at its top level.
  if (!frame?.scope.flow && !resume && holdsBackRoot(definition, future, frame !== null, site)) return future;
  const work = frame?.scope.flow ? runSubflow(call, frame.scope.flow) : runRoot(call);
  frame?.scope.ports.within?.hold(work);
  return future;
}

async function runRoot(call: FlowCall): Promise<void> {
  const { future } = call;
  let ports: EnginePorts | undefined;
  try {
    ports = call.frame?.scope.ports ?? (await currentDoor().open());
    const outcome = await runNewOrResumed(call, ports, null);
    settleFlow(future, outcome);
  } catch (error) {
    future.settle({ ok: false, error }, future.state as never);
  } finally {
    try {
      await ports?.recorder.flush();
    } catch {
      /* The recorder has reported it, and keeps the journal. */
    }
  }
}
