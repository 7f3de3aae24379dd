/**
 * Limits on tags: how many task runs that carry a tag may run at once. They are ordinary limits named `tag:<tag>`, and each
 * task run that holds slots of them does so by a lease.
 */

import type { TagLimit } from '../../core/concurrency/tag-slots.ts';
import { isTagLimit, TAG_PREFIX, tagLimitName, tagOf, type ConcurrencyLease, type ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { acquire } from '../../core/concurrency/slots.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId, TaskRunId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { SlotFacts, SlotSelection } from '../../store/port/concurrency.ts';
import { limitEvent, newLimit } from './limits.ts';
import { slotWaits, type SlotPorts } from './ports.ts';
import { withoutLeases } from './release.ts';

/** Older clients cannot renew: a hundred years, so that only the end of the task run gives the slots back. */
export const TAG_LEASE_SECONDS = 100 * 365 * 86_400;

const TAG_LENGTH_MAX = 500;

/** Makes the limit, or sets how many slots it has. `bad-input` for fewer than none, or a tag that is none. */
export function setTagLimit(ports: SlotPorts, tag: string, slots: number): MaybePromise<TagLimit & { readonly isNew: boolean }> {
  if (!Number.isSafeInteger(slots) || slots < 0) throw new OstinatoError('bad-input', `A tag cannot be limited to ${slots} task runs: it is a whole number from 0 on.`);
  if (tag === '' || tag.length > TAG_LENGTH_MAX) throw new OstinatoError('bad-input', `A tag has 1 to ${TAG_LENGTH_MAX} characters, and this one ${tag.length}.`);
  const now = ports.clock.now();
  const name = tagLimitName(tag);
  return ports.storage.changeSlots<TagLimit & { readonly isNew: boolean }>({ names: [name], withLeases: true }, ({ limits: [found], leases }) => {
    const limit = found ? { ...found, limit: slots, updatedAt: now } : newLimit(ports.ids, { name, limit: slots }, now);
    const event = limitEvent(ports.ids, limit, found ? 'updated' : 'created', now);
    return { limits: [limit], events: [event], answer: { ...tagLimit(limit, leases), isNew: found === undefined } };
  });
}

export type TagKey = { readonly tag: string } | { readonly id: ConcurrencyLimitId };

function selectionOf(key: TagKey): SlotSelection {
  return 'tag' in key ? { names: [tagLimitName(key.tag)], withLeases: true } : { limitIds: [key.id], withLeases: true };
}

export function readTagLimit(ports: SlotPorts, key: TagKey): MaybePromise<TagLimit | null> {
  return chain(ports.storage.readSlots(selectionOf(key)), ({ limits, leases }) => {
    const limit = limits.find((one) => isSelected(one, key));
    return limit ? tagLimit(limit, leases) : null;
  });
}

/** By tag. */
export function listTagLimits(ports: SlotPorts, page: { readonly limit: number; readonly offset: number }): MaybePromise<readonly TagLimit[]> {
  return chain(ports.storage.listLimits({ ...page, namePrefix: TAG_PREFIX }), (limits) =>
    chain(ports.storage.readSlots({ limitIds: limits.map(({ id }) => id), withLeases: true }), ({ leases }) =>
      limits.map((limit) => tagLimit(limit, leases))));
}

/** Answers whether it was there. */
export function deleteTagLimit(ports: SlotPorts, key: TagKey): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<boolean>(selectionOf(key), ({ limits }) => {
    const limit = limits.find((one) => isSelected(one, key));
    return limit === undefined ? { answer: false } : { deletedLimits: [limit.id], events: [limitEvent(ports.ids, limit, 'deleted', now)], answer: true };
  });
}

/** Frees all slots, whoever holds them, then gives them to these task runs, as many as they are. Answers whether the limit was there. */
export function resetTagLimit(ports: SlotPorts, tag: string, taskRunIds: readonly string[]): MaybePromise<boolean> {
  const now = ports.clock.now();
  const name = tagLimitName(tag);
  return ports.storage.changeSlots<boolean>({ names: [name], withLeases: true }, ({ limits, leases }) => {
    const limit = limits.find((one) => one.name === name);
    if (limit === undefined) return { answer: false };
    const kept = leases.map((lease) => ({ ...lease, limitIds: lease.limitIds.filter((id) => id !== limit.id) }));
    return {
      limits: [{ ...limit, activeSlots: taskRunIds.length, slotsAt: now }],
      leases: [...kept.filter(({ limitIds }) => limitIds.length > 0), ...taskRunIds.map((id) => taskRunLease(ports, id, [limit.id], now))],
      deletedLeases: kept.filter(({ limitIds }) => limitIds.length === 0).map(({ id }) => id),
      answer: true,
    };
  });
}

