/** `flow.toDeployment(options)`: what is said of a deployment, checked, before any server hears of it. */

import { ON_CRASH, type OnCrash } from '../core/deployment.ts';
import { OstinatoError } from '../core/errors.ts';
import { CATCH_UPS, OVERLAPS } from '../core/schedules/slot-policy.ts';
import { isDuration } from '../core/time.ts';
import { checker, checkKeys, isBoolean, isPlainObject, isText } from './check-options.ts';
import { keyTextOf, type KeyFunction } from './concurrency-key.ts';
import type { Flow } from './flow.ts';

interface EverySchedule<P> {
  /** The name of a time zone, such as `Europe/Berlin`. Default: UTC. */
  readonly timezone?: string;
  /** `false`: it makes no runs. Left out, what was paused by hand stays paused. */
  readonly active?: boolean;
  /** In place of those of the deployment. */
  readonly parameters?: SomeParameters<P>;
  /** By it the schedule is known again when its times change. */
  readonly slug?: string;
  /** Which of the slots that were missed run after all. Default: `latest`. */
  readonly catchUp?: 'latest' | 'all' | 'none';
  /** A slot that is later does not run any more; `null`: any may be. */
  readonly maxLatenessSeconds?: number | null;
  /** What becomes of a slot while a run of an earlier one is under way. Default: `allow`. */
  readonly overlap?: 'allow' | 'skip' | 'queue' | 'cancelOldest' | 'cancelNewest';
  /** A slot is due so much later at most: how much is drawn for each, always the same. `0`: not at all. */
  readonly jitterSeconds?: number;
  /** No slot before it: a day (`2026-01-01`) or a time of the zone, or a `Date`. `null`: from always. */
  readonly start?: string | Date | null;
  /** No slot behind it; of a day, none behind that day. `null`: for ever. */
  readonly end?: string | Date | null;
  /** What it leaves out. `[]`: nothing. */
  readonly exclude?: readonly ExcludeOption[];
}

/** A day, days (`2026-12-24/2026-12-26`), the same with a name, or an iCalendar file beside the flow's. */
export type ExcludeOption =
  | string
  | { readonly from: string; readonly to?: string; readonly name?: string }
  | { readonly calendar: string };

/** When a deployment runs by itself: a cron expression, every so many seconds, or a recurrence rule (RFC 5545). */
export type ScheduleOption<P = unknown> = EverySchedule<P> &
  (
    | { readonly cron: string; readonly dayOr?: boolean }
    | { readonly intervalSeconds: number; readonly anchor?: Date }
    | { readonly rrule: string }
  );

/** Any of the flow's parameters: what is missing comes with the run, or has the default of the flow. */
export type SomeParameters<P> = [P] extends [never]
  ? Readonly<Record<string, never>>
  : P extends object
    ? Partial<P>
    : Readonly<Record<string, unknown>>;

export interface DeploymentOptions<P = unknown> {
  /** One of a kind among those of its flow. Default: the name of the flow. */
  readonly name?: string;
  /** One or several. `[]`: none; left out, those that it has stay. */
  readonly schedule?: ScheduleOption<P> | readonly ScheduleOption<P>[];
  /** What its runs are called with unless they say otherwise. */
  readonly parameters?: SomeParameters<P>;
  /** Its runs have them, too. */
  readonly tags?: readonly string[];
  /** Default: what the flow says of itself. */
  readonly description?: string;
  /** Default: that of the flow. */
  readonly version?: string;
  /** `true`: its schedules make no runs. */
  readonly paused?: boolean;
  /** Runs under way at once, wherever they run. Default: any number. */
  readonly concurrencyLimit?: number;
  /**
   * What becomes of a run that finds no slot: it waits (default), is cancelled, or the oldest run that holds a slot is
   * cancelled, and it waits for the end of that.
   */
  readonly onCollision?: 'enqueue' | 'cancelNew' | 'cancelOld';
  /**
   * Which runs share the slots of `concurrencyLimit`, by their parameters: `(p) => p.customer`, or
   * `'parameters.customer'`. The server settles it when a run is made, so a function may only name parameters.
   */
  readonly concurrencyKey?: string | KeyFunction<P>;
  /**
   * What becomes of a run whose process was lost: nothing (default), it goes on where it stood, or another one begins
   * anew with the same parameters. Five attempts at most.
   */
  readonly onCrash?: OnCrash;
  /** Whether the server refuses runs with parameters that do not fit. Default: when the flow has a schema. */
  readonly enforceParameterSchema?: boolean;
  /** `true`: what is said here is taken where somebody has changed it by hand, too. Default: false. */
  readonly force?: boolean;
}

export const DEPLOYMENT_KEYS = [
  'name',
  'schedule',
  'parameters',
  'tags',
  'description',
  'version',
  'paused',
  'concurrencyLimit',
  'onCollision',
  'concurrencyKey',
  'onCrash',
  'enforceParameterSchema',
  'force',
] as const satisfies readonly (keyof DeploymentOptions)[];

type AnyFlow = Flow<unknown, unknown>;

/** A flow with what is said of its deployment: for `serve`. */
export interface DeploymentDefinition {
  readonly flow: AnyFlow;
  readonly name: string;
  readonly options: DeploymentOptions;
  readonly schedules: readonly ScheduleOption[] | undefined;
}

