/** Backfills on the wire: of Ostinato alone. */

import {
  BACKFILL_SLOT_STATES,
  BACKFILL_STATES,
  CONCURRENCY_MAX,
  RERUNS,
  SLOT_ORDERS,
  type Backfill as CoreBackfill,
  type BackfillProgress as CoreProgress,
  type BackfillSlotRecord,
} from '../core/backfills/backfill.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { zoneOfSlots } from '../core/schedules/slot.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import { DatesIn, DeploymentSchedule, encodeDates } from './deployment-schedule.ts';
import { instantOrNull } from './encode/instant.ts';
import { Action, Limit, Maybe, Offset, TimeIn, UuidIn, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, JsonObject, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

function oneOf<const Word extends string>(words: readonly Word[]) {
  return Type.Unsafe<Word>(Type.Union(words.map((word) => Type.Literal(word))));
}

const Progress = Type.Object(
  {
    total: Count,
    waiting: Count,
    /** Their run has not ended. */
    open: Count,
    completed: Count,
    failed: Count,
    crashed: Count,
    cancelled: Count,
    /** They have had a run before. */
    left_out: Count,
  },
  EXACT,
);

export const Backfill = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    created: DateTime,
    updated: DateTime,
    deployment_id: Uuid,
    /** FLOW/NAME, as it was called at the beginning. */
    deployment_name: Type.String(),
    /** `null`: its times were given with it. */
    schedule_id: Nullable(Uuid),
    schedule: DeploymentSchedule.properties.schedule,
    timezone: Type.String(),
    from: DateTime,
    /** Not included. */
    to: DateTime,
    order: oneOf(SLOT_ORDERS),
    concurrency: Count,
    rerun: oneOf(RERUNS),
    parameters: JsonObject,
    state: oneOf(BACKFILL_STATES),
    reason: Nullable(Type.String()),
    created_by: Nullable(Type.String()),
    ended: Nullable(DateTime),
    progress: Progress,
  },
  EXACT,
);
export type Backfill = Static<typeof Backfill>;

export const BackfillSlot = Type.Object(
  {
    /** Local time of the zone. */
    nominal: Type.String(),
    fold: Type.Union([Type.Literal(0), Type.Literal(1)]),
    start: DateTime,
    end: Nullable(DateTime),
    state: oneOf(BACKFILL_SLOT_STATES),
    reason: Nullable(Type.String()),
    decided: DateTime,
    flow_run_id: Nullable(Uuid),
    flow_run_name: Nullable(Type.String()),
    state_name: Nullable(Type.String()),
  },
  EXACT,
);
export type BackfillSlot = Static<typeof BackfillSlot>;

const PlannedSlot = Type.Object(
  {
    nominal: Type.String(),
    fold: Type.Union([Type.Literal(0), Type.Literal(1)]),
    /** `gap`: clocks jump over the local time. `fold`: they show it twice. */
    mark: Nullable(oneOf(['gap', 'fold'])),
    start: DateTime,
    end: Nullable(DateTime),
    is_left_out: Type.Boolean(),
    reason: Nullable(Type.String()),
    /** The run that it has had. */
    flow_run_id: Nullable(Uuid),
  },
  EXACT,
);
export type PlannedSlot = Static<typeof PlannedSlot>;

const BackfillPreview = Type.Object(
  {
    timezone: Type.String(),
    from: DateTime,
    to: DateTime,
    schedule_id: Nullable(Uuid),
    schedule: DeploymentSchedule.properties.schedule,
    total: Count,
    left_out: Count,
    /** The first of them, in the order in which they run. */
    slots: Type.Array(PlannedSlot),
  },
  EXACT,
);
export type BackfillPreview = Static<typeof BackfillPreview>;

const Words = Type.String({ minLength: 1, maxLength: 255 });
const request = {
  /** A date, a local time of the schedule's zone, or one with an offset. */
  from: Words,
  /** Not included. Default: now. */
  to: Maybe(Words),
  /** Default: the only schedule of the deployment. */
  schedule_id: Maybe(UuidIn),
  /** Instead of a schedule of the deployment. */
  schedule: Maybe(DatesIn),
  order: Maybe(oneOf(SLOT_ORDERS)),
  rerun: Maybe(oneOf(RERUNS)),
  /** Over those of the deployment and the schedule; texts may have templates: `{{ slot.start }}`. */
  parameters: Type.Optional(JsonObject),
};
export const BackfillRequest = Action(request);
export const BackfillStart = Action({
  ...request,
  /** Asked for again with it, it is the same backfill. */
  id: Maybe(UuidIn),
  name: Maybe(Type.String({ pattern: '^[^/%&><\\s]+$', minLength: 1, maxLength: 100 })),
  /** How many of its runs may be under way at once. Default 1. */
  concurrency: Maybe(Whole({ minimum: 1, maximum: CONCURRENCY_MAX })),
  created_by: Maybe(Words),
});
export type BackfillStart = Static<typeof BackfillStart>;
export type BackfillRequest = Static<typeof BackfillRequest>;

export interface ShownBackfill {
  readonly backfill: CoreBackfill;
  readonly progress: CoreProgress;
}

