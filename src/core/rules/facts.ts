/** What the rules need to know about a run beside its states. `FlowRun` and `TaskRun` rows give most of it as they are. */

import type { FlowRunPolicy } from '../flow-run.ts';
import type { FlowRunId } from '../ids.ts';
import type { CompletedState, StateType } from '../state.ts';
import type { TaskRunPolicy } from '../task-run.ts';
import type { Instant } from '../time.ts';
import type { DeploymentSlotFacts } from './slot-facts.ts';

interface RetryFacts {
  /** How many RUNNING states were entered so far. */
  readonly runCount: number;
  /** Seconds that somebody asked to wait for the next attempt (a `Retry-After`, a function of the user): wins over the policy's list. */
  readonly retryDelaySeconds?: number | null | undefined;
  /** The one who asks knows whole seconds only (Prefect's wire): a wait is rounded, and one below half a second is none. */
  readonly waitsInWholeSeconds?: boolean | undefined;
}

export interface FlowRunFacts extends RetryFacts {
  readonly policy: FlowRunPolicy;
  /** Runs of a deployment can be scheduled again by a worker; others only go on in a process that opens a new attempt. */
  readonly hasDeployment: boolean;
  /** A process holds it or infrastructure was started for it: somebody can hear a request to cancel. */
  readonly hasInfrastructure: boolean;
  readonly isSubflow: boolean;
  /** The slots of its deployment; absent or `null` for a run of no deployment, or of one that has no limit. */
  readonly slots?: DeploymentSlotFacts | null | undefined;
}

export interface TaskRunFacts extends RetryFacts {
  readonly policy: TaskRunPolicy;
  /** 0 ≤ draw < 1: one draw of the injected random source, used for the jitter of a retry's delay. Default 0.5 (no jitter). */
  readonly draw?: number | undefined;
  /** The type of the flow run's state now; `null` for a task outside a flow, absent when nobody looked. */
  readonly flowRunStateType?: StateType | null | undefined;
  /** Of a paused flow run: which one, and what its pause says. */
  readonly flowRunPause?: { readonly id: FlowRunId; readonly timeout?: Instant | undefined; readonly reschedules?: boolean | undefined } | undefined;
  /** The newest result that was kept under the proposal's cache key and has not expired; absent when nobody looked. */
  readonly cached?: CompletedState | null | undefined;
  /** How often the flow run has been started; greater than the task run's own mark when the flow is in a new attempt. */
  readonly flowRunAttempt: number;
  /** `flowRunRunCount` of the task run: the attempt of the flow in which it last moved. */
  readonly flowRunRunCount: number;
}