const SCHEDULE_KEYS = [
  'cron',
  'dayOr',
  'intervalSeconds',
  'anchor',
  'rrule',
  'timezone',
  'active',
  'parameters',
  'slug',
  'catchUp',
  'maxLatenessSeconds',
  'overlap',
  'jitterSeconds',
  'start',
  'end',
  'exclude',
] as const;
const COLLISIONS = ['enqueue', 'cancelNew', 'cancelOld'] as const;
const KINDS = ['cron', 'intervalSeconds', 'rrule'] as const;

/** @param more further options, which whoever calls has looked at. @throws `bad-input` for an option that is wrong */
export function defineDeployment(
  flow: AnyFlow,
  options: DeploymentOptions = {},
  more: readonly string[] = [],
): DeploymentDefinition {
  const name = options.name ?? flow.flowName;
  const what = `deployment "${name}" of flow "${flow.flowName}"`;
  checkKeys(what, options, [...DEPLOYMENT_KEYS, ...more]);
  const check = checker(what, options);
  check('name', (value) => isText(value) && value.trim() !== '', 'a text that is not empty');
  check('schedule', (value) => typeof value === 'object' && value !== null, 'a schedule, or a list of them');
  check('parameters', isPlainObject, 'an object: names with values');
  check('tags', (value) => Array.isArray(value) && value.every(isText), 'a list of texts');
  check('description', isText, 'a text');
  check('version', isText, 'a text');
  check('paused', isBoolean, 'true or false');
  check('concurrencyLimit', isCount, 'a whole number, 1 or more');
  check('onCollision', (value) => COLLISIONS.includes(value as never), "'enqueue', 'cancelNew' or 'cancelOld'");
  check('concurrencyKey', (value) => isText(value) || typeof value === 'function', 'a text or a function');
  if (options.concurrencyKey !== undefined) keyTextOf(what, options.concurrencyKey);
  check('onCrash', (value) => ON_CRASH.includes(value as never), "'leave', 'resume' or 'retry'");
  check('enforceParameterSchema', isBoolean, 'true or false');
  check('force', isBoolean, 'true or false');
  const { schedule } = options;
  const schedules = schedule === undefined ? undefined : Array.isArray(schedule) ? schedule : [schedule];
  for (const each of schedules ?? []) checkSchedule(what, each as ScheduleOption);
  return { flow, name, options, schedules: schedules as readonly ScheduleOption[] | undefined };
}

export function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isMoment(value: unknown): boolean {
  return value === null || isText(value) || (value instanceof Date && !Number.isNaN(value.getTime()));
}

function isExclusion(value: unknown): boolean {
  if (isText(value)) return true;
  if (!isPlainObject(value)) return false;
  const members = Object.entries(value as object) as [string, unknown][];
  const names = members.map(([name]) => name);
  const isSpan = names.includes('from') && names.every((name) => ['from', 'to', 'name'].includes(name));
  return (isSpan || names.join() === 'calendar') && members.every(([, text]) => isText(text));
}

function checkSchedule(of: string, schedule: ScheduleOption): void {
  const what = `a schedule of ${of}`;
  if (!isPlainObject(schedule))
    throw new OstinatoError('bad-input', `What stands for ${what} is no object.`, {
      remedy: "Write, for instance: schedule: { cron: '0 9 * * *', timezone: 'Europe/Berlin' }",
    });
  checkKeys(what, schedule, SCHEDULE_KEYS);
  const kinds = KINDS.filter((kind) => kind in schedule);
  if (kinds.length !== 1)
    throw new OstinatoError(
      'bad-input',
      kinds.length === 0
        ? `No times are said in ${what}.`
        : `The times are said in ${kinds.length} ways in ${what}: ${kinds.join(', ')}.`,
      { remedy: "Write one of cron, intervalSeconds and rrule, for instance: { cron: '0 9 * * *' }" },
    );
  const check = checker(what, schedule);
  check('cron', isText, "a text, for instance '0 9 * * *'");
  check('dayOr', isBoolean, 'true or false');
  check('intervalSeconds', (value) => isDuration(value) && value > 0, 'a number of seconds above 0');
  check('anchor', (value) => value instanceof Date && !Number.isNaN(value.getTime()), 'a Date');
  check('rrule', isText, "a text, for instance 'FREQ=DAILY'");
  check('timezone', isText, "the name of a time zone, for instance 'Europe/Berlin'");
  check('active', isBoolean, 'true or false');
  check('parameters', isPlainObject, 'an object: names with values');
  check('slug', isText, 'a text');
  check('catchUp', (value) => CATCH_UPS.some((each) => each === value), `one of ${CATCH_UPS.join(', ')}`);
  check('maxLatenessSeconds', (value) => value === null || isDuration(value), 'a number of seconds, or null');
  check('overlap', (value) => OVERLAPS.some((each) => each === value), `one of ${OVERLAPS.join(', ')}`);
  check('jitterSeconds', isDuration, 'a number of seconds, 0 or more');
  check('start', isMoment, 'a day or a time as a text, a Date, or null');
  check('end', isMoment, 'a day or a time as a text, a Date, or null');
  check(
    'exclude',
    (value) => Array.isArray(value) && value.every(isExclusion),
    "a list of days such as '2026-12-24', { from, to, name }, and { calendar: FILE }",
  );
}
