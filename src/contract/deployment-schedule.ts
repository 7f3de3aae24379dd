/** Schedules of deployments on the wire: what one is, how it is written and read, and its routes. */

import type { DeploymentSchedule as CoreSchedule } from '../core/deployment.ts';
import type { StatedPolicy, StatedRules } from '../core/deployment-definition.ts';
import type { Schedule as CoreDates } from '../core/schedules/schedule.ts';
import { EXCLUSION_NAME_MAX, EXCLUSIONS_MAX } from '../core/schedules/slot-rules.ts';
import { DURATION_SECONDS_MAX, formatInstant, parseInstant, type Instant } from '../core/time.ts';
import { Action, Maybe, TimeIn, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, JsonObject, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

/** Every `interval` seconds from the anchor. */
const IntervalSchedule = Type.Object(
  { interval: Type.Number(), anchor_date: DateTime, timezone: Nullable(Type.String()) },
  EXACT,
);
const CronSchedule = Type.Object(
  { cron: Type.String(), timezone: Nullable(Type.String()), day_or: Type.Boolean() },
  EXACT,
);
const RRuleSchedule = Type.Object({ rrule: Type.String(), timezone: Nullable(Type.String()) }, EXACT);

export const CatchUp = Type.Union([Type.Literal('latest'), Type.Literal('all'), Type.Literal('none')]);
export const Overlap = Type.Union([
  Type.Literal('allow'),
  Type.Literal('skip'),
  Type.Literal('queue'),
  Type.Literal('cancelOldest'),
  Type.Literal('cancelNewest'),
]);
const ExclusionName = Type.String({ maxLength: EXCLUSION_NAME_MAX });

/** Times that a schedule leaves out: of days, `to` is the last. */
const Exclusion = Type.Object(
  { from: Type.String(), to: Type.String(), name: Nullable(Type.String()), calendar: Nullable(Type.String()) },
  EXACT,
);

/** In its dates clients refuse other fields; beside them they pass over those that they do not know. */
export const DeploymentSchedule = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    deployment_id: Uuid,
    schedule: Type.Union([IntervalSchedule, CronSchedule, RRuleSchedule]),
    active: Type.Boolean(),
    max_scheduled_runs: Nullable(Count),
    parameters: JsonObject,
    slug: Nullable(Type.String()),
    // Ours, and only there where something was said of it.
    catch_up: Type.Optional(CatchUp),
    max_lateness: Type.Optional(Nullable(Type.Number())),
    overlap: Type.Optional(Overlap),
    jitter: Type.Optional(Type.Number()),
    start: Type.Optional(Type.String()),
    end: Type.Optional(Type.String()),
    exclusions: Type.Optional(Type.Array(Exclusion)),
  },
  EXACT,
);
export type DeploymentSchedule = Static<typeof DeploymentSchedule>;

export function encodeSchedule(schedule: CoreSchedule): DeploymentSchedule {
  return {
    id: schedule.id,
    created: formatInstant(schedule.createdAt),
    updated: formatInstant(schedule.updatedAt),
    deployment_id: schedule.deploymentId,
    schedule: encodeDates(schedule.schedule),
    active: schedule.active,
    max_scheduled_runs: schedule.maxScheduledRuns,
    parameters: rawJson(schedule.parameters),
    slug: schedule.slug,
    ...encodePolicy(schedule.policy),
    ...encodeRules(schedule.rules),
  };
}

export function encodePolicy(policy: StatedPolicy | null | undefined) {
  const { catchUp, maxLatenessSeconds, overlap } = policy ?? {};
  return {
    ...(catchUp === undefined ? {} : { catch_up: catchUp }),
    ...(maxLatenessSeconds === undefined ? {} : { max_lateness: maxLatenessSeconds }),
    ...(overlap === undefined ? {} : { overlap }),
  };
}

