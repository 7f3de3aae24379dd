/**
 * Schedules of deployments.
 *
 * 1. Whatever changes a schedule takes back the runs that it has made ahead: they are made anew from now on.
 * 2. A slot that a run has begun for keeps it: the slot has its entry.
 * 3. Other dates move the high-water mark to now: none of theirs before it fires. Whatever else changes leaves it.
 */

import type { Actor } from '../../core/actor.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { DeploymentSchedule } from '../../core/deployment.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { DeploymentId, DeploymentScheduleId, IdSource } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { readSchedule } from '../../core/schedules/next-dates.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkSlotTemplates } from '../../core/schedules/slot-template.ts';
import { DEFAULT_SLOT_POLICY, type SlotPolicy } from '../../core/schedules/slot-policy.ts';
import { checkRules, NO_SLOT_RULES, rulesOrNone, type SlotRules } from '../../core/schedules/slot-rules.ts';
import type { Instant } from '../../core/time.ts';
import type { DeploymentChange, RunsTakenBack } from '../../store/port/deployments.ts';
import { pauseEvents } from '../pauses.ts';
import type { OrchestratorPorts } from '../ports.ts';

export interface NewSchedule {
  readonly schedule: Schedule;
  /** Default `true`. */
  readonly active?: boolean | undefined;
  readonly maxScheduledRuns?: number | null | undefined;
  /** JSON object; default empty. */
  readonly parameters?: string | undefined;
  readonly slug?: string | null | undefined;
  /** Where any of it is given, the rest is by default: `DEFAULT_SLOT_POLICY`. Absent: none. */
  readonly policy?: PolicyWords | undefined;
  readonly rules?: RulesWords | undefined;
}

export type PolicyWords = { readonly [Name in keyof SlotPolicy]?: SlotPolicy[Name] | undefined };
export type RulesWords = { readonly [Name in keyof SlotRules]?: SlotRules[Name] | undefined };

/** What is left out stays. */
export interface ScheduleUpdate {
  readonly schedule?: Schedule | undefined;
  readonly active?: boolean | undefined;
  readonly maxScheduledRuns?: number | undefined;
  readonly parameters?: string | undefined;
  readonly slug?: string | undefined;
  readonly policy?: PolicyWords | undefined;
  readonly rules?: RulesWords | undefined;
  /** The slug that the schedule has had so far. */
  readonly replaces?: string | undefined;
}

/** `bad-input` for one that cannot be. */
export function newSchedule(
  ids: IdSource,
  deploymentId: DeploymentId,
  { schedule, active = true, maxScheduledRuns, parameters = '{}', slug, policy, rules }: NewSchedule,
  isPaused: boolean,
  now: Instant,
): DeploymentSchedule {
  readSchedule(schedule);
  checkSlotTemplates(parameters, false);
  const id = ids.next<DeploymentScheduleId>();
  const said = { schedule, active, maxScheduledRuns: maxScheduledRuns ?? null, parameters, slug: slug ?? null };
  const fresh = {
    scheduledThrough: null,
    dueAt: null,
    settledThrough: null,
    heldSince: null,
    policy: policyAfter(null, policy),
    rules: rulesAfter(null, rules),
  };
  checkRules(fresh.rules, schedule, now);
  return rearmed({ id, deploymentId, ...said, createdAt: now, updatedAt: now, ...fresh }, isPaused, now);
}

/** Runs are made ahead from now on. */
export function rearmed(schedule: DeploymentSchedule, isPaused: boolean, now: Instant): DeploymentSchedule {
  const isArmed = schedule.active && !isPaused;
  const { scheduledThrough, settledThrough } = schedule;
  // Slots that had their runs made ahead, and have passed, are seen to.
  const passed = scheduledThrough === null ? null : Math.min(scheduledThrough, now);
  const mark = settledThrough === null ? (isArmed ? now : null) : Math.max(settledThrough, passed ?? settledThrough);
  return {
    ...schedule,
    scheduledThrough: null,
    dueAt: isArmed ? now : null,
    settledThrough: mark as Instant | null,
    heldSince: schedule.heldSince ?? (isArmed || mark === null ? null : now),
  };
}

