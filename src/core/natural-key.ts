import type { FlowRunId } from './ids.ts';

/**
 * By what a task run is found again under another id, as one text (`ForeignTaskFields.naturalKey`); `null` outside a flow
 * run, where only the id names it.
 */
export function naturalKeyOf(flowRunId: FlowRunId | null, taskKey: string, dynamicKey: string): string | null {
  return flowRunId === null ? null : JSON.stringify([flowRunId, taskKey, dynamicKey]);
}
