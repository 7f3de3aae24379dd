/** The tables as Kysely sees them, for the lists only; their definition is in `migrations/`. */

import type { ArtifactRow } from '../rows/artifact.ts';
import type { FlowRow, FlowRunRow } from '../rows/flow-run.ts';
import type { LogRow } from '../rows/log.ts';
import type { StateRow } from '../rows/state.ts';
import type { TaskRunRow } from '../rows/task-run.ts';
import type { VariableRow } from '../rows/variable.ts';
import type { IdValue } from '../id-value.ts';

/** A run's table has the columns of its current state, without what is read from the state's own row. */
type RunTable<Row extends StateRow, Joined extends string> = Omit<Row, 'state_message' | 'state_body' | Joined>;

interface StateTable {
  readonly run_id: IdValue;
  readonly id: IdValue;
  readonly type: string;
  readonly name: string;
  readonly timestamp: number;
  readonly message: string | null;
  readonly body: string | null;
}

export interface StoreTables {
  readonly flow: FlowRow;
  readonly flow_run: RunTable<FlowRunRow, 'flow_name'>;
  readonly flow_run_state: StateTable;
  readonly task_run: RunTable<TaskRunRow, 'shape_body'>;
  readonly task_run_state: StateTable;
  readonly task_shape: { readonly id: number; readonly task_key: string; readonly body: string };
  readonly log: LogRow;
  readonly artifact: ArtifactRow;
  readonly variable: VariableRow;
}
