/**
 * Brings the server to what is wanted of a deployment: field by field, and schedule by schedule.
 *
 * 1. What is not said stays as it is.
 * 2. A schedule that is there keeps what is not said of it: one that was paused by hand stays paused.
 * 3. The same a second time changes nothing.
 */

import type { Deployment } from '../../contract/deployment.ts';
import { wireText } from '../../contract/wire-json.ts';
import type { SlotPolicy } from '../../core/schedules/slot-policy.ts';
import type { Exclusion } from '../../core/schedules/slot-rules.ts';
import type { DeploymentChange, DeploymentClient, DeploymentFields, NewSchedules } from './deployments.ts';
import { describe } from './describe-schedule.ts';
import { SLOT_WORDS } from './slot-words.ts';

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
}

export interface AppliedDeployment {
  readonly id: string;
  readonly isNew: boolean;
  /** A line each: what was changed, in words. */
  readonly changes: readonly string[];
}

export async function applyDeployment(
  deployments: DeploymentClient,
  { flowName, name, fields, schedules }: WantedDeployment,
): Promise<AppliedDeployment> {
  const there = await deployments.find(flowName, name);
  if (there === null) {
    const made = await deployments.create(flowName, name, {
      ...fields,
      ...(schedules === undefined ? {} : { schedules: schedules.map(newSchedule) }),
    });
    return { id: made.plain.id, isNew: true, changes: [] };
  }
  const { id } = there.plain;
  const changed = Object.entries(fields).filter(
    ([field, value]) => value !== undefined && wireText(value) !== wireText(current(there.plain, field)),
  );
  const changes = changed.map(([field, value]) => `${field}: ${short(current(there.plain, field))} → ${short(value)}`);
  if (changed.length > 0) await deployments.update(id, Object.fromEntries(changed) as DeploymentChange);
  if (schedules !== undefined) changes.push(...(await applySchedules(deployments, there.plain, schedules)));
  return { id, isNew: false, changes };
}

function current(deployment: Deployment, field: string): unknown {
  if (field === 'concurrency_limit') return deployment.global_concurrency_limit?.limit ?? null;
  return deployment[field as keyof Deployment];
}

const SHOWN_MAX = 60;

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
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
    ...Object.fromEntries(slotWords(entry)),
  };
}

/** Of a schedule that says nothing of it. */
const UNSAID: Readonly<Record<string, unknown>> = { jitter: 0, exclusions: [] };

function slotWords(entry: WantedSchedule): readonly (readonly [(typeof SLOT_WORDS)[number], unknown])[] {
  return SLOT_WORDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]] as const]));
}

async function applySchedules(
  deployments: DeploymentClient,
  { id, schedules: stored }: Deployment,
  entries: readonly WantedSchedule[],
): Promise<readonly string[]> {
  const changes: string[] = [];
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
    if (Object.keys(change).length === 0) continue;
    await deployments.updateSchedule(id, there.id, change);
    changes.push(`schedule ${describe(entry)}: ${Object.keys(change).join(', ')} changed`);
  }
  for (const gone of left) {
    await deployments.removeSchedule(id, gone.id);
    changes.push(`schedule ${describe(gone.schedule)} is gone`);
  }
  if (fresh.length > 0) await deployments.addSchedules(id, fresh.map(newSchedule));
  changes.push(...fresh.map((entry) => `schedule ${describe(entry)} is new`));
  return changes;
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
      slotWords(entry).filter(([name, value]) => wireText(value) !== wireText(stored[name] ?? UNSAID[name] ?? null)),
    ),
  };
}
