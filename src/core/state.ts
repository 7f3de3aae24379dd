/**
 * States of flow runs and task runs.
 *
 * A state's `type` drives the rules; its `name` is a label inside the type (Prefect's list, plus the user's own names).
 * Source of the types and names: Prefect 3 `server/schemas/states.py`.
 */

import type { FlowRunId, StateId, TaskRunId } from './ids.ts';
import type { Instant } from './time.ts';
import type { FailureInfo, ValueRef } from './value.ts';

export const STATE_TYPES = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
  'COMPLETED',
  'FAILED',
  'CRASHED',
] as const;
export type StateType = (typeof STATE_TYPES)[number];
/** How many runs are in a state of each type; none of those that are left out. */
export type StateCounts = Readonly<Partial<Record<StateType, number>>>;

export const TERMINAL_STATE_TYPES = ['CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED'] as const;
export type TerminalStateType = (typeof TERMINAL_STATE_TYPES)[number];

/** Details of a state for rules and wire; all optional, absent means unknown. */
export interface StateDetails {
  readonly flowRunId?: FlowRunId | undefined;
  readonly taskRunId?: TaskRunId | undefined;
  /** On the placeholder task run of a subflow: the flow run that it represents. */
  readonly childFlowRunId?: FlowRunId | undefined;
  readonly cacheKey?: string | undefined;
  readonly cacheExpiration?: Instant | undefined;
  readonly refreshCache?: boolean | undefined;
  /** `false`: the failure is final, no retry is opened even if some are left. */
  readonly retriable?: boolean | undefined;
  /** Id of one proposal, by which a repeated request is told from a second proposal. */
  readonly transitionId?: string | undefined;
  /** Token of the lease whose holder has done with the run, as it or the operating system says. Not on the wire. */
  readonly endedUnder?: number | undefined;
  readonly pauseTimeout?: Instant | undefined;
  readonly pauseReschedule?: boolean | undefined;
  readonly pauseKey?: string | undefined;
  readonly deferred?: boolean | null | undefined;
  readonly untrackableResult?: boolean | undefined;
  readonly deploymentConcurrencyLeaseId?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly taskParametersId?: string | undefined;
  readonly runInputKeyset?: Readonly<Record<string, string>> | undefined;
}

interface StateBase {
  readonly id: StateId;
  readonly name: string;
  readonly timestamp: Instant;
  readonly message: string | null;
  readonly details: StateDetails;
  /** What the run returned, or what its client sent about it. */
  readonly data?: ValueRef | null | undefined;
}

export interface ScheduledState extends StateBase {
  readonly type: 'SCHEDULED';
  readonly scheduledTime: Instant;
}
export interface PendingState extends StateBase {
  readonly type: 'PENDING';
  readonly scheduledTime?: Instant | undefined;
}
export interface RunningState extends StateBase {
  readonly type: 'RUNNING';
}
export interface PausedState extends StateBase {
  readonly type: 'PAUSED';
}
export interface CancellingState extends StateBase {
  readonly type: 'CANCELLING';
}
export interface CancelledState extends StateBase {
  readonly type: 'CANCELLED';
  readonly failure?: FailureInfo | undefined;
}
export interface CompletedState extends StateBase {
  readonly type: 'COMPLETED';
  readonly data: ValueRef | null;
}
export interface FailedState extends StateBase {
  readonly type: 'FAILED';
  readonly failure: FailureInfo | null;
}
/** The infrastructure ended the run, not its code; `evidence` says how that is known. */
export interface CrashedState extends StateBase {
  readonly type: 'CRASHED';
  readonly failure?: FailureInfo | null | undefined;
  readonly evidence?: string | undefined;
}

export type State =
  | ScheduledState
  | PendingState
  | RunningState
  | PausedState
  | CancellingState
  | CancelledState
  | CompletedState
  | FailedState
  | CrashedState;

export type TerminalState = CancelledState | CompletedState | FailedState | CrashedState;

type WithoutStamp<S> = S extends StateBase
  ? Omit<S, 'id' | 'timestamp' | 'name' | 'message' | 'details'> & {
      readonly name?: string;
      readonly message?: string | null;
      readonly details?: StateDetails;
    }
  : never;

/** A proposed state: without id and time, and with defaults not filled in. */
export type ProposedState = WithoutStamp<State>;

export const DEFAULT_STATE_NAMES = {
  SCHEDULED: 'Scheduled',
  PENDING: 'Pending',
  RUNNING: 'Running',
  PAUSED: 'Paused',
  CANCELLING: 'Cancelling',
  CANCELLED: 'Cancelled',
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CRASHED: 'Crashed',
} as const satisfies Record<StateType, string>;

const TERMINAL = {
  SCHEDULED: false,
  PENDING: false,
  RUNNING: false,
  PAUSED: false,
  CANCELLING: false,
  CANCELLED: true,
  COMPLETED: true,
  FAILED: true,
  CRASHED: true,
} as const satisfies Record<StateType, boolean>;

export function isTerminalType(type: StateType): type is TerminalStateType {
  return TERMINAL[type];
}

export function isTerminal(state: State): state is TerminalState {
  return TERMINAL[state.type];
}

const NO_DETAILS: StateDetails = Object.freeze({});

/** Stamps a proposal: the default name of its type when none is given, no message, no details. */
export function stampState(proposed: ProposedState, id: StateId, timestamp: Instant): State {
  return {
    ...proposed,
    id,
    timestamp,
    name: proposed.name ?? DEFAULT_STATE_NAMES[proposed.type],
    message: proposed.message ?? null,
    details: proposed.details ?? NO_DETAILS,
  } as State;
}

/** For the `default:` of a switch over a union: fails to compile when a member is not handled. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`Unhandled ${what}: ${String((value as { type?: unknown })?.type ?? value)}`);
}
