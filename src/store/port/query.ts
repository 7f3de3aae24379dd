/** Lists by condition, for the API: see `core/query.ts`. */

import type { Artifact } from '../../core/artifact.ts';
import type { BlockDocument, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import type { Flow, FlowRun } from '../../core/flow-run.ts';
import type { StateId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { Condition, Noun, Query } from '../../core/query.ts';
import type { State, StateType } from '../../core/state.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';
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
  readonly block_type: BlockType;
  readonly block_schema: BlockSchema;
  readonly block_document: BlockDocument;
  readonly saved_search: SavedSearch;
}

export interface HistoryRequest {
  readonly where: Condition;
  /** By which a run belongs to a bucket. */
  readonly field: 'expectedStartTime' | 'startTime';
  readonly start: Instant;
  readonly intervalUs: number;
  readonly buckets: number;
  /** For the estimates, which count what is under way. */
  readonly now: Instant;
}

/** Runs of one bucket that are in one state. */
export interface HistoryCount {
  /** From 0. */
  readonly bucket: number;
  readonly stateType: StateType;
  readonly stateName: string;
  readonly count: number;
  /** Microseconds in RUNNING of all of them together. */
  readonly runTimeUs: number;
  /** Microseconds by which they began late or are overdue, together. */
  readonly latenessUs: number;
}

/** What pages and clients keep to ask again: a name and their own description of filters. */
export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  /** JSON, as it was sent. */
  readonly filters: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface QueryStorage {
  /** At most 1,000 rows. `bad-input` for a field that the noun does not have. */
  find<N extends keyof EntityByNoun>(noun: N, query: Query): Stored<readonly EntityByNoun[N][]>;
  count(noun: Noun, where: Condition): Stored<number>;
  /** How many rows have each value of a field; ids as text. Rows without a value are left out. */
  countBy(noun: Noun, field: string, where: Condition): Stored<ReadonlyMap<string | number, number>>;
  /** Runs by bucket of time and state; buckets and states without runs are left out. */
  runHistory(noun: 'flow_run' | 'task_run', request: HistoryRequest): Stored<readonly HistoryCount[]>;
  /** Microseconds by which flow runs began late or are overdue, on average; `null` when there is none. */
  averageLateness(where: Condition, now: Instant): Stored<number | null>;
  /** With the id of the run that entered it. */
  readState(of: 'flow_run' | 'task_run', id: StateId): Stored<{ readonly state: State; readonly runId: string } | null>;

  /** Takes the place of the one with its name, whose id and creation it keeps. */
  writeSavedSearch(search: SavedSearch): Stored<SavedSearch>;
  /** Whether it was there. */
  deleteSavedSearch(id: string): Stored<boolean>;
}
