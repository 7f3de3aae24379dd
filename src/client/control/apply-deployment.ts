/**
 * Brings a server that keeps no versions, as Prefect's, to what is wanted of a deployment: field by field, and schedule
 * by schedule. Who changed it last is right.
 *
 * 1. What is not said stays as it is.
 * 2. A schedule that is there keeps what is not said of it: one that was paused by hand stays paused.
 * 3. The same a second time changes nothing.
 */

import type { Deployment } from '../../contract/deployment.ts';
import { wireText } from '../../contract/wire-json.ts';
import type { AppliedDeployment, DeploymentMergeChange } from '../../contract/deployment-version.ts';
import type { SlotPolicy } from '../../core/schedules/slot-policy.ts';
import type { Exclusion } from '../../core/schedules/slot-rules.ts';
import type {
  DeploymentChange,
  DeploymentClient,
  DeploymentFields,
  NewSchedules,
  VersionSource,
} from './deployments.ts';
import { SLOT_FIELDS } from './slot-fields.ts';

/** One of `cron`, `interval` and `rrule`; what else is left out is not said. */
export interface WantedSchedule {
  readonly cron?: string | undefined;
  /** Seconds. */
  readonly interval?: number | undefined;
  readonly anchor_date?: string | undefined;
  readonly rrule?: string | undefined;
  readonly timezone?: string | undefined;
  readonly day_or?: boolean | undefined;
  readonly active?: boolean | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly slug?: string | undefined;
  readonly catch_up?: 'latest' | 'all' | 'none' | undefined;
  /** Seconds; `null`: any. */
  readonly max_lateness?: number | null | undefined;
  readonly overlap?: SlotPolicy['overlap'] | undefined;
  /** Seconds; 0: none. */
  readonly jitter?: number | undefined;
  /** `null`: none. */
  readonly start?: string | null | undefined;
  readonly end?: string | null | undefined;
  readonly exclusions?: readonly Exclusion[] | undefined;
}

export interface WantedDeployment {
  readonly flowName: string;
  readonly name: string;
  readonly fields: Omit<DeploymentFields, 'schedules'>;
  /** `undefined`: they stay as they are. */
  readonly schedules: readonly WantedSchedule[] | undefined;
  /** Of one that is made now. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Whence it comes. */
  readonly source?: VersionSource | undefined;
}

/** @param isDry changes nothing, and answers what would be changed */
export async function applyDeployment(
  deployments: DeploymentClient,
  { flowName, name, fields, schedules, labels }: WantedDeployment,
  isDry: boolean,
): Promise<AppliedDeployment> {
  const about = { flow_name: flowName, name, version: null };
  const there = await deployments.find(flowName, name);
  if (there === null) {
    const made = isDry
      ? null
      : await deployments.create(flowName, name, {
          ...fields,
          ...(labels === undefined ? {} : { labels: { ...labels } }),
          ...(schedules === undefined ? {} : { schedules: schedules.map(newSchedule) }),
        });
    return { ...about, id: made?.plain.id ?? null, is_new: true, changes: [] };
  }
  const { id } = there.plain;
  const changed = Object.entries(fields).filter(
    ([field, value]) => value !== undefined && wireText(value) !== wireText(current(there.plain, field)),
  );
  const changes = changed.map(([field, value]) => set(field, current(there.plain, field), value));
  if (changed.length > 0 && !isDry) await deployments.update(id, Object.fromEntries(changed) as DeploymentChange);
  if (schedules !== undefined) changes.push(...(await applySchedules(deployments, there.plain, schedules, isDry)));
  return { ...about, id, is_new: false, changes };
}

function set(path: string, current: unknown, wanted: unknown): DeploymentMergeChange {
  return { path, how: 'set', base: null, current, wanted };
}

function current(deployment: Deployment, field: string): unknown {
  if (field === 'concurrency_limit') return deployment.global_concurrency_limit?.limit ?? null;
  return deployment[field as keyof Deployment];
}

type Stored = Deployment['schedules'][number];

