/** Deployments with their schedules, and the runs that are made ahead for them. */

import type { ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import type { Deployment, DeploymentSchedule } from '../../core/deployment.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { Flow, FlowRun } from '../../core/flow-run.ts';
import type {
  ConcurrencyLimitId,
  DeploymentId,
  DeploymentScheduleId,
  FlowId,
  FlowRunId,
  WorkQueueId,
} from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { ScheduleSlot, SlotRun } from '../../core/schedules/slot.ts';
import type { Instant } from '../../core/time.ts';
import type { QueueInPool } from '../../core/work-pool.ts';

export type DeploymentKey =
  | { readonly id: DeploymentId }
  | { readonly flowId: FlowId; readonly name: string }
  | { readonly flowName: string; readonly name: string };

export interface DeploymentParts {
  /** Those that were changed last come first. */
  readonly schedules: readonly DeploymentSchedule[];
  /** By which its runs are counted. */
  readonly limit: ConcurrencyLimit | null;
  /** Where its runs go; `null`: nowhere, or its queue was deleted. */
  readonly queue: QueueInPool | null;
}

export interface DeploymentRecord extends DeploymentParts {
  readonly deployment: Deployment;
  readonly flow: Flow;
}

export interface DeploymentFacts {
  readonly found: DeploymentRecord | null;
  /** The flow that the key names, or that the deployment is of. */
  readonly flow: Flow | null;
  /** The soonest due first; none unless they are asked for. */
  readonly openSlots: readonly SlotRecord[];
}

/**
 * Slots of a schedule that are not settled: they have a run, or are held. As facts they are read in the transaction
 * that changes them.
 */
export interface OpenSlotsAsked {
  readonly scheduleId: DeploymentScheduleId;
  /** Due by then. */
  readonly until: Instant;
}

/** Which of its runs that wait for their time, and were never begun, are taken back. */
export interface RunsTakenBack {
  /** Only those that schedules have made. */
  readonly autoScheduledOnly: boolean;
  /** Only those that are due later than this. */
  readonly dueAfter?: Instant | undefined;
  /** When that is: slots that are due later are forgotten with their runs… */
  readonly at: Instant;
  /** … and others end so. */
  readonly past: Pick<ScheduleSlot, 'outcome' | 'reason'>;
}

/** A slot that has no entry yet. */
export interface NewSlot {
  readonly slot: ScheduleSlot;
  readonly run: FlowRun | null;
  /** Nothing will change it any more. Default `false`. */
  readonly settled?: boolean;
}

/** An entry that is written over; its run is made, or taken away where the entry names none any more. */
export interface ChangedSlot extends NewSlot {
  readonly removedRun?: FlowRunId | null;
}

export interface SlotPage {
  /** Only those that are due earlier than this. */
  readonly before: Instant | null;
  /** At most 10,000. */
  readonly limit: number;
}

/** What is committed together; in this order. */
export interface DeploymentChange<Answer> {
  readonly takenBack?: RunsTakenBack | undefined;
  /** `null` deletes it with its schedules. */
  readonly deployment?: Deployment | null;
  readonly deletedSchedules?: readonly DeploymentScheduleId[];
  /** Inserted, or written over the row with their id. `conflict` when a slug is another's. */
  readonly schedules?: readonly DeploymentSchedule[];
  readonly limit?: ConcurrencyLimit | undefined;
  readonly deletedLimit?: ConcurrencyLimitId | undefined;
  /** Inserted with their runs; one that has its entry already is left as it is, and gets no run. */
  readonly slots?: readonly NewSlot[];
  /** Before others are inserted. */
  readonly changedSlots?: readonly ChangedSlot[];
  /** Of the deployment's slots, so many are kept where others are inserted, and those not due yet. Default 10,000. */
  readonly slotsKept?: number | undefined;
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface SlotRecord {
  readonly slot: ScheduleSlot;
  /** `null`: none was made, or it was deleted. */
  readonly run: SlotRun | null;
}

export interface DueSchedule {
  readonly id: DeploymentScheduleId;
  readonly deploymentId: DeploymentId;
}

export interface DoubtfulSchedules {
  readonly doubtful: readonly DueSchedule[];
  /** The last one that was looked at; `null`: there are no more. */
  readonly through: DeploymentScheduleId | null;
}

export interface DeploymentStorage {
  readDeployment(key: DeploymentKey): MaybePromise<DeploymentRecord | null>;
  /** Of deployments that are there; of others, nothing. At most 1,000. */
  readDeploymentParts(
    deployments: readonly Pick<Deployment, 'id' | 'concurrencyLimitId' | 'workQueueId'>[],
  ): MaybePromise<ReadonlyMap<DeploymentId, DeploymentParts>>;
  changeDeployment<Answer>(
    key: DeploymentKey,
    change: (facts: DeploymentFacts) => DeploymentChange<Answer>,
    open?: OpenSlotsAsked,
  ): MaybePromise<Answer>;
  /** Those for which runs have to be made ahead by now, the longest overdue first. */
  listDueSchedules(now: Instant, limit: number): MaybePromise<readonly DueSchedule[]>;
  /**
   * Looks at so many schedules behind `after`, by id, for enabled ones that nobody would look at again, or that are not
   * due and have no slot ahead. Some of them have no date any more.
   */
  listDoubtfulSchedules(
    now: Instant,
    after: DeploymentScheduleId | null,
    lookedAt: number,
  ): MaybePromise<DoubtfulSchedules>;
  /** Of all schedules of the deployment, those that it had included: those that are due last come first. */
  listSlots(id: DeploymentId, page: SlotPage): MaybePromise<readonly SlotRecord[]>;
  /** Deployments that are told to be ready, and whose runs nobody has asked for since `before`. */
  listUnpolledDeployments(before: Instant, limit: number): MaybePromise<readonly DeploymentId[]>;
  /**
   * Somebody asked for the runs of these deployments, or of all in these queues: those that were not ready are, with
   * their events.
   */
  pollDeployments(
    polled: { readonly ids?: readonly DeploymentId[]; readonly queueIds?: readonly WorkQueueId[] },
    now: Instant,
    event: (deployment: Deployment, flow: Flow, queue: QueueInPool | null) => OutboxEvent,
  ): MaybePromise<void>;
}
