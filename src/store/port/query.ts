/** Lists by condition, for the API: see `core/query.ts`. */

import type { Artifact } from '../../core/artifact.ts';
import type { Flow, FlowRun } from '../../core/flow-run.ts';
import type { LogRecord } from '../../core/log.ts';
import type { Condition, Noun, Query } from '../../core/query.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Variable } from '../../core/variable.ts';
import type { Stored } from '../port.ts';

/** What a row of each noun is read as. */
export interface EntityByNoun {
  readonly flow: Flow;
  readonly flow_run: FlowRun;
  readonly task_run: TaskRun;
  readonly log: LogRecord & { readonly seq: number };
  readonly artifact: Artifact;
  /** The newest artifact of a key. */
  readonly artifact_collection: Artifact;
  readonly variable: Variable;
}

export interface QueryStorage {
  /** At most 1,000 rows. `bad-input` for a field that the noun does not have. */
  find<N extends keyof EntityByNoun>(noun: N, query: Query): Stored<readonly EntityByNoun[N][]>;
  count(noun: Noun, where: Condition): Stored<number>;
}