function datesOf({
  cron,
  interval,
  anchor_date,
  rrule,
  timezone,
  day_or,
}: WantedSchedule): NewSchedules[number]['schedule'] {
  const zone = timezone === undefined ? {} : { timezone };
  if (cron !== undefined) return { cron, ...zone, ...(day_or === undefined ? {} : { day_or }) };
  if (rrule !== undefined) return { rrule, ...zone };
  return { interval: interval ?? 0, ...zone, ...(anchor_date === undefined ? {} : { anchor_date }) };
}

/** As a server is asked for it. */
export function newSchedule(entry: WantedSchedule): NewSchedules[number] {
  const { active, parameters, slug } = entry;
  return {
    schedule: datesOf(entry),
    ...(active === undefined ? {} : { active }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(slug === undefined ? {} : { slug }),
    ...Object.fromEntries(slotFields(entry)),
  };
}

/** Of a schedule that says nothing of it. */
const UNSAID: Readonly<Record<string, unknown>> = { jitter: 0, exclusions: [] };

function slotFields(entry: WantedSchedule): readonly (readonly [(typeof SLOT_FIELDS)[number], unknown])[] {
  return SLOT_FIELDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]] as const]));
}

async function applySchedules(
  deployments: DeploymentClient,
  { id, schedules: stored }: Deployment,
  entries: readonly WantedSchedule[],
  isDry: boolean,
): Promise<readonly DeploymentMergeChange[]> {
  const changes: DeploymentMergeChange[] = [];
  const left = [...stored];
  const fresh: WantedSchedule[] = [];
  for (const entry of entries) {
    const at = left.findIndex((each) => isSameSchedule(each, entry));
    const [there] = at < 0 ? [] : left.splice(at, 1);
    if (there === undefined) {
      fresh.push(entry);
      continue;
    }
    const change = changeOf(there, entry);
    const parts = Object.entries(change);
    if (parts.length > 0 && !isDry) await deployments.updateSchedule(id, there.id, change);
    for (const [part, value] of parts)
      changes.push(set(`${pathOf(entry)}.${part}`, (there as Readonly<Record<string, unknown>>)[part], value));
  }
  for (const gone of left) {
    if (!isDry) await deployments.removeSchedule(id, gone.id);
    const there = { ...(gone.schedule as WantedSchedule), slug: gone.slug ?? undefined };
    changes.push(set(pathOf(there), there, null));
  }
  if (fresh.length > 0 && !isDry) await deployments.addSchedules(id, fresh.map(newSchedule));
  changes.push(...fresh.map((entry) => set(pathOf(entry), null, entry)));
  return changes;
}

/** What people call it. */
function pathOf({ slug, cron, rrule, interval }: WantedSchedule): string {
  return `schedules.${slug ?? cron ?? rrule ?? `every ${interval ?? 0} s`}`;
}

/** By the slug where the file gives one, else by the times. */
function isSameSchedule({ slug, schedule }: Stored, entry: WantedSchedule): boolean {
  return entry.slug === undefined ? isSameDates(schedule, entry) : entry.slug === slug;
}

function isSameDates(stored: Stored['schedule'], entry: WantedSchedule): boolean {
  const { cron, interval, rrule, anchor_date, day_or } = stored as WantedSchedule;
  const isZone = entry.timezone === undefined || stored.timezone === entry.timezone;
  const isAnchor = entry.anchor_date === undefined || Date.parse(entry.anchor_date) === Date.parse(anchor_date ?? '');
  const isDay = cron === undefined || (entry.day_or ?? true) === day_or;
  return cron === entry.cron && interval === entry.interval && rrule === entry.rrule && isZone && isAnchor && isDay;
}

function changeOf(stored: Stored, entry: WantedSchedule): Partial<NewSchedules[number]> {
  const { active, parameters } = entry;
  return {
    ...(isSameDates(stored.schedule, entry) ? {} : { schedule: datesOf(entry) }),
    ...(active === undefined || active === stored.active ? {} : { active }),
    ...(parameters === undefined || wireText(parameters) === wireText(stored.parameters) ? {} : { parameters }),
    ...Object.fromEntries(
      slotFields(entry).filter(([name, value]) => wireText(value) !== wireText(stored[name] ?? UNSAID[name] ?? null)),
    ),
  };
}
