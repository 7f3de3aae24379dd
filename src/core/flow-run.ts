/** A flow and its runs, as they are recorded. */

import type { Durability } from './durability.ts';
import type { DeploymentId, FlowId, FlowRunId, ProcessId, TaskRunId } from './ids.ts';
import type { State } from './state.ts';
import type { Instant } from './time.ts';
import type { ValueRef } from './value.ts';
import type { QueueOfRun } from './work-pool.ts';

export interface Flow {
  readonly id: FlowId;
  readonly name: string;
  readonly tags: readonly string[];
  readonly labels: Labels;
  /** What the option `description` of the newest run's program says; absent: nothing. */
  readonly description?: string | undefined;
  readonly createdAt: Instant;
  /** When its tags were last changed; absent: never. */
  readonly updatedAt?: Instant | undefined;
}

/** Machine-readable marks; Prefect's values are text, numbers and booleans. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

/** Where the code of a flow is, so that a later process can run it again. */
export interface Entrypoint {
  /** Absolute path of the file that calls `flow(…)`. */
  readonly file: string;
  /** The name under which that file exports the flow; `null` when it was never seen exported. */
  readonly exportName: string | null;
}

/** The retry and resume policy of a flow run; delays in seconds, one per retry, the last one repeats. */
/** A flow in a list: with how many runs it has, and the newest of them. */
export interface FlowSummary extends Flow {
  readonly runCount: number;
  readonly lastRunId: FlowRunId | null;
}

export interface FlowRunPolicy {
  /** `null`: not known yet (a run of a deployment before its process begins); then no retries are opened. */
  readonly retries: number | null;
  readonly retryDelaySeconds: readonly number[];
  readonly timeoutSeconds: number | null;
  /** `automatic`: when its process is gone, the next process that starts this flow continues the run. */
  readonly resume: 'manual' | 'automatic';
  readonly resuming?: boolean | undefined;
  readonly pauseKeys?: readonly string[] | undefined;
  readonly retryType?: 'in_process' | 'reschedule' | null | undefined;
  /** The older form of `retries` and `retryDelaySeconds`, as a client sent it: returned as it is. Default 0. */
  readonly maxRetries?: number | undefined;
  readonly earlierDelaySeconds?: number | undefined;
}

/** Who holds the run. The token grows with every holder: writes with an older one are refused (fencing). */
export interface RunLease {
  readonly processId: ProcessId;
  readonly token: number;
}

/**
 * Who runs a flow run.
 *
 * - `ostinato`: our own engine, in the process that began it.
 * - `prefect-client`: a client of Prefect, in the process that began it.
 * - `worker`: whoever takes the runs of its deployment and starts a process for each.
 */
export const RUNNERS = ['ostinato', 'prefect-client', 'worker'] as const;
export type Runner = (typeof RUNNERS)[number];

/** What created a run: a schedule, an automation, a deployment. */
export interface Creator {
  readonly id: string | null;
  /** For instance `SCHEDULE`. */
  readonly type: string | null;
  readonly displayValue: string | null;
}

/** Further fields of a run that was created over the API: by a deployment, a schedule, a Prefect client. */
export interface Submission extends QueueOfRun {
  readonly deploymentId: DeploymentId | null;
  /** For its events; a deployment keeps its name. Absent: of a run that was not made from the deployment itself. */
  readonly deploymentName?: string | undefined;
  readonly deploymentVersion: string | null;
  /** Created by a schedule. */
  readonly autoScheduled: boolean;
  /** Identifies the process, container or job that was started for it. */
  readonly infrastructurePid: string | null;
  readonly infrastructureDocumentId: string | null;
  readonly createdBy: Creator | null;
  /** JSON object with remarks of the client. */
  readonly context: string;
  /** JSON object: what it changes in the job template of its work pool; `null`: nothing. */
  readonly jobVariables: string | null;
  /** The lower, the sooner it begins among runs that are due (`core/run-priority.ts`). Absent: 0. */
  readonly priority?: number | undefined;
}

export interface FlowRun {
  readonly id: FlowRunId;
  readonly flowId: FlowId;
  readonly flowName: string;
  readonly name: string;
  /** Hash of the flow's source unless the user gave a version. */
  readonly flowVersion: string | null;
  /** The validated parameters, encoded by `core/codec.ts`. */
  readonly parameters: ValueRef;
  readonly tags: readonly string[];
  readonly labels: Labels;
  readonly state: State;
  /** How many times a RUNNING state was entered. */
  readonly runCount: number;
  readonly policy: FlowRunPolicy;
  readonly durability: Durability;
  readonly parentTaskRunId: TaskRunId | null;
  readonly parentFlowRunId: FlowRunId | null;
  readonly idempotencyKey: string | null;
  readonly entrypoint: Entrypoint | null;
  readonly lease: RunLease | null;
  readonly runner: Runner;
  /** `null`: not created over the API. */
  readonly submission: Submission | null;
  readonly createdAt: Instant;
  /** When somebody last changed it other than by a state; absent: never. */
  readonly updatedAt?: Instant | undefined;
  readonly expectedStartTime: Instant | null;
  readonly startTime: Instant | null;
  readonly endTime: Instant | null;
  /** Microseconds spent in RUNNING, all attempts together. */
  readonly totalRunTimeUs: number;
}
