/** Lists by condition, for the API: see `core/query.ts`. */

import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { FlowRunId, StateId, TaskRunId } from '../../core/ids.ts';
import type { KeyPage, ListedNoun } from '../../core/list-query.ts';
import type { StateMark } from '../../core/run-segments.ts';
import type { ShapeSpan, TaskRunGroup } from '../../core/task-run-groups.ts';
import type { Condition, EntityByNoun, Noun, Query } from '../../core/query.ts';
import type { State, StateType } from '../../core/state.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';

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

/** A pair of type and name that runs entered, and the times of the first and last that is still kept. */
export interface ObservedState {
  readonly type: StateType;
  readonly name: string;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
}

/** Some of the task runs of a flow run, oldest first. */
export interface GroupPage {
  readonly flowRunId: FlowRunId;
  /** Of these shapes: a stretch of them, or single ones. */
  readonly shapes: ShapeSpan | readonly number[];
  readonly stateTypes: readonly StateType[];
  /** Only what comes after this id; empty for all. */
  readonly after: TaskRunId | '';
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface QueryStorage {
  /**
   * A page by key, of logs at most 10,000 rows. `bad-input` for a field that the noun does not have, and for a value or
   * comparison that the field does not know.
   */
  list<N extends ListedNoun>(noun: N, page: KeyPage<N>): MaybePromise<readonly EntityByNoun[N][]>;
  /** As `list`, in any order, at most 1,000 rows. */
  find<N extends keyof EntityByNoun>(noun: N, query: Query): MaybePromise<readonly EntityByNoun[N][]>;
  count(noun: Noun, where: Condition): MaybePromise<number>;
  /** How many rows have each value of a field; ids as text. Rows without a value are left out. */
  countBy(noun: Noun, field: string, where: Condition): MaybePromise<ReadonlyMap<string | number, number>>;
  /** Runs by bucket of time and state; buckets and states without runs are left out. */
  runHistory(noun: 'flow_run' | 'task_run', request: HistoryRequest): MaybePromise<readonly HistoryCount[]>;
  /** Microseconds by which flow runs began late or are overdue, on average; `null` when there is none. */
  averageLateness(where: Condition, now: Instant): MaybePromise<number | null>;
  /**
   * The task runs of a flow run, folded into so many groups at most; in bounded memory, in steps between which others
   * are served.
   */
  groupTaskRuns(flowRunId: FlowRunId, groupsMax: number): MaybePromise<readonly TaskRunGroup[]>;
  listGroupedTaskRuns(page: GroupPage): MaybePromise<readonly TaskRun[]>;
  /** The states of these task runs, each run's oldest first. 100,000 at most. */
  listStateMarks(ids: readonly TaskRunId[]): MaybePromise<ReadonlyMap<TaskRunId, readonly StateMark[]>>;
  /** Every pair of all runs' states, in no order. Reads every state that is kept: about a second for a million. */
  observedStates(): MaybePromise<readonly ObservedState[]>;
  /** With the id of the run that entered it. */
  readState(
    of: 'flow_run' | 'task_run',
    id: StateId,
  ): MaybePromise<{ readonly state: State; readonly runId: string } | null>;
}
