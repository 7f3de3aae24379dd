/**
 * Three-way merge of a deployment: what was applied last, what is there, and what is to be applied.
 *
 * 1. What is not said stays as it is.
 * 2. What the file has changed since it was applied last is set, where nobody else has changed it.
 * 3. What somebody has changed since stays, where the file says the same as last time.
 * 4. Where both have changed it, to different things, it is a conflict.
 * 5. A forced merge sets what is said in cases 3 and 4, too.
 */

import {
  isSameJson,
  statedOf,
  type DefinitionField,
  type DefinitionTexts,
  type DeploymentDocument,
  type DeploymentVersion,
  type StatedPolicy,
  type StatedRules,
  type StatedSchedule,
} from './deployment-definition.ts';
import type { DeploymentSchedule } from './deployment.ts';
import type { DeploymentScheduleId } from './ids.ts';
import { DEFAULT_SLOT_POLICY } from './schedules/slot-policy.ts';
import { NO_SLOT_RULES, type SlotRules } from './schedules/slot-rules.ts';

/** One thing that differs. */
export interface MergeChange {
  /** `tags`, or `schedules.NAME` with `.parameters` behind it. */
  readonly path: string;
  /** `set`: the file's is taken; `kept`: what is there stays, as somebody changed it; `conflict`: nothing is taken. */
  readonly how: 'set' | 'kept' | 'conflict';
  /** JSON: what came of the last version; `null`: there was nothing. */
  readonly base: string | null;
  /** JSON: what is there. */
  readonly current: string | null;
  /** JSON: what is to be applied; `null`: it is to go, or nothing is said. */
  readonly wanted: string | null;
}

export interface ScheduleChange {
  readonly id: DeploymentScheduleId;
  readonly schedule?: StatedSchedule['schedule'];
  readonly active?: boolean;
  readonly parameters?: string;
  readonly policy?: StatedPolicy;
  readonly rules?: StatedRules;
}

export interface Merge {
  readonly fields: DefinitionTexts;
  readonly added: readonly StatedSchedule[];
  readonly changed: readonly ScheduleChange[];
  readonly removed: readonly DeploymentScheduleId[];
  readonly changes: readonly MergeChange[];
}

export interface MergeFacts {
  /** `null`: none was applied so far. */
  readonly last: Pick<DeploymentVersion, 'said' | 'became'> | null;
  readonly current: { readonly fields: DefinitionTexts; readonly schedules: readonly DeploymentSchedule[] };
  readonly wanted: DeploymentDocument;
  readonly isForced: boolean;
}

export function mergeDeployment(facts: MergeFacts): Merge {
  const { last, current, wanted, isForced } = facts;
  const changes: MergeChange[] = [];
  const fields: { [Field in DefinitionField]?: string } = {};
  for (const [name, now] of Object.entries(current.fields) as [DefinitionField, string][]) {
    const change = judge({
      path: name,
      // A field that an older version does not know was not set then.
      base: last === null ? null : (last.became.fields[name] ?? 'null'),
      saidBefore: last?.said.fields[name] ?? null,
      current: now,
      wanted: wanted.fields[name] ?? null,
      isForced,
    });
    if (change === null) continue;
    changes.push(change);
    if (change.how === 'set' && change.wanted !== null) fields[name] = change.wanted;
  }
  const schedules = mergeSchedules(facts);
  return { fields, ...schedules, changes: [...changes, ...schedules.changes] };
}

interface Part {
  readonly path: string;
  readonly base: string | null;
  readonly saidBefore: string | null;
  readonly current: string;
  readonly wanted: string | null;
  readonly isForced: boolean;
}

