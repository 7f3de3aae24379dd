import type * as wire from '../schema/flow-run-input.ts';
import type { FlowRunInput } from '../../core/flow-run-input.ts';
import { formatInstant } from '../../core/time.ts';

export function encodeFlowRunInput({ id, flowRunId, key, value, sender, createdAt }: FlowRunInput): wire.FlowRunInput {
  const created = formatInstant(createdAt);
  return { id, created, updated: created, flow_run_id: flowRunId, key, value, sender };
}
