/** Brings the server to what a program says of a deployment. */

import {
  applyDeployment,
  type AppliedDeployment,
  type WantedDeployment,
  type WantedSchedule,
} from '../client/control/apply-deployment.ts';
import { concurrencyOptions } from '../client/control/concurrency-options.ts';
import type { DeploymentClient, DeploymentFields } from '../client/control/deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import { readSchedule } from '../core/schedules/next-dates.ts';
import { formatInstant, instantFromMs, type Instant } from '../core/time.ts';
import { placeOfFile } from '../platform/entrypoint-place.ts';
import { keyTextOf } from './concurrency-key.ts';
import type { DeploymentDefinition, ScheduleOption } from './deployment-definition.ts';
import { schemaOf } from './described-parameters.ts';
import { parameterSlips } from './parameter-slips.ts';

/**
 * Made, or changed where it says something else; the same a second time changes nothing.
 * @param more fields that say where its runs go
 * @throws `bad-input` for parameters that the flow does not take, and for a schedule without times
 */
export async function registerDeployment(
  deployments: DeploymentClient,
  definition: DeploymentDefinition,
  now: Instant,
  more: Partial<DeploymentFields> = {},
): Promise<AppliedDeployment> {
  await checkParameters(definition);
  const wanted = wantedBy(definition, now);
  return await applyDeployment(deployments, { ...wanted, fields: { ...wanted.fields, ...more } });
}

async function checkParameters({ flow, name, options, schedules }: DeploymentDefinition): Promise<void> {
  const below = jsonOf(options.parameters ?? {});
  const slips = [...(await parameterSlips(flow, below))];
  for (const { parameters } of schedules ?? [])
    if (parameters !== undefined) slips.push(...(await parameterSlips(flow, jsonOf(parameters), below)));
  const [first] = slips;
  if (first === undefined) return;
  throw new OstinatoError(
    'bad-input',
    `Deployment ${flow.flowName}/${name}: ${slips.map(({ message }) => message).join(' ')}`,
    { remedy: first.advice },
  );
}

const COLLISION_WORDS = { enqueue: 'enqueue', cancelNew: 'cancel_new', cancelOld: 'cancel_old' } as const;

function wantedBy({ flow, name, options, schedules }: DeploymentDefinition, now: Instant): WantedDeployment {
  const { definition, flowName } = flow;
  const { folder, file } = placeOfFile(definition.file);
  const { description = definition.options.description, concurrencyLimit, onCollision, concurrencyKey } = options;
  return {
    flowName,
    name,
    schedules: schedules?.map((schedule) => wantedSchedule(schedule, now)),
    fields: {
      entrypoint: `${file}:${flowName}`,
      path: folder,
      version: options.version ?? definition.version,
      tags: [...(options.tags ?? [])],
      parameters: jsonOf(options.parameters ?? {}),
      parameter_openapi_schema: schemaOf(flow),
      enforce_parameter_schema: options.enforceParameterSchema ?? flow.parameterSchema !== null,
      ...(description === undefined ? {} : { description }),
      ...(options.paused === undefined ? {} : { paused: options.paused }),
      ...(concurrencyLimit === undefined ? {} : { concurrency_limit: concurrencyLimit }),
      ...(options.onCrash === undefined ? {} : { on_crash: options.onCrash }),
      ...concurrencyOptions(
        onCollision === undefined ? undefined : COLLISION_WORDS[onCollision],
        concurrencyKey === undefined ? undefined : keyTextOf(`deployment "${name}"`, concurrencyKey),
      ),
    },
  };
}

/** @throws `bad-input` for times that cannot be */
function wantedSchedule(schedule: ScheduleOption, now: Instant): WantedSchedule {
  const { timezone, active, parameters, slug } = schedule;
  const common = { timezone, active, slug, parameters: parameters === undefined ? undefined : jsonOf(parameters) };
  const zone = timezone ?? null;
  if ('cron' in schedule) {
    readSchedule({ kind: 'cron', cron: schedule.cron, timezone: zone, dayOr: schedule.dayOr ?? true });
    return { ...common, cron: schedule.cron, day_or: schedule.dayOr };
  }
  if ('rrule' in schedule) {
    readSchedule({ kind: 'rrule', rrule: schedule.rrule, timezone: zone });
    return { ...common, rrule: schedule.rrule };
  }
  const { intervalSeconds: interval, anchor } = schedule;
  const anchorDate = anchor === undefined ? undefined : instantFromMs(anchor.getTime());
  readSchedule({ kind: 'interval', interval, anchorDate: anchorDate ?? now, timezone: zone });
  return { ...common, interval, anchor_date: anchorDate === undefined ? undefined : formatInstant(anchorDate) };
}

/** As JSON says them: a date as text. */
export function jsonOf(values: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Record<string, unknown>;
}