export type TagSlotAnswer =
  | { readonly outcome: 'acquired'; readonly limits: readonly ConcurrencyLimit[] }
  /** The limit on `tag` is full now; `tags` are all that are limited, `waitSeconds` is how long slots of it are held on average. */
  | { readonly outcome: 'full'; readonly tag: string; readonly tags: readonly string[]; readonly waitSeconds: number }
  /** The limit on `tag` is 0: waiting cannot help. */
  | { readonly outcome: 'closed'; readonly tag: string };

/** Takes a slot of each limit on these tags for the task run, or none. Asked again by one that has them, it answers the same. */
export function acquireTagSlots(ports: SlotPorts, request: { readonly tags: readonly string[]; readonly taskRunId: TaskRunId }): MaybePromise<TagSlotAnswer> {
  const { tags, taskRunId } = request;
  if (tags.length === 0) return { outcome: 'acquired', limits: [] };
  const now = ports.clock.now();
  const names = tags.map(tagLimitName);
  return ports.storage.changeSlots<TagSlotAnswer>({ names, holderId: taskRunId }, (facts) => {
    const asked = facts.limits.filter((limit) => names.includes(limit.name));
    const closed = asked.find((limit) => limit.limit === 0);
    if (closed) return { answer: { outcome: 'closed', tag: tagOf(closed) } };
    const held = new Set(facts.leases.flatMap((lease) => lease.limitIds));
    const decision = acquire(asked.filter((limit) => !held.has(limit.id)), 1, 'concurrency', now, slotWaits(ports));
    if (decision.outcome === 'locked') {
      const full = decision.limits.find((limit) => limit.activeSlots >= limit.limit) ?? (decision.limits[0] as ConcurrencyLimit);
      return { limits: decision.limits, answer: { outcome: 'full', tag: tagOf(full), tags: asked.map(tagOf), waitSeconds: full.avgSlotOccupancySeconds } };
    }
    const taken = decision.outcome === 'acquired' ? decision.limits : [];
    return {
      limits: taken,
      leases: taken.length === 0 ? [] : [taskRunLease(ports, taskRunId, taken.map(({ id }) => id), now)],
      answer: { outcome: 'acquired', limits: asked },
    };
  });
}

/** Gives back what the task run holds: all of it, or only the leases that hold one of these tags. Answers the limits on these tags. */
export function releaseTagSlots(
  ports: SlotPorts, request: { readonly taskRunId: TaskRunId; readonly tags?: readonly string[] },
): MaybePromise<readonly ConcurrencyLimit[]> {
  const now = ports.clock.now();
  const names = request.tags?.map(tagLimitName);
  return ports.storage.changeSlots<readonly ConcurrencyLimit[]>({ names: names ?? [], holderId: request.taskRunId }, ({ limits, leases }) => {
    const asked = names ? limits.filter((limit) => names.includes(limit.name)) : limits;
    const ended = leases.filter((lease) => names === undefined || asked.some(({ id }) => lease.limitIds.includes(id)));
    return { limits: withoutLeases(ports, limits, ended, now), deletedLeases: ended.map(({ id }) => id), answer: asked };
  });
}

function taskRunLease(ports: SlotPorts, taskRunId: string, limitIds: readonly ConcurrencyLimitId[], now: Instant): ConcurrencyLease {
  return {
    id: ports.ids.next<ConcurrencyLeaseId>(), slots: 1, limitIds, holder: { type: 'task_run', id: taskRunId }, createdAt: now,
    expiresAt: addSeconds(now, TAG_LEASE_SECONDS),
  };
}

function isSelected(limit: ConcurrencyLimit, key: TagKey): boolean {
  return isTagLimit(limit) && ('tag' in key ? limit.name === tagLimitName(key.tag) : limit.id === key.id);
}

function tagLimit(limit: ConcurrencyLimit, leases: SlotFacts['leases']): TagLimit {
  const holders = leases.filter((lease) => lease.limitIds.includes(limit.id)).flatMap(({ holder }) => (holder?.type === 'task_run' ? [holder.id] : []));
  return { tag: tagOf(limit), limit, taskRunIds: holders };
}