/** `null`: there is nothing to tell. */
function judge({ isForced, saidBefore, ...part }: Part): MergeChange | null {
  const { base, current, wanted } = part;
  const isChangedByHand = base !== null && !isSameJson(base, current);
  if (wanted === null) return isChangedByHand ? { ...part, how: 'kept' } : null;
  if (isSameJson(wanted, current)) return null;
  const isNewInFile = saidBefore === null || !isSameJson(saidBefore, wanted);
  // What a server has made of what was said (values that it looked up) is not said again.
  if (!isNewInFile && !isChangedByHand) return null;
  if (isForced || !isChangedByHand) return { ...part, how: 'set' };
  return { ...part, how: isNewInFile ? 'conflict' : 'kept' };
}

type MergedSchedules = Omit<Merge, 'fields'>;

function mergeSchedules({ last, current, wanted, isForced }: MergeFacts): MergedSchedules {
  const added: StatedSchedule[] = [];
  const changed: ScheduleChange[] = [];
  const removed: DeploymentScheduleId[] = [];
  const changes: MergeChange[] = [];
  const result = { added, changed, removed, changes };
  if (wanted.schedules === null) return result;
  const before = last?.said.schedules ?? null;
  const left = [...current.schedules];
  for (const stated of wanted.schedules) {
    const at = left.findIndex((there) => isOf(stated, there));
    const [there] = at < 0 ? [] : left.splice(at, 1);
    const saidBefore = before?.find((each) => isOf(each, stated) || isOf(stated, each)) ?? null;
    if (there === undefined) {
      const change = missing(stated, saidBefore, isForced);
      changes.push(change);
      if (change.how === 'set') added.push(stated);
      continue;
    }
    const parts = mergeParts(stated, there, saidBefore, baseOf(last, there), isForced);
    changes.push(...parts.changes);
    if (Object.keys(parts.change).length > 1) changed.push(parts.change);
  }
  for (const there of left) {
    const base = baseOf(last, there);
    const isOfFile = last === null || before?.some((each) => isOf(each, there)) === true;
    const isGone = isOfFile || isForced || wanted.schedules.length === 0;
    changes.push({
      path: pathOf(there),
      how: isGone ? 'set' : 'kept',
      base: base === null ? null : textOf(base),
      current: textOf(statedOf(there)),
      wanted: null,
    });
    if (isGone) removed.push(there.id);
  }
  return result;
}

/** Somebody has taken it away, or it is new. */
function missing(stated: StatedSchedule, saidBefore: StatedSchedule | null, isForced: boolean): MergeChange {
  const wanted = textOf(stated);
  const base = saidBefore === null ? null : textOf(saidBefore);
  const how = base === null || isForced ? 'set' : base === wanted ? 'kept' : 'conflict';
  return { path: pathOf(stated), how, base, current: null, wanted };
}

function mergeParts(
  stated: StatedSchedule,
  there: DeploymentSchedule,
  saidBefore: StatedSchedule | null,
  base: StatedSchedule | null,
  isForced: boolean,
): { readonly change: ScheduleChange; readonly changes: readonly MergeChange[] } {
  const path = pathOf(stated);
  type Text = (each: StatedSchedule) => string | null;
  /** @param textSaid of what somebody says; `null`: nothing. Default: as of what is there */
  const part = (name: string, textIn: Text, textSaid = textIn): MergeChange | null =>
    judge({
      path: `${path}.${name}`,
      base: base && textIn(base),
      saidBefore: saidBefore && textSaid(saidBefore),
      current: textIn(statedOf(there)) ?? 'null',
      wanted: textSaid(stated),
      isForced,
    });
  const dates = hasSameDates(stated, there) ? null : part('times', (each) => JSON.stringify(timesOf(each)));
  const active = part('active', (each) => (each.active === undefined ? null : String(each.active)));
  const parameters = part('parameters', (each) => each.parameters ?? null);
  const policy = part('policy', (each) => policyText(stated.policy, each));
  const ruleChange = (name: keyof SlotRules, word: string): MergeChange | null =>
    part(
      word,
      (each) => JSON.stringify({ ...NO_SLOT_RULES, ...each.rules }[name]),
      (each) => (each.rules?.[name] === undefined ? null : JSON.stringify(each.rules[name])),
    );
  const rules = RULES.map(([name, word]) => [name, ruleChange(name, word)] as const);
  return {
    change: {
      id: there.id,
      ...(dates?.how === 'set' ? { schedule: stated.schedule } : {}),
      ...(active?.how === 'set' && stated.active !== undefined ? { active: stated.active } : {}),
      ...(parameters?.how === 'set' && stated.parameters !== undefined ? { parameters: stated.parameters } : {}),
      ...(policy?.how === 'set' && stated.policy !== undefined ? { policy: stated.policy } : {}),
      ...changedRules(stated.rules, rules),
    },
    changes: [dates, active, parameters, policy, ...rules.map(([, change]) => change)].filter((each) => each !== null),
  };
}

