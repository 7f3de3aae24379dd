/**
 * Files that are imported only for their definitions: a worker looks for a task, `flow-run retry` for a flow.
 *
 * A script may call its flow at its top level. While it is loaded so, such a call starts nothing: its future never settles
 * and the loader goes on without it. The one exception is the call that a retry waits for: it becomes the retried run.
 */

import type { FlowRun } from '../core/flow-run.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRunId } from '../core/ids.ts';
import type { FlowDefinition } from './definitions.ts';
import type { FlowFuture } from './future.ts';
import type { EnginePorts } from './ports.ts';
import { loadMode } from './registry.ts';

interface Adoption {
  readonly flowRunId: FlowRunId;
  readonly flowName: string;
  readonly onAdopted: (future: FlowFuture<unknown>) => void;
  taken: boolean;
}

let adoption: Adoption | null = null;

/** The first top-level call of the flow becomes this run. */
export function offerForAdoption(flowRunId: FlowRunId, flowName: string, onAdopted: (future: FlowFuture<unknown>) => void): void {
  adoption = { flowRunId, flowName, onAdopted, taken: false };
}

/** Whether a top-level call must not start a run. */
export function isHeldBack(definition: FlowDefinition, future: FlowFuture<unknown>): boolean {
  if (loadMode() !== 'library') return false;
  if (!adoption || adoption.taken || adoption.flowName !== definition.name) return true;
  adoption.taken = true;
  adoption.onAdopted(future);
  return false;
}

/** The run that this call became; `null` for an ordinary call. */
export async function adoptedRun(definition: FlowDefinition, ports: EnginePorts): Promise<FlowRun | null> {
  if (!adoption?.taken || adoption.flowName !== definition.name || loadMode() !== 'library') return null;
  const { flowRunId } = adoption;
  adoption = null;
  const run = await ports.client.readFlowRun(flowRunId);
  if (!run) throw new OstinatoError('not-found', `There is no flow run ${flowRunId}.`);
  return run;
}
