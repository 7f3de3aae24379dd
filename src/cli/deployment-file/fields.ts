/** The fields of a deployment's file: what each may be, and what is said of it in the file and in complaints. */

import { KEY_PATTERN, KEY_TEXT_MAX } from '../../core/concurrency/concurrency-key.ts';
import { CatchUp, Overlap } from '../../contract/deployment-schedule.ts';
import { Action, Maybe } from '../../contract/route.ts';
import { JsonObject, Whole } from '../../contract/schema/scalars.ts';
import { Type, type Static } from '../../contract/type.ts';
import { CATCH_UPS, OVERLAPS } from '../../core/schedules/slot-policy.ts';
import { DURATION_SECONDS_MAX } from '../../core/time.ts';

const Name = Type.String({ minLength: 1 });
const Names = Type.Array(Name);

export const ScheduleEntry = Action({
  cron: Type.Optional(Name),
  /** Seconds. */
  interval: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  anchor_date: Type.Optional(Name),
  rrule: Type.Optional(Name),
  timezone: Type.Optional(Name),
  day_or: Type.Optional(Type.Boolean()),
  active: Type.Optional(Type.Boolean()),
  parameters: Type.Optional(JsonObject),
  slug: Type.Optional(Name),
  catch_up: Type.Optional(CatchUp),
  /** Seconds. */
  max_lateness: Maybe(Type.Number({ minimum: 0, maximum: DURATION_SECONDS_MAX })),
  overlap: Type.Optional(Overlap),
  /** Seconds. */
  jitter: Type.Optional(Type.Number({ minimum: 0, maximum: DURATION_SECONDS_MAX })),
  start: Maybe(Name),
  end: Maybe(Name),
  /** What each may be is told by `exclude.ts`. */
  exclude: Type.Optional(Type.Array(Type.Unknown())),
});
export type ScheduleEntry = Static<typeof ScheduleEntry>;

const Collision = Type.Union([Type.Literal('enqueue'), Type.Literal('cancel_new'), Type.Literal('cancel_old')]);

export const DeploymentFile = Action({
  name: Name,
  flow_name: Name,
  entrypoint: Name,
  path: Type.Optional(Name),
  description: Type.Optional(Type.String()),
  version: Type.Optional(Name),
  tags: Type.Optional(Names),
  parameters: Type.Optional(JsonObject),
  parameter_openapi_schema: Type.Optional(JsonObject),
  enforce_parameter_schema: Type.Optional(Type.Boolean()),
  schedules: Type.Optional(Type.Array(ScheduleEntry)),
  paused: Type.Optional(Type.Boolean()),
  work_pool_name: Type.Optional(Name),
  work_queue_name: Type.Optional(Name),
  concurrency_limit: Type.Optional(Whole({ minimum: 1 })),
  on_collision: Type.Optional(Collision),
  concurrency_key: Type.Optional(Type.String({ pattern: KEY_PATTERN, maxLength: KEY_TEXT_MAX })),
  on_crash: Type.Optional(Type.Union([Type.Literal('leave'), Type.Literal('resume'), Type.Literal('retry')])),
  job_variables: Type.Optional(JsonObject),
});
export type DeploymentFile = Static<typeof DeploymentFile>;

export interface FieldWords {
  /** What it is for: the comment above it. */
  readonly about: string;
  /** Follows "must be". */
  readonly must: string;
  /** What stands there, for instance. */
  readonly example: string;
}

