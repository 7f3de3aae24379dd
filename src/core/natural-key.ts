import type { FlowRunId } from './ids.ts';

/**
 * By what a task run is found again under another id, as one text (`ForeignTaskFields.naturalKey`). Of what a client reports
 * outside a flow run only the id names it (`null`); what it asks for has a key there, too.
 */
export function naturalKeyOf(flowRunId: FlowRunId | null, taskKey: string, dynamicKey: string): string | null {
  return flowRunId === null ? null : askedKeyOf(flowRunId, taskKey, dynamicKey);
}

export function askedKeyOf(flowRunId: FlowRunId | null, taskKey: string, dynamicKey: string): string {
  return JSON.stringify([flowRunId, taskKey, dynamicKey]);
}
