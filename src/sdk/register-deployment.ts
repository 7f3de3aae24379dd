/** Brings the server to what a program says of a deployment. */

import type { WantedDeployment, WantedSchedule } from '../client/control/apply-deployment.ts';
import { bringDeployments, refuseConflicts } from '../client/control/bring-deployments.ts';
import { concurrencyOptions } from '../client/control/concurrency-options.ts';
import type { DeploymentClient, DeploymentFields } from '../client/control/deployments.ts';
import { describeChange } from '../client/control/describe-change.ts';
import type { SLOT_FIELDS } from '../client/control/slot-fields.ts';
import { OstinatoError } from '../core/errors.ts';
import { sentValues } from '../core/json-value.ts';
import { readSchedule } from '../core/schedules/next-dates.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { checkRules, exclusionIn, type Exclusion } from '../core/schedules/slot-rules.ts';
import { formatInstant, instantFromMs, type Instant } from '../core/time.ts';
import { placeOfFile } from '../platform/entrypoint-place.ts';
import { keyTextOf } from './concurrency-key.ts';
import type { Deployed } from './deploy-options.ts';
import type { DeploymentDefinition, ExcludeOption, ScheduleOption } from './deployment-definition.ts';
import { saidByFlow } from './said-by-flow.ts';
import { sourceOf } from './flow-sources.ts';
import { schemaOf } from './described-parameters.ts';
import { parameterSlips } from './parameter-slips.ts';
import { sourceOfProgram } from './version-source.ts';

/**
 * Made, or changed where it says something else; the same a second time changes nothing.
 *
 * @param more fields that say where its runs go
 * @throws `bad-input` for parameters that the flow does not take, and for a schedule without times; `conflict` where
 *   somebody has changed by hand what the program changes
 */
export async function registerDeployment(
  deployments: DeploymentClient,
  definition: DeploymentDefinition,
  now: Instant,
  more: Partial<DeploymentFields> = {},
): Promise<Deployed> {
  await checkParameters(definition);
  const wanted = await wantedBy(definition, now);
  const source = await sourceOfProgram(definition.flow.definition.file);
  const all = { ...wanted, source, fields: { ...wanted.fields, ...more } };
  const brought = await bringDeployments(deployments, [all], { isForced: definition.options.force });
  refuseConflicts(brought, { who: `the deployment's program`, remedy: FORCE, isTold: false });
  const [applied] = brought.deployments;
  if (applied === undefined || applied.plain.id === null)
    throw new OstinatoError('bad-input', 'The server answered that it has made no deployment.', {
      remedy: 'Is it a server of this version?',
    });
  const { id, is_new: isNew, version, changes } = applied.plain;
  const set = changes.filter(({ how }) => how === 'set');
  return { id, isNew, changes: isNew ? [] : set.map(describeChange), version };
}

const FORCE = 'Say in the program what is to be, or force: true among the options of the deployment.';

async function checkParameters({ flow, name, options, schedules }: DeploymentDefinition): Promise<void> {
  const below = sentValues(options.parameters ?? {});
  const slips = [...(await parameterSlips(flow, below))];
  for (const { parameters } of schedules ?? [])
    if (parameters !== undefined) slips.push(...(await parameterSlips(flow, sentValues(parameters), below)));
  const [first] = slips;
  if (first === undefined) return;
  throw new OstinatoError(
    'bad-input',
    `Deployment ${flow.flowName}/${name}: ${slips.map(({ message }) => message).join(' ')}`,
    { remedy: first.advice },
  );
}

const COLLISION_WORDS = { enqueue: 'enqueue', cancelNew: 'cancel_new', cancelOld: 'cancel_old' } as const;

