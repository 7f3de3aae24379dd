/** What a worker tells the process that it starts for a run, in its environment. */

import type { RunLease } from '../core/flow-run.ts';
import { isUuid, type FlowRunId, type ProcessId } from '../core/ids.ts';

/** The id of the run: by it all that the process starts is found again. */
export const RUN_ENTRY = 'OSTINATO__FLOW_RUN_ID';
/**
 * As which taking of the run: by it what is left of this process is told from the process of whoever has the run now.
 * Not the lease itself, which is told to nobody else.
 */
export const TAKING_ENTRY = 'OSTINATO__FLOW_RUN_TAKING';
/** The key of the environment that a program makes: by it what a dead worker left at work is found. */
export const MAKING_ENTRY = 'OSTINATO__MAKES_ENVIRONMENT';
export const LEASE_ENTRY = 'OSTINATO__FLOW_RUN_LEASE';

export function takingOf(run: { readonly id: FlowRunId; readonly lease: RunLease }): string {
  return `${run.id}:${run.lease.token}`;
}

export function encodeLease({ processId, token }: RunLease): string {
  return `${processId}:${token}`;
}

/** `null`: no worker has started this process. What the run starts itself is not told. */
export function takeHandedLease(environment: NodeJS.ProcessEnv): RunLease | null {
  const text = environment[LEASE_ENTRY];
  delete environment[LEASE_ENTRY];
  const [processId = '', token = ''] = (text ?? '').split(':');
  return isUuid(processId) && /^\d+$/.test(token) ? { processId: processId as ProcessId, token: Number(token) } : null;
}