/** `bad-input` for one that cannot be. */
export function updatedSchedule(
  schedule: DeploymentSchedule,
  update: ScheduleUpdate,
  now: Instant,
): DeploymentSchedule {
  if (update.schedule) readSchedule(update.schedule);
  if (update.parameters !== undefined) checkSlotTemplates(update.parameters, false);
  const { replaces: _, policy, rules, ...fields } = update;
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const updated = {
    ...schedule,
    ...(said as Partial<DeploymentSchedule>),
    policy: policyAfter(schedule.policy, policy),
    rules: rulesAfter(schedule.rules, rules),
    updatedAt: now,
  };
  if (update.schedule || rules) checkRules(updated.rules, updated.schedule, now);
  const isSame =
    areSameDates(updated.schedule, schedule.schedule) &&
    JSON.stringify(updated.rules) === JSON.stringify(schedule.rules);
  if (isSame || schedule.settledThrough === null) return updated;
  return { ...updated, settledThrough: now, scheduledThrough: null, heldSince: schedule.heldSince && now };
}

function policyAfter(before: SlotPolicy | null, words: PolicyWords | undefined): SlotPolicy | null {
  const said = Object.entries(words ?? {}).filter(([, value]) => value !== undefined);
  return said.length === 0 ? before : { ...(before ?? DEFAULT_SLOT_POLICY), ...Object.fromEntries(said) };
}

function rulesAfter(before: SlotRules | null, words: RulesWords | undefined): SlotRules | null {
  const said = Object.entries(words ?? {}).filter(([, value]) => value !== undefined);
  if (said.length === 0) return before;
  return rulesOrNone({ ...(before ?? NO_SLOT_RULES), ...Object.fromEntries(said) });
}