async function wantedBy(
  { flow, name, options, schedules }: DeploymentDefinition,
  now: Instant,
): Promise<WantedDeployment> {
  const { definition, flowName } = flow;
  const { folder, file } = placeOfFile(definition.file);
  const source = sourceOf(definition.file);
  const { description = definition.options.description, concurrencyLimit, onCollision, concurrencyKey } = options;
  const said = saidByFlow(flow);
  const { onCrash = said.on_crash } = options;
  return {
    flowName,
    name,
    schedules: schedules && (await Promise.all(schedules.map((each) => wantedSchedule(each, folder, now)))),
    fields: {
      ...(source === null
        ? { entrypoint: `${file}:${flowName}`, path: folder }
        : { entrypoint: `${source.file}:${flowName}`, path: null, pull_steps: [...source.pullSteps] }),
      version: options.version ?? definition.version,
      tags: [...(options.tags ?? [])],
      parameters: sentValues(options.parameters ?? {}),
      parameter_openapi_schema: schemaOf(flow),
      enforce_parameter_schema: options.enforceParameterSchema ?? flow.parameterSchema !== null,
      ...(description === undefined ? {} : { description }),
      ...(options.paused === undefined ? {} : { paused: options.paused }),
      ...(concurrencyLimit === undefined ? {} : { concurrency_limit: concurrencyLimit }),
      ...(onCrash === undefined ? {} : { on_crash: onCrash }),
      ...concurrencyOptions(
        onCollision === undefined ? undefined : COLLISION_WORDS[onCollision],
        concurrencyKey === undefined ? said.concurrency_key : keyTextOf(`deployment "${name}"`, concurrencyKey),
      ),
    },
  };
}

/** @throws `bad-input` for times that cannot be */
async function wantedSchedule(schedule: ScheduleOption, folder: string, now: Instant): Promise<WantedSchedule> {
  const { timezone, active, parameters, slug } = schedule;
  const given = parameters === undefined ? undefined : sentValues(parameters);
  const slots = await wantedSlots(schedule, folder, now);
  const common = { timezone, active, slug, parameters: given, ...slots };
  const zone = timezone ?? null;
  if ('cron' in schedule) {
    checkSlots({ kind: 'cron', cron: schedule.cron, timezone: zone, dayOr: schedule.dayOr ?? true }, slots, now);
    return { ...common, cron: schedule.cron, day_or: schedule.dayOr };
  }
  if ('rrule' in schedule) {
    checkSlots({ kind: 'rrule', rrule: schedule.rrule, timezone: zone }, slots, now);
    return { ...common, rrule: schedule.rrule };
  }
  const { intervalSeconds: interval, anchor } = schedule;
  const anchorDate = anchor === undefined ? undefined : instantFromMs(anchor.getTime());
  checkSlots({ kind: 'interval', interval, anchorDate: anchorDate ?? now, timezone: zone }, slots, now);
  return { ...common, interval, anchor_date: anchorDate === undefined ? undefined : formatInstant(anchorDate) };
}

type WantedSlots = Pick<WantedSchedule, (typeof SLOT_FIELDS)[number]>;

/** @param folder of the flow's file, from which on calendars are named */
async function wantedSlots(schedule: ScheduleOption, folder: string, now: Instant): Promise<WantedSlots> {
  const { catchUp, maxLatenessSeconds, overlap, jitterSeconds, start, end, exclude } = schedule;
  const text = (moment: string | Date | null | undefined) =>
    moment instanceof Date ? formatInstant(instantFromMs(moment.getTime())) : moment;
  return {
    catch_up: catchUp,
    max_lateness: maxLatenessSeconds,
    overlap,
    jitter: jitterSeconds,
    start: text(start),
    end: text(end),
    exclusions: exclude && (await wantedExclusions(exclude, folder, now)),
  };
}

async function wantedExclusions(
  exclude: readonly ExcludeOption[],
  folder: string,
  now: Instant,
): Promise<readonly Exclusion[]> {
  const found: Exclusion[] = [];
  for (const each of exclude) {
    if (typeof each === 'string') found.push(exclusionIn(each));
    else if ('from' in each)
      found.push({ from: each.from, to: each.to ?? each.from, name: each.name ?? null, calendar: null });
    else {
      // Loaded with the first calendar.
      const { readCalendarFile } = await import('../platform/calendar-file.ts');
      found.push(...(await readCalendarFile(folder, each.calendar, now)));
    }
  }
  return found;
}

function checkSlots(schedule: Schedule, { jitter = 0, start, end, exclusions = [] }: WantedSlots, now: Instant): void {
  readSchedule(schedule);
  checkRules({ jitterSeconds: jitter, start: start ?? null, end: end ?? null, exclusions }, schedule, now);
}
