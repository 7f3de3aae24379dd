/** Slots of schedules on the wire: what became of each time at which a deployment was to run, and its route. */

import type { DeploymentSchedule as CoreSchedule } from '../core/deployment.ts';
import type { Cadence, ShownSlot } from '../core/schedules/slot.ts';
import { formatInstant } from '../core/time.ts';
import { DeploymentSchedule, encodeSchedule } from './deployment-schedule.ts';
import { Action, Limit, Maybe, TimeIn, type RouteContract } from './route.ts';
import { DateTime, EXACT, Nullable, Uuid } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

const SlotOfSchedule = Type.Object(
  {
    schedule_id: Uuid,
    /** Local time of the zone: `2026-03-08T02:30:00`. */
    nominal: Type.String(),
    /** 1: the second of two equal local times. */
    fold: Type.Union([Type.Literal(0), Type.Literal(1)]),
    timezone: Type.String(),
    due: DateTime,
    /** Of many slots that are one entry: when the last of them was due. */
    through: Nullable(DateTime),
    /** `null`: not known yet. */
    outcome: Nullable(
      Type.Union([
        Type.Literal('run'),
        Type.Literal('skipped'),
        Type.Literal('collapsed'),
        Type.Literal('expired'),
        Type.Literal('held'),
        Type.Literal('cancelled'),
      ]),
    ),
    reason: Type.String(),
    decided: DateTime,
    flow_run_id: Nullable(Uuid),
    flow_run_name: Nullable(Type.String()),
    state_name: Nullable(Type.String()),
    start_time: Nullable(DateTime),
  },
  EXACT,
);
export type SlotOfSchedule = Static<typeof SlotOfSchedule>;

const ScheduleCadence = Type.Object(
  {
    schedule: DeploymentSchedule,
    /** What becomes of slots that are late, or due while a run is under way. `null`: as in Prefect. */
    policy: Nullable(
      Type.Object({ catch_up: Type.String(), max_lateness: Nullable(Type.Number()), overlap: Type.String() }, EXACT),
    ),
    /** Seconds between slots. `null`: fewer than two are past. */
    written_seconds: Nullable(Type.Number()),
    /** Seconds between slots that ran. */
    effective_seconds: Nullable(Type.Number()),
  },
  EXACT,
);
export type ScheduleCadence = Static<typeof ScheduleCadence>;

export function encodeSlot(slot: ShownSlot): SlotOfSchedule {
  const { run } = slot;
  return {
    schedule_id: slot.scheduleId,
    nominal: slot.nominal,
    fold: slot.fold,
    timezone: slot.zone,
    due: formatInstant(slot.dueAt),
    through: slot.through && formatInstant(slot.through),
    outcome: slot.outcome,
    reason: slot.reason,
    decided: formatInstant(slot.decidedAt),
    flow_run_id: slot.flowRunId,
    flow_run_name: run?.name ?? null,
    state_name: run?.stateName ?? null,
    start_time: run?.startTime && run.runCount > 0 ? formatInstant(run.startTime) : null,
  };
}

export function encodeCadence(schedule: CoreSchedule, cadence: Cadence | null): ScheduleCadence {
  const { policy } = schedule;
  return {
    schedule: encodeSchedule(schedule),
    policy: policy && { catch_up: policy.catchUp, max_lateness: policy.maxLatenessSeconds, overlap: policy.overlap },
    written_seconds: cadence?.writtenSeconds ?? null,
    effective_seconds: cadence?.effectiveSeconds ?? null,
  };
}

export const LIST_SLOTS = {
  method: 'POST',
  path: '/deployments/{id}/slots/filter',
  name: 'read_deployment_slots',
  tag: 'Deployments',
  summary: 'What became of the slots of the schedules of a deployment, the last first',
  body: Action({
    limit: Limit,
    /** Only slots that are due earlier. Default: all, with those that are not due yet. */
    before: Maybe(TimeIn),
  }),
  isBodyOptional: true,
  answers: { 200: Type.Object({ slots: Type.Array(SlotOfSchedule), schedules: Type.Array(ScheduleCadence) }, EXACT) },
} as const satisfies RouteContract;
