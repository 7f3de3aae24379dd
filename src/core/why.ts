/**
 * Why a run is as it is: a pure function from recorded facts to an answer for people.
 *
 * The command line, the API and the pages show the same answer. Every sentence in `because` rests on one recorded fact
 * and carries its time; nothing is guessed.
 */

import type { GoesOn } from './after-crash.ts';
import type { FlowRun } from './flow-run.ts';
import type { FlowRunId, TaskRunId } from './ids.ts';
import type { ProcessRecord } from './process-record.ts';
import type { State, StateCounts } from './state.ts';
import type { TaskRun } from './task-run.ts';
import type { Instant } from './time.ts';
import type { WaitReason } from './waiting.ts';
import { explainFlowRun } from './why-flow-run.ts';
import { waitFacts } from './why-scheduled.ts';
import { explainTaskRun } from './why-task-run.ts';

/** A run that a sentence names, between double quotes. */
export interface NamedRun {
  readonly kind: 'flow_run' | 'task_run';
  readonly id: FlowRunId | TaskRunId;
  readonly name: string;
}

/** References and times inside a sentence, for readers who can follow links or count on. */
export interface SentenceParts {
  readonly about?: NamedRun | undefined;
  /** A time whose distance from now the sentence gives, as of when the explanation was asked for. */
  readonly moving?: Instant | undefined;
}

export interface Because extends SentenceParts {
  readonly fact: string;
  /** When it was recorded; `null` for a fact without a time. */
  readonly when: Instant | null;
}

/** `about` and `moving` are of the headline. */
export interface Explanation extends SentenceParts {
  /** One sentence. */
  readonly headline: string;
  /** Oldest first. */
  readonly because: readonly Because[];
  /** What happens next by itself, or what the reader can do. */
  readonly next: string;
  /** Of a run that waits: for what, as data, in the order in which it has to pass. */
  readonly waitsFor?: readonly WaitReason[] | undefined;
  /** Of a run that crashed: how it goes on by itself; absent: it does not. */
  readonly goesOn?: GoesOn | undefined;
}

/** The process that holds a flow run's lease, as far as it can be seen. */
export interface HolderEvidence {
  /** `null`: it is no longer registered. */
  readonly record: ProcessRecord | null;
  readonly alive: boolean;
  /** A sentence with the evidence. */
  readonly evidence: string;
}

export interface FlowRunOnRecord {
  readonly kind: 'flow-run';
  readonly run: FlowRun;
  /** Oldest first. */
  readonly states: readonly State[];
  readonly taskCounts: StateCounts;
  /** Failed or crashed task runs; the oldest of them are enough. */
  readonly failedTasks: readonly TaskRun[];
  /** Task runs that are running or wait for a retry; the oldest of them are enough. */
  readonly activeTasks: readonly TaskRun[];
  readonly holder: HolderEvidence | null;
  /** What it waits for; absent where only its server knows. */
  readonly waitsFor?: readonly WaitReason[] | undefined;
  /** What its server does by itself with a run that crashed; absent: nothing. */
  readonly goesOn?: GoesOn | null | undefined;
  /** The run that was begun for one that crashed, if there is one. */
  readonly begunAnew?: FlowRun | null | undefined;
  /** The last heartbeat of a run of another client; `null` when none came. */
  readonly heardAt?: Instant | null | undefined;
  readonly now: Instant;
}

export interface TaskRunOnRecord {
  readonly kind: 'task-run';
  readonly run: TaskRun;
  /** Oldest first. */
  readonly states: readonly State[];
  /** The task runs in its arguments and `waitFor`. */
  readonly upstream: readonly TaskRun[];
  /** `null` for a task outside a flow. */
  readonly flowRun: FlowRun | null;
  /** The limits on its tags that it waits for. */
  readonly waitsFor?: readonly WaitReason[] | undefined;
  readonly now: Instant;
}

export function explainRun(record: FlowRunOnRecord | TaskRunOnRecord): Explanation {
  if (record.kind === 'flow-run') return explainFlowRun(record);
  const told = explainTaskRun(record);
  const { waitsFor = [] } = record;
  return waitsFor.length === 0 ? told : { ...told, because: [...told.because, ...waitFacts(waitsFor)], waitsFor };
}
