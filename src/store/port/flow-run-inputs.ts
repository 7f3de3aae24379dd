import type { FlowRunInput } from '../../core/flow-run-input.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { Stored } from '../port.ts';

export interface FlowRunInputStorage {
  insertFlowRunInput(input: FlowRunInput): Stored<'inserted' | 'key-taken' | 'no-flow-run'>;
  readFlowRunInput(flowRunId: FlowRunId, key: string): Stored<FlowRunInput | null>;
  /** Whose keys start with the prefix, oldest first. */
  listFlowRunInputs(flowRunId: FlowRunId, filter: { readonly prefix: string; readonly excludeKeys: readonly string[]; readonly limit: number }): Stored<readonly FlowRunInput[]>;
  /** Answers whether it was there. */
  deleteFlowRunInput(flowRunId: FlowRunId, key: string): Stored<boolean>;
}