export function encodeRules(rules: StatedRules | null | undefined) {
  const { jitterSeconds = 0, start = null, end = null, exclusions = [] } = rules ?? {};
  return {
    ...(jitterSeconds === 0 ? {} : { jitter: jitterSeconds }),
    ...(start === null ? {} : { start }),
    ...(end === null ? {} : { end }),
    ...(exclusions.length === 0 ? {} : { exclusions: exclusions.map((each) => ({ ...each })) }),
  };
}

export function encodeDates(dates: CoreDates): DeploymentSchedule['schedule'] {
  const { timezone } = dates;
  switch (dates.kind) {
    case 'interval':
      return { interval: dates.interval, anchor_date: formatInstant(dates.anchorDate), timezone };
    case 'cron':
      return { cron: dates.cron, timezone, day_or: dates.dayOr };
    case 'rrule':
      return { rrule: dates.rrule, timezone };
  }
}

export const DatesIn = Type.Union([
  Action({
    interval: Type.Number({ exclusiveMinimum: 0 }),
    anchor_date: Type.Optional(TimeIn),
    timezone: Maybe(Type.String()),
  }),
  Action({ cron: Type.String(), timezone: Maybe(Type.String()), day_or: Type.Optional(Type.Boolean()) }),
  Action({ rrule: Type.String(), timezone: Maybe(Type.String()) }),
]);
export type DatesIn = Static<typeof DatesIn>;

/** @param now where an interval begins that does not say when */
export function decodeDates(dates: DatesIn, now: Instant): CoreDates {
  const timezone = dates.timezone ?? null;
  if ('cron' in dates) return { kind: 'cron', cron: dates.cron, timezone, dayOr: dates.day_or ?? true };
  if ('rrule' in dates)
    return { kind: 'rrule', rrule: dates.rrule, timezone: dates.timezone === undefined ? 'UTC' : timezone };
  const anchorDate = (dates.anchor_date === undefined ? null : parseInstant(dates.anchor_date)) ?? now;
  return { kind: 'interval', interval: dates.interval, anchorDate, timezone: timezone ?? 'UTC' };
}

/** Source: Prefect 3, `deployment_schedule_max_scheduled_runs`. */
const SCHEDULED_RUNS_MAX = 500;
const common = {
  max_scheduled_runs: Maybe(Whole({ exclusiveMinimum: 0, maximum: SCHEDULED_RUNS_MAX })),
  parameters: Type.Optional(JsonObject),
  slug: Maybe(Type.String()),
  replaces: Maybe(Type.String()),
  // Ours: what becomes of slots that are late, or due while a run is under way. Without any of them, as in Prefect.
  catch_up: Maybe(CatchUp),
  /** Seconds. */
  max_lateness: Maybe(Type.Number({ minimum: 0, maximum: DURATION_SECONDS_MAX })),
  overlap: Maybe(Overlap),
  /** Seconds by which a slot is due later, at most; 0: none. */
  jitter: Maybe(Type.Number({ minimum: 0, maximum: DURATION_SECONDS_MAX })),
  /** A day or a local time of the zone, or a time with its offset; `null`: none. No slot before it, … */
  start: Maybe(Type.String({ maxLength: 40 })),
  /** … none behind it. */
  end: Maybe(Type.String({ maxLength: 40 })),
  exclusions: Maybe(
    Type.Array(
      Action({
        from: Type.String({ maxLength: 40 }),
        to: Maybe(Type.String({ maxLength: 40 })),
        name: Maybe(ExclusionName),
        calendar: Maybe(ExclusionName),
      }),
      { maxItems: EXCLUSIONS_MAX },
    ),
  ),
  // Of clients of Prefect 2: out of use.
  max_active_runs: Maybe(Whole()),
  catchup: Maybe(Type.Boolean()),
};
export const DeploymentScheduleCreate = Action({ schedule: DatesIn, active: Type.Optional(Type.Boolean()), ...common });
export const DeploymentScheduleUpdate = Action({ schedule: Maybe(DatesIn), active: Maybe(Type.Boolean()), ...common });