/** In the order in which they are written. */
export const FIELDS: Readonly<Record<keyof DeploymentFile, FieldWords>> = {
  name: {
    about: 'The name of the deployment, one of a kind among those of its flow.',
    must: 'a text that is not empty',
    example: 'name: nightly',
  },
  flow_name: {
    about: 'The flow that it runs, by the name that the flow has itself.',
    must: 'a text that is not empty',
    example: 'flow_name: sales',
  },
  entrypoint: {
    about: 'Where the flow is: FILE:EXPORT, from the folder "path" on.',
    must: 'a text of the form FILE:EXPORT',
    example: 'entrypoint: flows.ts:sales',
  },
  path: {
    about: 'The folder that its runs begin in. Left out: the folder of this file.',
    must: 'the path of a folder',
    example: 'path: /srv/flows',
  },
  description: { about: 'What people read about it.', must: 'a text', example: 'description: Cleans the sales' },
  version: {
    about: 'Which version of the flow this is; a hash of its source unless you give one.',
    must: 'a text; a number is put between quotes',
    example: 'version: "1.0"',
  },
  tags: {
    about: 'Marks of the deployment, which its runs have, too.',
    must: 'a list of texts',
    example: 'tags: [sales, nightly]',
  },
  parameters: {
    about: 'What its runs are called with, unless they say otherwise. What is not here has the default of the flow.',
    must: 'names with values below it',
    example: 'parameters: { limit: 100 }',
  },
  parameter_openapi_schema: {
    about: 'What the flow takes, as JSON Schema: forms are made from it. It is written anew when this file is applied.',
    must: 'a JSON Schema',
    example: 'parameter_openapi_schema: { type: object, properties: {} }',
  },
  enforce_parameter_schema: {
    about: 'Whether runs with parameters that do not fit the schema are refused when they are asked for.',
    must: 'true or false',
    example: 'enforce_parameter_schema: true',
  },
  schedules: {
    about:
      'When it runs by itself: a list of cron, interval (seconds) or rrule. [] takes all schedules away; left out, they stay as they are.',
    must: 'a list',
    example: 'schedules: [{ cron: "0 9 * * *", timezone: Europe/Berlin }]',
  },
  paused: {
    about:
      'true: its schedules make no runs. Left out, it stays as it is: what was paused by hand is not resumed by a file.',
    must: 'true or false',
    example: 'paused: false',
  },
  work_pool_name: {
    about: 'The pool whose workers take its runs.',
    must: 'the name of a work pool',
    example: 'work_pool_name: default-agent-pool',
  },
  work_queue_name: {
    about: 'The queue in that pool: ostinato worker start -p POOL -q NAME listens to it.',
    must: 'the name of a work queue',
    example: 'work_queue_name: default',
  },
  concurrency_limit: {
    about: 'How many of its runs may be under way at once. Left out: any number.',
    must: 'a whole number, 1 or more',
    example: 'concurrency_limit: 1',
  },
  on_collision: {
    about:
      'What becomes of a run that finds no slot: enqueue (it waits), cancel_new (it is cancelled), or cancel_old (the oldest one is cancelled, and it waits for the end of that).',
    must: 'enqueue, cancel_new or cancel_old',
    example: 'on_collision: enqueue',
  },
  concurrency_key: {
    about:
      'Runs that have the same there share the slots of concurrency_limit; others have theirs. Left out: what the flow says.',
    must: 'a path of the parameters, or a text with paths between braces',
    example: 'concurrency_key: parameters.customer',
  },
  on_crash: {
    about:
      'What becomes of a run whose process was lost: leave (nothing), resume (it goes on where it stood) or retry (another one begins anew). Left out: what the flow says.',
    must: 'leave, resume or retry',
    example: 'on_crash: resume',
  },
  job_variables: {
    about: 'What is different for the process of its runs: env adds to its environment.',
    must: 'names with values below it',
    example: 'job_variables: { env: { LANG: C } }',
  },
};

export const SCHEDULE_FIELDS: Readonly<Record<keyof ScheduleEntry, FieldWords>> = {
  cron: { about: '', must: 'a cron expression as a text', example: 'cron: "0 9 * * 1-5"' },
  interval: { about: '', must: 'a number of seconds, more than 0', example: 'interval: 3600' },
  anchor_date: { about: '', must: 'a time as a text', example: 'anchor_date: "2026-01-01T09:00:00Z"' },
  rrule: { about: '', must: 'a recurrence rule as a text', example: 'rrule: FREQ=WEEKLY;BYDAY=MO' },
  timezone: { about: '', must: 'the name of a time zone', example: 'timezone: Europe/Berlin' },
  day_or: { about: '', must: 'true or false', example: 'day_or: true' },
  active: { about: '', must: 'true or false', example: 'active: true' },
  parameters: { about: '', must: 'names with values below it', example: 'parameters: { limit: 100 }' },
  slug: { about: '', must: 'a text that is not empty', example: 'slug: morning' },
  catch_up: { about: '', must: `one of ${CATCH_UPS.join(', ')}`, example: 'catch_up: latest' },
  max_lateness: { about: '', must: 'a number of seconds, 0 or more, or null', example: 'max_lateness: 3600' },
  overlap: { about: '', must: `one of ${OVERLAPS.join(', ')}`, example: 'overlap: skip' },
  jitter: { about: '', must: 'a number of seconds, 0 or more', example: 'jitter: 300' },
  start: { about: '', must: 'a day or a time as a text, or null', example: 'start: 2026-01-01' },
  end: { about: '', must: 'a day or a time as a text, or null', example: 'end: 2026-12-31' },
  exclude: { about: '', must: 'a list', example: 'exclude: [2026-12-24, { calendar: holidays.ics }]' },
};

/** What it runs on when nothing else is said: the pool and the queue that an agent listens to. */
export const DEFAULT_POOL = 'default-agent-pool';
export const DEFAULT_QUEUE = 'default';
