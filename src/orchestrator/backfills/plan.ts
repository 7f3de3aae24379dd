/** What is asked for as a backfill, looked at before anything is made: its schedule, slots, and parameters. */

import type { EarlierRun, Rerun, SlotOrder } from '../../core/backfills/backfill.ts';
import { slotsOfRange, type RangeSlot } from '../../core/backfills/range.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { DeploymentId, DeploymentScheduleId } from '../../core/ids.ts';
import { readLocalTime } from '../../core/schedules/local-time.ts';
import { readSchedule } from '../../core/schedules/next-dates.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { zoneOfSlots } from '../../core/schedules/slot.ts';
import { checkSlotTemplates, fillSlotTemplates, namesSlotEnd } from '../../core/schedules/slot-template.ts';
import { zoneOf } from '../../core/schedules/zone.ts';
import type { Instant } from '../../core/time.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { mergedJson } from '../deployments/fields.ts';
import { checkParameters, settledParameters, whereParametersAreTold } from '../deployments/parameters.ts';
import { deploymentMissing } from '../deployments/schedules.ts';
import type { OrchestratorPorts } from '../ports.ts';

export interface BackfillRequest {
  /** Local times of the schedule's zone, or with an offset. */
  readonly from: string;
  /** Default: now. */
  readonly to?: string | undefined;
  /** Default: the deployment's only one. */
  readonly scheduleId?: DeploymentScheduleId | undefined;
  /** Instead of one of the deployment's. @param anchor where an interval begins that does not say when */
  readonly times?: ((anchor: Instant) => Schedule) | undefined;
  /** JSON object, with templates. */
  readonly parameters: string;
  readonly order: SlotOrder;
  readonly rerun: Rerun;
}

export interface BackfillPlan {
  readonly found: DeploymentRecord;
  readonly scheduleId: DeploymentScheduleId | null;
  readonly schedule: Schedule;
  readonly zone: string;
  readonly from: Instant;
  readonly to: Instant;
  /** In the order in which they run. */
  readonly slots: readonly RangeSlot[];
  readonly earlier: ReadonlyMap<Instant, readonly EarlierRun[]>;
  /** With templates: those of the schedule, and over them those of the request. */
  readonly parameters: string;
}

/** Times whose runs are looked for in one question. */
const LOOKED_UP_AT_ONCE = 500;

/**
 * `not-found`: the deployment, or its schedule. `bad-input`: the range, or a template. `bad-parameters`: the first
 * slot's do not fit the flow.
 */
export async function planBackfill(
  ports: OrchestratorPorts,
  id: DeploymentId,
  request: BackfillRequest,
): Promise<BackfillPlan> {
  const found = await ports.storage.readDeployment({ id });
  if (found === null) throw deploymentMissing('.');
  const now = ports.clock.now();
  const chosen = scheduleFor(found, request);
  const zone = zoneOfSlots('times' in chosen ? chosen.times(now) : chosen);
  const from = readLocalTime(request.from, zoneOf(zone), 'The start of the range,');
  const to = request.to === undefined ? now : readLocalTime(request.to, zoneOf(zone), 'The end of the range,');
  const schedule = 'times' in chosen ? chosen.times(from) : chosen.schedule;
  readSchedule(schedule);
  const rules = 'times' in chosen ? null : chosen.rules;
  const oldest = slotsOfRange({ id: 'times' in chosen ? '' : chosen.id, schedule, rules }, from, to, now);
  const slots = request.order === 'oldest' ? oldest : oldest.toReversed();
  const parameters = mergedJson('times' in chosen ? '{}' : chosen.parameters, request.parameters);
  checkSlotTemplates(request.parameters, true);
  await checkFirst(ports, found, slots, parameters, zone);
  const scheduleId = 'times' in chosen ? null : chosen.id;
  const earlier = new Map<Instant, readonly EarlierRun[]>();
  const times = [...new Set(slots.flatMap(({ instant, dueAt }) => [instant, dueAt]))];
  for (let at = 0; at < times.length; at += LOOKED_UP_AT_ONCE) {
    const owner = { deploymentId: id, scheduleId };
    const some = await ports.storage.findSlotRuns(owner, times.slice(at, at + LOOKED_UP_AT_ONCE));
    for (const [time, runs] of some) earlier.set(time, runs);
  }
  // What the schedule ran is written down with its jitter, what a backfill ran without.
  for (const { instant, dueAt } of slots)
    if (dueAt !== instant) earlier.set(instant, [...(earlier.get(instant) ?? []), ...(earlier.get(dueAt) ?? [])]);
  return { found, scheduleId, schedule, zone, from, to, slots, earlier, parameters };
}

type Chosen =
  | (DeploymentRecord['schedules'][number] & { readonly timezone: string | null })
  | { readonly times: (anchor: Instant) => Schedule };

function scheduleFor({ deployment, schedules }: DeploymentRecord, request: BackfillRequest): Chosen {
  const { times, scheduleId } = request;
  if (times !== undefined && scheduleId !== undefined)
    throw new OstinatoError('bad-input', 'A schedule of the deployment and other times are both given.', {
      remedy: 'Give one of them.',
    });
  if (times !== undefined) return { times };
  const wanted = scheduleId === undefined ? schedules : schedules.filter((each) => each.id === scheduleId);
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return { ...only, timezone: only.schedule.timezone };
  if (scheduleId !== undefined)
    throw new OstinatoError('not-found', `The deployment "${deployment.name}" has no schedule ${scheduleId}.`, {
      remedy: 'See them with: ostinato deployment schedule ls DEPLOYMENT',
    });
  if (only === undefined)
    throw new OstinatoError('bad-input', `The deployment "${deployment.name}" has no schedule, so no slots.`, {
      remedy: 'Say when they are: `--cron "0 9 * * *"` or `--interval 1d`.',
    });
  throw new OstinatoError(
    'bad-input',
    `The deployment "${deployment.name}" has ${schedules.length} schedules: which one is meant is not said.`,
    { remedy: 'Name it with --schedule: its slug, its id or its times.' },
  );
}

/** All slots have the same form: what does not fit is told before any of them runs. */
async function checkFirst(
  ports: OrchestratorPorts,
  record: DeploymentRecord,
  slots: readonly RangeSlot[],
  parameters: string,
  zone: string,
): Promise<void> {
  const [first] = slots;
  if (first === undefined) return;
  if (namesSlotEnd(parameters) && slots.some(({ endsAt }) => endsAt === null))
    throw new OstinatoError('bad-input', 'A parameter is of the end of its slot, and the last slot has no end.', {
      remedy: 'The schedule ends with it: give a range that ends before the last slot.',
    });
  const filled = fillSlotTemplates(parameters, { start: first.instant, end: first.endsAt, zone });
  const what = 'The parameters of the first slot';
  const settled = await settledParameters(ports, mergedJson(record.deployment.parameters, filled), what);
  await checkParameters(ports, record.deployment, settled, {
    what,
    isPartial: false,
    remedy: whereParametersAreTold(record),
  });
}
