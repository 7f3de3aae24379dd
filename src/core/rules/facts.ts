/**
 * What the rules need to know about a run besides its states. The rows of flow runs and task runs have most of it; the
 * rest is read where a rule of the transition needs it.
 */

import type { FlowRunPolicy } from '../flow-run.ts';
import type { FlowRunId } from '../ids.ts';
import type { CompletedState, StateType } from '../state.ts';
import type { TaskRunPolicy } from '../task-run.ts';
import type { Instant } from '../time.ts';
import type { Rule } from './policy.ts';
import type { DeploymentSlotFacts, PoolSlotFacts, TagSlotFacts } from './slot-facts.ts';

interface RetryFacts {
  /** How many RUNNING states were entered so far. */
  readonly runCount: number;
  /**
   * Delay of the next attempt that was asked for (a `Retry-After`, a user's function), in seconds: wins over the
   * policy's list.
   */
  readonly retryDelaySeconds?: number | null | undefined;
  /** The caller only knows whole seconds (Prefect's wire): a wait is rounded, and one below half a second is none. */
  readonly waitsInWholeSeconds?: boolean | undefined;
}

export interface FlowRunFacts extends RetryFacts {
  readonly policy: FlowRunPolicy;
  /**
   * Runs of a deployment can be rescheduled for a worker; others only continue in a process that opens a new attempt.
   */
  readonly hasDeployment: boolean;
  /** A process holds it, or infrastructure was started for it: a request to cancel will be received. */
  readonly hasInfrastructure: boolean;
  readonly isSubflow: boolean;
  /** Prefect's clients send `retriable: false` for every flow run that failed, and still expect its retries. */
  readonly retriesWhateverFailed?: boolean | undefined;
  /** The slots of its deployment; `null` for a run of no deployment, or of one that has no limit. */
  readonly slots: DeploymentSlotFacts | null;
  /** The slots of its work pool and queue; `null` for a run in no queue. */
  readonly poolSlot: PoolSlotFacts | null;
}

/** A rule of flow runs, with the names of the facts that it reads. */
export type FlowRule<Name extends keyof FlowRunFacts> = Rule<Pick<FlowRunFacts, Name>>;

export interface TaskRunFacts extends RetryFacts {
  readonly policy: TaskRunPolicy;
  /**
   * 0 ≤ draw < 1: one draw of the injected random source, used for the jitter of a retry's delay. Default 0.5 (no
   * jitter).
   */
  readonly draw?: number | undefined;
  /** The type of the flow run's current state; `null` for a task outside a flow, absent when it was not read. */
  readonly flowRunStateType?: StateType | null | undefined;
  /** The pause of a paused flow run: which one, and its data. */
  readonly flowRunPause?:
    | { readonly id: FlowRunId; readonly timeout?: Instant | undefined; readonly reschedules?: boolean | undefined }
    | undefined;
  /** The newest unexpired result under the proposal's cache key; `null`: there is none, or no key. */
  readonly cached: CompletedState | null;
  /** The slots of the limits on its tags; `null`: no limit is on them, or whoever runs it takes its slots itself. */
  readonly tagSlots: TagSlotFacts | null;
  /**
   * How often the flow run has been started; greater than the task run's own mark when the flow is in a new attempt.
   */
  readonly flowRunAttempt: number;
  /** `flowRunRunCount` of the task run: the attempt of the flow in which it last moved. */
  readonly flowRunRunCount: number;
}

/** A rule of task runs, with the names of the facts that it reads. */
export type TaskRule<Name extends keyof TaskRunFacts> = Rule<Pick<TaskRunFacts, Name>>;