function areSameDates(one: Schedule, other: Schedule): boolean {
  const sorted = (schedule: Schedule) =>
    JSON.stringify(Object.entries(schedule).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}

/**
 * Until when the schedules were seen to: now, or later where the clock of the server that did it is ahead of this
 * one's. What is forgotten of before is never made again.
 */
export function seenUntil(schedules: readonly DeploymentSchedule[], now: Instant): Instant {
  return Math.max(now, ...schedules.map(({ settledThrough }) => settledThrough ?? now)) as Instant;
}

/** What becomes of the slots whose runs an update takes back. */
export function takenBackBy(
  reason: string,
  schedules: readonly DeploymentSchedule[],
  now: Instant,
): Pick<RunsTakenBack, 'at' | 'past'> {
  return { at: seenUntil(schedules, now), past: { outcome: 'cancelled', reason } };
}

/** Of runs that are due later: they are made anew, as the schedules say from now on. */
export function takenBackLater(reason: string, schedules: readonly DeploymentSchedule[], now: Instant): RunsTakenBack {
  const by = takenBackBy(reason, schedules, now);
  return { autoScheduledOnly: true, dueAfter: by.at, ...by };
}

/** `not-found`; `conflict` when a slug is another's. */
export function createSchedules(
  { storage, clock, ids }: OrchestratorPorts,
  id: DeploymentId,
  given: readonly NewSchedule[],
): MaybePromise<readonly DeploymentSchedule[]> {
  const now = clock.now();
  return storage.changeDeployment<readonly DeploymentSchedule[]>({ id }, ({ found }) => {
    if (found === null) throw deploymentMissing('.');
    const schedules = given.map((schedule) => newSchedule(ids, id, schedule, found.deployment.paused, now));
    return { schedules, answer: schedules };
  });
}

/** `not-found`: the deployment, or the schedule. */
export function updateSchedule(
  { storage, clock, ids }: OrchestratorPorts,
  deploymentId: DeploymentId,
  id: DeploymentScheduleId,
  update: ScheduleUpdate,
  actor?: Actor,
): MaybePromise<void> {
  const now = clock.now();
  return changeSchedule(storage, deploymentId, id, (schedules, isPaused) => ({
    events: pausesOf(ids, schedules, id, update, actor, now),
    schedules: schedules.map((schedule) =>
      rearmed(schedule.id === id ? updatedSchedule(schedule, update, now) : schedule, isPaused, now),
    ),
    takenBack: takenBackLater('Its schedule was changed.', schedules, now),
  }));
}

function pausesOf(
  ids: IdSource,
  schedules: readonly DeploymentSchedule[],
  id: DeploymentScheduleId,
  { active }: ScheduleUpdate,
  actor: Actor | undefined,
  now: Instant,
): readonly OutboxEvent[] {
  const before = schedules.find((schedule) => schedule.id === id);
  if (before === undefined || active === undefined) return [];
  const move = { noun: 'deployment-schedule', id, name: before.slug ?? id, actor, now } as const;
  return pauseEvents(ids, { ...move, wasPaused: !before.active, isPaused: !active });
}

/** `not-found`: the deployment, or the schedule. */
export function deleteSchedule(
  { storage, clock }: OrchestratorPorts,
  deploymentId: DeploymentId,
  id: DeploymentScheduleId,
): MaybePromise<void> {
  const now = clock.now();
  return changeSchedule(storage, deploymentId, id, (schedules, isPaused) => ({
    deletedSchedules: [id],
    schedules: schedules.filter((schedule) => schedule.id !== id).map((schedule) => rearmed(schedule, isPaused, now)),
    takenBack: { autoScheduledOnly: true, ...takenBackBy('A schedule of the deployment was deleted.', schedules, now) },
  }));
}

function changeSchedule(
  storage: OrchestratorPorts['storage'],
  deploymentId: DeploymentId,
  id: DeploymentScheduleId,
  change: (schedules: readonly DeploymentSchedule[], isPaused: boolean) => Omit<DeploymentChange<void>, 'answer'>,
): MaybePromise<void> {
  return chain(
    storage.changeDeployment<void>({ id: deploymentId }, ({ found }) => {
      if (found === null) throw deploymentMissing('.');
      if (!found.schedules.some((schedule) => schedule.id === id))
        throw new OstinatoError('not-found', 'Schedule not found.');
      return { ...change(found.schedules, found.deployment.paused), answer: undefined };
    }),
    () => undefined,
  );
}

/** @param end as Prefect's server ends the sentence here */
export function deploymentMissing(end: '.' | '' = ''): OstinatoError {
  return new OstinatoError('not-found', `Deployment not found${end}`, {
    remedy: '`ostinato deployment ls` shows the deployments there are.',
  });
}

export interface PlannedSchedules {
  readonly schedules: readonly DeploymentSchedule[];
  readonly deletedSchedules: readonly DeploymentScheduleId[];
}

/**
 * The schedules of a deployment after an update that names some: where all have slugs, those that are named are changed
 * and the rest stays; else the given ones take the place of all. `bad-input` where that would lose one unseen.
 * Source: Prefect 3, `update_deployment`.
 */
export function plannedSchedules(
  ids: IdSource,
  deploymentId: DeploymentId,
  existing: readonly DeploymentSchedule[],
  given: readonly ScheduleUpdate[],
  isPaused: boolean,
  now: Instant,
): PlannedSchedules {
  const made = (update: ScheduleUpdate): DeploymentSchedule => {
    const { schedule } = update;
    if (schedule === undefined)
      throw new OstinatoError(
        'bad-input',
        'Unable to create new deployment schedules without a schedule configuration.',
      );
    return newSchedule(ids, deploymentId, { ...update, schedule }, isPaused, now);
  };
  const haveSlugs = existing.length > 0 && existing.every(({ slug }) => slug !== null);
  if (!haveSlugs)
    return {
      schedules: given.filter(({ schedule }) => schedule !== undefined).map(made),
      deletedSchedules: existing.map(({ id }) => id),
    };
  if (given.some(({ slug }) => slug === undefined))
    throw new OstinatoError(
      'bad-input',
      'Please provide a slug for each schedule in your request to ensure schedules are updated correctly.',
    );
  checkRenames(existing, given);
  const bySlug = new Map(existing.map((schedule) => [schedule.slug, schedule]));
  const schedules = new Map(existing.map((schedule) => [schedule.id, rearmed(schedule, isPaused, now)]));
  for (const update of given) {
    const known = bySlug.get(update.replaces ?? update.slug ?? null);
    const schedule = known === undefined ? made(update) : rearmed(updatedSchedule(known, update, now), isPaused, now);
    schedules.set(schedule.id, schedule);
  }
  return { schedules: [...schedules.values()], deletedSchedules: [] };
}

function checkRenames(existing: readonly DeploymentSchedule[], given: readonly ScheduleUpdate[]): void {
  const replaced = given.flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces]));
  const twice = replaced.find((slug, index) => replaced.indexOf(slug) !== index);
  if (twice !== undefined)
    throw new OstinatoError('bad-input', `Multiple schedules have 'replaces' targeting the same slug: ${twice}`);
  for (const { slug, replaces } of given) {
    if (replaces === undefined || slug === undefined || replaced.includes(slug)) continue;
    if (existing.some((schedule) => schedule.slug === slug))
      throw new OstinatoError(
        'bad-input',
        `Cannot rename schedule from '${replaces}' to '${slug}': a schedule with slug '${slug}' already exists.`,
      );
  }
}
