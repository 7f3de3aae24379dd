import type { FlowRunId } from './ids.ts';

/**
 * The key by which a task run is found when its id is unknown (`PrefectClientFields.naturalKey`). Task runs that a
 * client reports outside a flow run only have their id (`null`); those that it requests have a key there, too.
 */
export function naturalKeyOf(flowRunId: FlowRunId | null, taskKey: string, dynamicKey: string): string | null {
  return flowRunId === null ? null : askedKeyOf(flowRunId, taskKey, dynamicKey);
}

export function askedKeyOf(flowRunId: FlowRunId | null, taskKey: string, dynamicKey: string): string {
  return JSON.stringify([flowRunId, taskKey, dynamicKey]);
}
