/** Input that people and other runs give to a flow run while it runs: texts by key. */

import type { FlowRunId, FlowRunInputId } from './ids.ts';
import type { Instant } from './time.ts';

export interface FlowRunInput {
  readonly id: FlowRunInputId;
  readonly flowRunId: FlowRunId;
  /** Unique in its flow run. */
  readonly key: string;
  /** Usually JSON; only clients read it. */
  readonly value: string;
  /** Who sent it, for instance `prefect.flow-run.<id>`. */
  readonly sender: string | null;
  readonly createdAt: Instant;
}
