/** Deployments: what is needed to run a flow elsewhere and at other times, and the schedules by which that is done. */

import type { Creator, Labels } from './flow-run.ts';
import type { ConcurrencyLimitId, DeploymentId, DeploymentScheduleId, FlowId, WorkQueueId } from './ids.ts';
import type { Schedule } from './schedules/schedule.ts';
import type { SlotPolicy } from './schedules/slot-policy.ts';
import type { SlotRules } from './schedules/slot-rules.ts';
import type { Instant } from './time.ts';

/**
 * What becomes of a run whose process was lost: it goes on where it stood, another one begins anew with the same
 * parameters, or nothing.
 */
export const ON_CRASH = ['leave', 'resume', 'retry'] as const;
export type OnCrash = (typeof ON_CRASH)[number];

export interface Deployment {
  readonly id: DeploymentId;
  readonly flowId: FlowId;
  /** One of a kind among those of its flow. */
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  /** Its schedules make no runs while it is; runs that are asked for are made all the same. */
  readonly paused: boolean;
  readonly tags: readonly string[];
  readonly labels: Labels;
  /** JSON object: what its runs are called with unless they say otherwise. */
  readonly parameters: string;
  /** JSON schema of the parameters; `null`: none that could be enforced. */
  readonly parameterSchema: string | null;
  readonly enforceParameterSchema: boolean;
  /** How many of its runs may be under way. `null`: any number. */
  readonly concurrencyLimitId: ConcurrencyLimitId | null;
  /** JSON object: what becomes of runs that find no slot. */
  readonly concurrencyOptions: string | null;
  /** Absent, `null`: nobody said, and they are left. */
  readonly onCrash?: OnCrash | null | undefined;
  /** JSON list of the steps by which a worker gets the code. */
  readonly pullSteps: string | null;
  readonly entrypoint: string | null;
  readonly path: string | null;
  readonly storageDocumentId: string | null;
  readonly infrastructureDocumentId: string | null;
  /** JSON object: what it changes in the job template of its work pool. */
  readonly jobVariables: string;
  readonly workQueueName: string | null;
  readonly workQueueId: WorkQueueId | null;
  /** Whether somebody has asked for its runs lately: they would be taken at their time. */
  readonly isReady: boolean;
  readonly lastPolledAt: Instant | null;
  /** Of what was applied last; absent: nothing was applied, it was made otherwise. */
  readonly versionNumber?: number | undefined;
  readonly createdBy: Creator | null;
  readonly updatedBy: Creator | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface DeploymentSchedule {
  readonly id: DeploymentScheduleId;
  readonly deploymentId: DeploymentId;
  readonly schedule: Schedule;
  readonly active: boolean;
  readonly maxScheduledRuns: number | null;
  /** JSON object: what its runs are called with, over the deployment's parameters. */
  readonly parameters: string;
  /** One of a kind among those of its deployment. */
  readonly slug: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** The last slot for which a run was made ahead: none is made for it or one before it again. `null`: no slot yet. */
  readonly scheduledThrough: Instant | null;
  /** When runs have to be made ahead the next time; `null`: it makes none (not active, paused, or at its end). */
  readonly dueAt: Instant | null;
  /**
   * The high-water mark: what was to be made until then has its entry, and nothing before it fires any more. It only
   * moves forward. `null`: the schedule was never active.
   */
  readonly settledThrough: Instant | null;
  /** Since when it rests, or has rested until its slots were looked at again. `null`: it does not. */
  readonly heldSince: Instant | null;
  /** `null`: every run that was made ahead is to run, however late; what passed without one is not made up for. */
  readonly policy: SlotPolicy | null;
  /** `null`: every date of the schedule is a slot, and is due at its time. */
  readonly rules: SlotRules | null;
}