/** JSON of that of a policy which is said; of all of it where nothing is. */
function policyText(said: StatedPolicy | undefined, { policy }: StatedSchedule): string | null {
  if (said === undefined) return policy === undefined ? null : JSON.stringify({ ...DEFAULT_SLOT_POLICY, ...policy });
  const all: StatedPolicy = { ...DEFAULT_SLOT_POLICY, ...policy };
  const names = (Object.keys(DEFAULT_SLOT_POLICY) as (keyof StatedPolicy)[]).filter((name) => said[name] !== undefined);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, all[name]])));
}

/** As they are called on the wire. */
const RULES: readonly (readonly [name: keyof SlotRules, word: string])[] = [
  ['jitterSeconds', 'jitter'],
  ['start', 'start'],
  ['end', 'end'],
  ['exclusions', 'exclusions'],
];

function changedRules(
  said: StatedRules | undefined,
  parts: readonly (readonly [keyof SlotRules, MergeChange | null])[],
): Pick<ScheduleChange, 'rules'> {
  const set = parts.filter(([name, change]) => change?.how === 'set' && said?.[name] !== undefined);
  return set.length === 0 ? {} : { rules: Object.fromEntries(set.map(([name]) => [name, said?.[name]])) };
}

type Identified = Pick<StatedSchedule, 'slug' | 'schedule'>;

function baseOf(last: MergeFacts['last'], there: Identified): StatedSchedule | null {
  const found = last?.became.schedules?.find((each) =>
    there.slug === null ? hasSameDates(each, there) : each.slug === there.slug,
  );
  return found ?? null;
}

/** By the slug where one was said, else by the times. */
function isOf(stated: StatedSchedule, there: Identified): boolean {
  return stated.slug === null ? hasSameDates(stated, there) : stated.slug === there.slug;
}

function hasSameDates({ schedule: said, saysAnchor, saysZone }: StatedSchedule, { schedule }: Identified): boolean {
  if (saysZone && (said.timezone || 'UTC') !== (schedule.timezone || 'UTC')) return false;
  if (said.kind === 'cron')
    return schedule.kind === 'cron' && said.cron === schedule.cron && said.dayOr === schedule.dayOr;
  if (said.kind === 'rrule') return schedule.kind === 'rrule' && said.rrule === schedule.rrule;
  if (schedule.kind !== 'interval' || said.interval !== schedule.interval) return false;
  return !saysAnchor || said.anchorDate === schedule.anchorDate;
}

/** What people call it. */
function pathOf({ slug, schedule }: Identified): string {
  if (slug !== null) return `schedules.${slug}`;
  const times =
    schedule.kind === 'cron'
      ? schedule.cron
      : schedule.kind === 'rrule'
        ? schedule.rrule
        : `every ${schedule.interval} s`;
  return `schedules.${times}`;
}

function textOf(stated: StatedSchedule): string {
  const { slug, active, parameters, policy, rules } = stated;
  return JSON.stringify({ ...timesOf(stated), slug, active, parameters, policy, rules });
}

/** As far as it was said. */
function timesOf({ schedule, saysAnchor, saysZone }: StatedSchedule): object {
  const { kind: _, timezone, ...times } = schedule;
  const said = 'anchorDate' in times && !saysAnchor ? { interval: times.interval } : times;
  return saysZone ? { ...said, timezone } : said;
}
