/** What clients that let the server decide about their task runs (Prefect 2; deferred tasks and subflows of Prefect 3) ask. */

import type { ProtocolClient } from './flow-run-request.ts';
import type { Labels } from './flow-run.ts';
import type { FlowRunId, TaskRunId } from './ids.ts';
import type { ProposedState } from './state.ts';
import type { TaskInput, TaskRunPolicy } from './task-run.ts';
import type { Instant } from './time.ts';

export interface CreateTaskRun {
  readonly id: TaskRunId;
  readonly flowRunId: FlowRunId | null;
  readonly taskKey: string;
  /** With task key and flow run it names the run: asked for again, it is the same. */
  readonly dynamicKey: string;
  /** A random adjective-animal name when absent. */
  readonly name?: string | undefined;
  readonly tags: readonly string[];
  readonly labels: Labels;
  readonly inputs: Readonly<Record<string, readonly TaskInput[]>>;
  readonly policy: TaskRunPolicy;
  /** The policy as JSON, in the client's words. */
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
  /** Bypass the rules. */
  readonly force?: boolean | undefined;
  readonly client?: ProtocolClient | undefined;
}
