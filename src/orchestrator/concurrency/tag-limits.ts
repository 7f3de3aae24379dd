/**
 * Limits on tags: how many task runs that carry a tag may run at once. They are ordinary limits named `tag:<tag>`, and
 * each task run that holds slots of them does so by a lease.
 */

import type { TagLimit } from '../../core/concurrency/tag-slots.ts';
import { isTagLimit, TAG_PREFIX, tagLimitName, tagOf, type ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { withoutLeases } from '../../core/concurrency/slots.ts';
import { judgeTagSlots, taskRunLease, type TagSlotVerdict } from '../../core/concurrency/task-run-slots.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId, TaskRunId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Condition } from '../../core/query.ts';
import type { SlotFacts, SlotSelection } from '../../store/port/concurrency.ts';
import { BY_NAME, limitEvent, newLimit } from './limits.ts';
import { slotWaits, type SlotPorts } from './ports.ts';

const TAG_LENGTH_MAX = 500;

/** Creates the limit, or sets its number of slots. `bad-input` for a negative number, or an invalid tag. */
export function setTagLimit(
  ports: SlotPorts,
  tag: string,
  slots: number,
): MaybePromise<TagLimit & { readonly isNew: boolean }> {
  if (!Number.isSafeInteger(slots) || slots < 0)
    throw new OstinatoError(
      'bad-input',
      `A tag cannot be limited to ${slots} task runs: it is a whole number from 0 on.`,
    );
  if (tag === '' || tag.length > TAG_LENGTH_MAX)
    throw new OstinatoError('bad-input', `A tag has 1 to ${TAG_LENGTH_MAX} characters, and this one ${tag.length}.`);
  const now = ports.clock.now();
  const name = tagLimitName(tag);
  return ports.storage.changeSlots<TagLimit & { readonly isNew: boolean }>(
    { names: [name], withLeases: true },
    ({ limits: [found], leases }) => {
      const limit = found
        ? { ...found, limit: slots, updatedAt: now }
        : newLimit(ports.ids, { name, limit: slots }, now);
      const event = limitEvent(ports.ids, limit, found ? 'updated' : 'created', now);
      return { limits: [limit], events: [event], answer: { ...tagLimit(limit, leases), isNew: found === undefined } };
    },
  );
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

/** Ordered by tag. */
export function listTagLimits(
  ports: SlotPorts,
  page: { readonly limit: number; readonly offset: number },
): MaybePromise<readonly TagLimit[]> {
  const where: Condition = { op: 'hasPrefix', field: 'name', text: TAG_PREFIX };
  return chain(ports.storage.find('concurrency_limit', { where, sort: BY_NAME, ...page }), (limits) =>
    chain(ports.storage.readSlots({ limitIds: limits.map(({ id }) => id), withLeases: true }), ({ leases }) =>
      limits.map((limit) => tagLimit(limit, leases)),
    ),
  );
}

/** Returns whether it existed. */
export function deleteTagLimit(ports: SlotPorts, key: TagKey): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<boolean>(selectionOf(key), ({ limits }) => {
    const limit = limits.find((one) => isSelected(one, key));
    return limit === undefined
      ? { answer: false }
      : { deletedLimits: [limit.id], events: [limitEvent(ports.ids, limit, 'deleted', now)], answer: true };
  });
}

/**
 * Releases all slots, whoever holds them, then gives one to each of these task runs. Returns whether the limit existed.
 */
export function resetTagLimit(ports: SlotPorts, tag: string, taskRunIds: readonly string[]): MaybePromise<boolean> {
  const now = ports.clock.now();
  const name = tagLimitName(tag);
  return ports.storage.changeSlots<boolean>({ names: [name], withLeases: true }, ({ limits, leases }) => {
    const limit = limits.find((one) => one.name === name);
    if (limit === undefined) return { answer: false };
    const kept = leases.map((lease) => ({ ...lease, limitIds: lease.limitIds.filter((id) => id !== limit.id) }));
    return {
      limits: [{ ...limit, activeSlots: taskRunIds.length, slotsAt: now }],
      leases: [
        ...kept.filter(({ limitIds }) => limitIds.length > 0),
        ...taskRunIds.map((id) => taskRunLease(ports.ids.next<ConcurrencyLeaseId>(), id, [limit.id], now)),
      ],
      deletedLeases: kept.filter(({ limitIds }) => limitIds.length === 0).map(({ id }) => id),
      answer: true,
    };
  });
}

export type TagSlotAnswer =
  | { readonly outcome: 'acquired'; readonly limits: readonly ConcurrencyLimit[] }
  | Omit<Extract<TagSlotVerdict, { readonly outcome: 'full' }>, 'denied'>
  | Extract<TagSlotVerdict, { readonly outcome: 'closed' }>;

export interface TagSlotRequest {
  readonly tags: readonly string[];
  readonly taskRunId: TaskRunId;
  /** See `judgeTagSlots`. Default `false`. */
  readonly takesMore?: boolean | undefined;
}

/** Takes a slot of each limit on these tags for the task run, or none. */
export function acquireTagSlots(
  ports: SlotPorts,
  { tags, taskRunId, takesMore = false }: TagSlotRequest,
): MaybePromise<TagSlotAnswer> {
  if (tags.length === 0) return { outcome: 'acquired', limits: [] };
  const now = ports.clock.now();
  const names = tags.map(tagLimitName);
  return ports.storage.changeSlots<TagSlotAnswer>({ names, holderId: taskRunId }, (facts) => {
    const verdict = judgeTagSlots(facts, tags, takesMore, now, slotWaits(ports));
    switch (verdict.outcome) {
      case 'closed':
        return { answer: verdict };
      case 'full': {
        const { denied, ...answer } = verdict;
        return { limits: denied, answer };
      }
      default: {
        const { taken, asked } = verdict;
        const limitIds = taken.map(({ id }) => id);
        const leases =
          taken.length === 0 ? [] : [taskRunLease(ports.ids.next<ConcurrencyLeaseId>(), taskRunId, limitIds, now)];
        return { limits: taken, leases, answer: { outcome: 'acquired', limits: asked } };
      }
    }
  });
}

/**
 * Releases the slots of the task run: all of them, or only the leases that hold one of these tags. Returns the limits
 * on these tags.
 */
export function releaseTagSlots(
  ports: SlotPorts,
  request: { readonly taskRunId: TaskRunId; readonly tags?: readonly string[] },
): MaybePromise<readonly ConcurrencyLimit[]> {
  const now = ports.clock.now();
  const names = request.tags?.map(tagLimitName);
  return ports.storage.changeSlots<readonly ConcurrencyLimit[]>(
    { names: names ?? [], holderId: request.taskRunId },
    ({ limits, leases }) => {
      const asked = names ? limits.filter((limit) => names.includes(limit.name)) : limits;
      const ended = leases.filter(
        (lease) => names === undefined || asked.some(({ id }) => lease.limitIds.includes(id)),
      );
      return {
        limits: withoutLeases(limits, ended, now, slotWaits(ports)),
        deletedLeases: ended.map(({ id }) => id),
        answer: asked,
      };
    },
  );
}

function isSelected(limit: ConcurrencyLimit, key: TagKey): boolean {
  return isTagLimit(limit) && ('tag' in key ? limit.name === tagLimitName(key.tag) : limit.id === key.id);
}

function tagLimit(limit: ConcurrencyLimit, leases: SlotFacts['leases']): TagLimit {
  const holders = leases
    .filter((lease) => lease.limitIds.includes(limit.id))
    .flatMap(({ holder }) => (holder?.type === 'task_run' ? [holder.id] : []));
  return { tag: tagOf(limit), limit, taskRunIds: holders };
}