export function encodeBackfill({ backfill, progress }: ShownBackfill): Backfill {
  const { 'left-out': leftOut, ...counts } = progress;
  return {
    id: backfill.id,
    name: backfill.name,
    created: formatInstant(backfill.createdAt),
    updated: formatInstant(backfill.updatedAt),
    deployment_id: backfill.deploymentId,
    deployment_name: backfill.deploymentName,
    schedule_id: backfill.scheduleId,
    schedule: encodeDates(backfill.schedule),
    timezone: zoneOfSlots(backfill.schedule),
    from: formatInstant(backfill.from),
    to: formatInstant(backfill.to),
    order: backfill.order,
    concurrency: backfill.concurrency,
    rerun: backfill.rerun,
    parameters: rawJson(backfill.parameters),
    state: backfill.state,
    reason: backfill.reason,
    created_by: backfill.createdBy,
    ended: instantOrNull(backfill.endedAt),
    progress: { total: Object.values(progress).reduce((sum, count) => sum + count, 0), ...counts, left_out: leftOut },
  };
}

export function encodeBackfillSlot({ slot, run }: BackfillSlotRecord): BackfillSlot {
  return {
    nominal: slot.nominal,
    fold: slot.fold,
    start: formatInstant(slot.dueAt),
    end: instantOrNull(slot.endsAt),
    state: slot.state,
    reason: slot.reason,
    decided: formatInstant(slot.decidedAt),
    flow_run_id: slot.flowRunId,
    flow_run_name: run?.name ?? null,
    state_name: run?.stateName ?? null,
  };
}

interface CorePreview {
  readonly zone: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly scheduleId: string | null;
  readonly schedule: Schedule;
  readonly slots: readonly {
    readonly nominal: string;
    readonly fold: 0 | 1;
    readonly mark: 'gap' | 'fold' | null;
    readonly dueAt: Instant;
    readonly endsAt: Instant | null;
    readonly isLeftOut: boolean;
    readonly reason: string | null;
    readonly flowRunId: string | null;
  }[];
}

/** @param limit how many slots are told one by one */
export function encodePreview(
  { zone, from, to, scheduleId, schedule, slots }: CorePreview,
  limit: number,
): BackfillPreview {
  return {
    timezone: zone,
    from: formatInstant(from),
    to: formatInstant(to),
    schedule_id: scheduleId,
    schedule: encodeDates(schedule),
    total: slots.length,
    left_out: slots.filter(({ isLeftOut }) => isLeftOut).length,
    slots: slots
      .slice(0, limit)
      .map(({ dueAt, endsAt, isLeftOut, flowRunId, ...slot }) => ({
        ...slot,
        start: formatInstant(dueAt),
        end: instantOrNull(endsAt),
        is_left_out: isLeftOut,
        flow_run_id: flowRunId,
      })),
  };
}

const tag = 'Backfills';

export const PREVIEW_BACKFILL = {
  method: 'POST',
  path: '/ostinato/deployments/{id}/backfills/preview',
  name: 'ostinato_preview_backfill',
  tag,
  summary: 'The slots that a backfill would have, and which of them would get a run; nothing is made',
  body: Action({ ...request, limit: Limit }),
  answers: { 200: BackfillPreview },
} as const satisfies RouteContract;

export const START_BACKFILL = {
  method: 'POST',
  path: '/ostinato/deployments/{id}/backfills',
  name: 'ostinato_start_backfill',
  tag,
  summary: 'Let a deployment run for the slots of a range that is past',
  body: BackfillStart,
  answers: { 200: Backfill, 201: Backfill },
} as const satisfies RouteContract;

export const FILTER_BACKFILLS = {
  method: 'POST',
  path: '/ostinato/backfills/filter',
  name: 'ostinato_read_backfills',
  tag,
  summary: 'List backfills, the newest first',
  body: Action({
    deployment_id: Maybe(UuidIn),
    name: Maybe(Type.String()),
    states: Maybe(Type.Array(oneOf(BACKFILL_STATES))),
    limit: Limit,
    offset: Offset,
  }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Backfill) },
} as const satisfies RouteContract;

export const READ_BACKFILL = {
  method: 'GET',
  path: '/ostinato/backfills/{id}',
  name: 'ostinato_read_backfill',
  tag,
  summary: 'Read a backfill, with its progress',
  answers: { 200: Backfill },
} as const satisfies RouteContract;

export const FILTER_BACKFILL_SLOTS = {
  method: 'POST',
  path: '/ostinato/backfills/{id}/slots/filter',
  name: 'ostinato_read_backfill_slots',
  tag,
  summary: 'The slots of a backfill in the order of time, and what became of each',
  body: Action({
    states: Maybe(Type.Array(oneOf(BACKFILL_SLOT_STATES))),
    /** Only slots that begin later. */
    after: Maybe(TimeIn),
    limit: Limit,
  }),
  isBodyOptional: true,
  answers: { 200: Type.Array(BackfillSlot) },
} as const satisfies RouteContract;

const answers = { 200: Backfill };

export const PAUSE_BACKFILL = {
  method: 'POST',
  path: '/ostinato/backfills/{id}/pause',
  name: 'ostinato_pause_backfill',
  tag,
  summary: 'Let a backfill make no more runs; those that it has made go on',
  answers,
} as const satisfies RouteContract;

export const RESUME_BACKFILL = {
  method: 'POST',
  path: '/ostinato/backfills/{id}/resume',
  name: 'ostinato_resume_backfill',
  tag,
  summary: 'Let a backfill that is paused go on',
  answers,
} as const satisfies RouteContract;

export const ABORT_BACKFILL = {
  method: 'POST',
  path: '/ostinato/backfills/{id}/abort',
  name: 'ostinato_abort_backfill',
  tag,
  summary: 'End a backfill: runs that have not begun are cancelled, and, where that is said, the others, too',
  body: Action({ running: Type.Optional(Type.Boolean()) }),
  isBodyOptional: true,
  answers,
} as const satisfies RouteContract;
