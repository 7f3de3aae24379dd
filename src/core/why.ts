/**
 * Why a run is as it is: a pure function from recorded facts to an answer for people.
 *
 * The command line, the API and the pages show the same answer. Every sentence in `because` rests on one recorded fact
 * and carries its time; nothing is guessed.
 */

import type { FlowRun } from './flow-run.ts';
import type { ProcessRecord } from './process-record.ts';
import type { State, StateType } from './state.ts';
import type { TaskRun } from './task-run.ts';
import type { Instant } from './time.ts';
import { explainFlowRun } from './why-flow-run.ts';
import { explainTaskRun } from './why-task-run.ts';

export interface Because {
  readonly fact: string;
  /** When it was recorded; `null` for a fact without a time of its own. */
  readonly when: Instant | null;
}

export interface Explanation {
  /** One sentence. */
  readonly headline: string;
  /** Oldest first. */
  readonly because: readonly Because[];
  /** What happens next by itself, or what the reader can do. */
  readonly next: string;
}

/** The process that has the lease on a flow run, as far as it can be seen. */
export interface HolderEvidence {
  /** `null`: it is no longer registered. */
  readonly record: ProcessRecord | null;
  readonly alive: boolean;
  /** A sentence that says how that is known. */
  readonly evidence: string;
}

export interface FlowRunOnRecord {
  readonly kind: 'flow-run';
  readonly run: FlowRun;
  /** Oldest first. */
  readonly states: readonly State[];
  readonly taskCounts: Readonly<Partial<Record<StateType, number>>>;
  /** Task runs that failed or crashed; the oldest of them are enough. */
  readonly failedTasks: readonly TaskRun[];
  /** Task runs that run, or wait for a retry; the oldest of them are enough. */
  readonly activeTasks: readonly TaskRun[];
  readonly holder: HolderEvidence | null;
  /** The last heartbeat of a run that another client runs; `null` when none came. */
  readonly heardAt?: Instant | null | undefined;
  readonly now: Instant;
}

export interface TaskRunOnRecord {
  readonly kind: 'task-run';
  readonly run: TaskRun;
  /** Oldest first. */
  readonly states: readonly State[];
  /** The task runs that its arguments and `waitFor` name. */
  readonly upstream: readonly TaskRun[];
  /** `null` for a task outside a flow. */
  readonly flowRun: FlowRun | null;
  readonly now: Instant;
}

export function explainRun(record: FlowRunOnRecord | TaskRunOnRecord): Explanation {
  return record.kind === 'flow-run' ? explainFlowRun(record) : explainTaskRun(record);
}
