/** What callers ask about flow runs: the client port carries these, the orchestrator answers them. */

import type { Durability } from './durability.ts';
import type { Entrypoint, FlowRunPolicy, Labels, RunLease, Runner, Submission } from './flow-run.ts';
import type { FlowRunId, ProcessId, StateId, TaskRunId } from './ids.ts';
import type { ProcessRecord } from './process-record.ts';
import type { ProposedState } from './state.ts';
import type { TaskRun } from './task-run.ts';
import type { ValueRef } from './value.ts';

export interface CreateFlowRun {
  /** Made by the caller, so that a repeated request is told from a second run. */
  readonly id: FlowRunId;
  readonly flowName: string;
  /** A random adjective-animal name when absent. */
  readonly name?: string | undefined;
  readonly flowVersion: string | null;
  /** What the flow says of itself; `null`: nothing. Absent: the caller does not know, and what is there stays. */
  readonly flowDescription?: string | null | undefined;
  readonly parameters: ValueRef;
  readonly tags: readonly string[];
  readonly labels: Labels;
  readonly policy: FlowRunPolicy;
  readonly durability: Durability;
  readonly parentTaskRunId: TaskRunId | null;
  readonly parentFlowRunId: FlowRunId | null;
  /**
   * The task run in the parent that stands for this run (`parentTaskRunId`), for a server that wants to have it first.
   */
  readonly placeholder?: TaskRun | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly entrypoint: Entrypoint | null;
  /** The state it starts in; PENDING when absent. */
  readonly state?: ProposedState | undefined;
  /** The process that will run it: it gets the lease. */
  readonly processId?: ProcessId | undefined;
  readonly runner: Runner;
  /** For requests over the API. */
  readonly submission?: Submission | undefined;
}

/** A client of Prefect's make that asks over the API. */
export interface ProtocolClient {
  /** For instance `3.8.8`; `null` when it does not say. */
  readonly version: string | null;
}

export interface SetFlowRunState {
  readonly id: FlowRunId;
  /**
   * A transport that may repeat the request marks it (`details.transitionId`); under a lease it is then answered as the
   * first time.
   */
  readonly state: ProposedState;
  /** Bypass the rules (but not the invariants). */
  readonly force?: boolean;
  /**
   * The lease under which the caller runs it; refused with `lease-lost` when a newer one exists. Absent: an outsider's
   * request.
   */
  readonly leaseToken?: number | undefined;
  /** Seconds until the next attempt if the state is a failure with retries left; wins over the policy's delays. */
  readonly retryDelaySeconds?: number | undefined;
}

/** As `SetFlowRunState`, from inside the server. */
export interface ProposeFlowRunState extends SetFlowRunState {
  /** Who asks, over Prefect's API: waits are then told in whole seconds. */
  readonly client?: ProtocolClient | undefined;
  /** Only if the run is still in this state; else the answer is an abort. */
  readonly onlyFrom?: StateId | undefined;
}

export interface ResumeFlowRun {
  readonly id: FlowRunId;
  /** The process that will go on with it: it gets the lease. */
  readonly processId: ProcessId;
  /**
   * The lease of the worker that has taken the run and started the caller for it: the worker lives, and hands it over.
   * Refused when another lease is the newest.
   */
  readonly handedOver?: RunLease | undefined;
  /** Marks the request, so that a repeated transport of it is answered as the first one was. */
  readonly transitionId?: string | undefined;
  /** The caller, which is registered with the lease. Absent: it is. */
  readonly process?: ProcessRecord | undefined;
  /** The run waits in its queue, and is taken from there: PENDING and the lease, by the rules of PENDING. */
  readonly isQueued?: boolean | undefined;
  /** Written with the lease of a run that was asked for and that no attempt has begun. */
  readonly words?: FlowWords | undefined;
}

/** What only the code of a flow knows: whoever asked for the run could not say it. */
export interface FlowWords {
  readonly policy: Pick<FlowRunPolicy, 'retries' | 'retryDelaySeconds' | 'retryType'>;
  readonly flowVersion: string;
  readonly entrypoint: Entrypoint;
  /** Of its steps. */
  readonly durability: Durability;
  /** Beside those that the run has. */
  readonly tags: readonly string[];
  /** In place of the run's where both have one. */
  readonly labels: Labels;
}

export interface UpdateFlowRun {
  /** `null`: a new one is drawn. */
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly labels?: Labels | undefined;
  readonly entrypoint?: Entrypoint | undefined;
  readonly flowVersion?: string | undefined;
  readonly parameters?: ValueRef | undefined;
  /** Takes the place of the policy's part that clients know; timeout and way of resuming stay. */
  readonly policy?:
    | Pick<
        FlowRunPolicy,
        'retries' | 'retryDelaySeconds' | 'pauseKeys' | 'resuming' | 'retryType' | 'maxRetries' | 'earlierDelaySeconds'
      >
    | undefined;
  /** `null` clears it. */
  readonly infrastructurePid?: string | null | undefined;
  /** JSON object; `null` clears it. */
  readonly jobVariables?: string | null | undefined;
  /** `null`: the ordinary one. */
  readonly priority?: number | null | undefined;
}
