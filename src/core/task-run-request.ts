/**
 * Requests of clients that let the server decide about their task runs (Prefect 2; deferred tasks and subflows of
 * Prefect 3).
 */

import type { ProtocolClient } from './flow-run-request.ts';
import type { Labels } from './flow-run.ts';
import type { FlowRunId, StateId, TaskRunId } from './ids.ts';
import type { ProposedState } from './state.ts';
import type { TaskInput, TaskRunPolicy } from './task-run.ts';
import type { Instant } from './time.ts';

export interface CreateTaskRun {
  readonly id: TaskRunId;
  readonly flowRunId: FlowRunId | null;
  readonly taskKey: string;
  /** Identifies the run together with task key and flow run: a repeated request finds the same run. */
  readonly dynamicKey: string;
  /** A random adjective-animal name when absent. */
  readonly name?: string | undefined;
  readonly tags: readonly string[];
  readonly labels: Labels;
  readonly inputs: Readonly<Record<string, readonly TaskInput[]>>;
  readonly policy: TaskRunPolicy;
  /** The policy as JSON, as the client sent it. */
  readonly empiricalPolicy: string;
  readonly taskVersion: string | null;
  readonly cacheKey: string | null;
  readonly cacheExpiration: Instant | null;
  /** PENDING when absent. */
  readonly state?: ProposedState | undefined;
}

export interface SetTaskRunState {
  readonly id: TaskRunId;
  readonly state: ProposedState;
  /** Skip the rules. */
  readonly force?: boolean | undefined;
  /** Only if the run is still in this state; else the answer is an abort. */
  readonly onlyFrom?: StateId | undefined;
  readonly client?: ProtocolClient | undefined;
}