/** With exact numbers where users' values stand. */
type Exactly = Readonly<Record<string, unknown>> | undefined;

export function decodeNewSchedule(body: Static<typeof DeploymentScheduleCreate>, exact: Exactly, now: Instant) {
  return {
    schedule: decodeDates(body.schedule, now),
    active: body.active,
    maxScheduledRuns: body.max_scheduled_runs,
    parameters: body.parameters === undefined ? undefined : JSON.stringify(exact?.['parameters']),
    slug: body.slug,
    policy: policyIn(body),
    rules: rulesIn(body),
  };
}

export function policyIn({ catch_up, max_lateness, overlap }: Static<typeof DeploymentScheduleUpdate>) {
  return { catchUp: catch_up ?? undefined, maxLatenessSeconds: max_lateness, overlap: overlap ?? undefined };
}

export function rulesIn({ jitter, start, end, exclusions }: Static<typeof DeploymentScheduleUpdate>) {
  return {
    jitterSeconds: jitter ?? undefined,
    start,
    end,
    exclusions: exclusions?.map(({ from, to, name, calendar }) => ({
      from,
      to: to ?? from,
      name: name ?? null,
      calendar: calendar ?? null,
    })),
  };
}

/** What is `null` is left out; but a lateness, a start and an end are taken away by it. */
export function decodeScheduleUpdate(body: Static<typeof DeploymentScheduleUpdate>, exact: Exactly, now: Instant) {
  return {
    schedule: body.schedule ? decodeDates(body.schedule, now) : undefined,
    active: body.active ?? undefined,
    maxScheduledRuns: body.max_scheduled_runs ?? undefined,
    parameters: body.parameters === undefined ? undefined : JSON.stringify(exact?.['parameters']),
    slug: body.slug ?? undefined,
    replaces: body.replaces ?? undefined,
    policy: policyIn(body),
    rules: rulesIn(body),
  };
}

const tag = 'Deployments';
const params = { schedule_id: Type.String() };

export const LIST_SCHEDULES = {
  method: 'GET',
  path: '/deployments/{id}/schedules',
  name: 'read_deployment_schedules',
  tag,
  summary: 'The schedules of a deployment',
  answers: { 200: Type.Array(DeploymentSchedule) },
} as const satisfies RouteContract;

export const CREATE_SCHEDULES = {
  method: 'POST',
  path: '/deployments/{id}/schedules',
  name: 'create_deployment_schedules',
  tag,
  summary: 'Give a deployment more schedules',
  body: Type.Array(DeploymentScheduleCreate),
  answers: { 201: Type.Array(DeploymentSchedule) },
} as const satisfies RouteContract;

export const UPDATE_SCHEDULE = {
  method: 'PATCH',
  path: '/deployments/{id}/schedules/{schedule_id}',
  name: 'update_deployment_schedule',
  tag,
  summary: 'Change a schedule of a deployment',
  params,
  body: DeploymentScheduleUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_SCHEDULE = {
  method: 'DELETE',
  path: '/deployments/{id}/schedules/{schedule_id}',
  name: 'delete_deployment_schedule',
  tag,
  summary: 'Delete a schedule of a deployment',
  params,
  answers: { 204: null },
} as const satisfies RouteContract;

/** For backfills, too: a range may lie in the past. */
export const SCHEDULE_DEPLOYMENT = {
  method: 'POST',
  path: '/deployments/{id}/schedule',
  name: 'schedule_deployment',
  tag,
  summary: 'Make the runs of a range of dates',
  body: Type.Object({
    start_time: Maybe(TimeIn),
    end_time: Maybe(TimeIn),
    /** Seconds after the start until which there are runs, at least. */
    min_time: Maybe(Type.Number()),
    min_runs: Maybe(Count),
    max_runs: Maybe(Count),
  }),
  isBodyOptional: true,
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;
