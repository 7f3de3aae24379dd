/**
 * Tells whoever listens for runs that one is due, at its time: nobody has to ask.
 *
 * 1. For each selection there is one timer, at the time of its next run; several that listen for the same share it.
 * 2. What may make a run due sooner (one that is made, a slot that is free again, a pool that goes on) is an event, and
 *    is looked at when it comes. What was missed is found by a look now and then: without it no run is late by more
 *    than `LOOK_SECONDS`.
 * 3. A look at a selection is never under way twice; what comes meanwhile is one more look.
 */

import { RESOURCE_ID, resourceIdOf, type Event } from '../core/event.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { WorkPoolId } from '../core/ids.ts';
import { secondsBetween, type Clock, type Timer } from '../core/time.ts';
import type { DueSelection } from '../orchestrator/work-pools/look-for-due.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import type { FeedSubscriber, Subscription } from './live-feed.ts';

/** Runs that are told of at a time; the rest comes when these are taken. */
const DUE_MAX = 100;
const LOOK_SECONDS = 5;

export interface DueListener {
  /** It was looked, and what is selected is there: before it is told of runs. */
  readonly looked: () => void;
  /** All that is due now, also what it was told before: by priority, the longest due first. */
  readonly due: (runs: readonly FlowRun[]) => void;
  /** The selection is not there any more, or cannot be looked at. */
  readonly failed: (error: unknown) => void;
}

interface Group {
  readonly selection: DueSelection;
  readonly listeners: Set<DueListener>;
  poolId: WorkPoolId | null;
  timer: Timer | null;
  isLooking: boolean;
  isDirty: boolean;
}

type SequencedEvent = Event & { readonly seq: number };

export interface DueWatchParts {
  readonly useCases: Pick<UseCases, 'lookForDue'>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** Of events; it is listened to while somebody listens here. */
  readonly feed: { subscribe(subscriber: FeedSubscriber<SequencedEvent>): Promise<Subscription> };
}

export class DueWatch {
  readonly #useCases: Pick<UseCases, 'lookForDue'>;
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #feed: DueWatchParts['feed'];
  readonly #groups = new Map<string, Group>();
  #subscription: Promise<Subscription> | null = null;
  #isClosed = false;

  constructor({ useCases, clock, feed }: DueWatchParts) {
    this.#useCases = useCases;
    this.#clock = clock;
    this.#feed = feed;
  }

  /** @returns ends it */
  listen(selection: DueSelection, listener: DueListener): () => void {
    const key = keyOf(selection);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { selection, listeners: new Set(), poolId: null, timer: null, isLooking: false, isDirty: false };
      this.#groups.set(key, group);
    }
    const joined = group;
    joined.listeners.add(listener);
    this.#subscribe();
    this.#look(joined);
    return () => {
      joined.listeners.delete(listener);
      if (joined.listeners.size > 0) return;
      joined.timer?.cancel();
      if (this.#groups.get(key) === joined) this.#groups.delete(key);
      if (this.#groups.size === 0) this.#leave();
    };
  }

  /** Something was written that no event tells of: runs that schedules made. */
  lookAgain(): void {
    for (const group of this.#groups.values()) this.#look(group);
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#groups.values()) timer?.cancel();
    this.#groups.clear();
    this.#leave();
  }

  #subscribe(): void {
    if (this.#subscription !== null || this.#isClosed) return;
    const subscription = this.#feed.subscribe({
      key: 'runs that are due',
      wants: mayMakeDue,
      isReady: () => true,
      take: (events) => this.#heard(events),
      drop: () => {
        this.#subscription = null;
        if (this.#groups.size > 0) this.#subscribe();
      },
    });
    this.#subscription = subscription;
    subscription.then(
      // What came between the first look and now.
      () => this.lookAgain(),
      // The look now and then is left, and the next listener tries again.
      () => (this.#subscription = null),
    );
  }

  #leave(): void {
    const subscription = this.#subscription;
    this.#subscription = null;
    subscription?.then(
      ({ leave }) => leave(),
      () => undefined,
    );
  }

  #heard(events: readonly Event[]): void {
    const pools = new Set(events.flatMap(poolsOf));
    const isWithoutPool = events.some((event) => poolsOf(event).length === 0);
    for (const group of this.#groups.values()) {
      const isMeant = group.poolId === null ? isWithoutPool || pools.size > 0 : pools.has(group.poolId);
      if (isMeant) this.#look(group);
    }
  }

  #look(group: Group): void {
    group.isDirty = true;
    if (group.isLooking) return;
    group.isLooking = true;
    void this.#lookWhileDirty(group).finally(() => (group.isLooking = false));
  }

  async #lookWhileDirty(group: Group): Promise<void> {
    while (group.isDirty && group.listeners.size > 0 && !this.#isClosed) {
      group.isDirty = false;
      group.timer?.cancel();
      try {
        const { due, nextAt, poolId } = await this.#useCases.lookForDue(group.selection, DUE_MAX);
        group.poolId = poolId;
        this.#arm(group, nextAt === null ? LOOK_SECONDS : secondsBetween(this.#clock.now(), nextAt));
        for (const listener of group.listeners) {
          listener.looked();
          if (due.length > 0) listener.due(due);
        }
      } catch (error) {
        this.#arm(group, LOOK_SECONDS);
        for (const listener of group.listeners) listener.failed(error);
      }
    }
  }

  #arm(group: Group, seconds: number): void {
    group.timer?.cancel();
    if (this.#isClosed || group.listeners.size === 0) return;
    const delayMs = Math.max(0, Math.min(seconds, LOOK_SECONDS)) * 1000;
    // A timer of Node may come a fraction of a millisecond too soon.
    group.timer = this.#clock.setTimer(Math.ceil(delayMs), () => this.#look(group), { unref: true });
  }
}

function keyOf(selection: DueSelection): string {
  return 'deploymentIds' in selection
    ? `deployments ${selection.deploymentIds.toSorted().join(' ')}`
    : `pool ${JSON.stringify([selection.poolName, selection.queueNames.toSorted(), selection.prefetchSeconds])}`;
}

/** A run that begins makes no other one due. */
const BEGINS = new Set(['prefect.flow-run.Pending', 'prefect.flow-run.Running']);

function mayMakeDue({ name }: Event): boolean {
  if (name.startsWith('prefect.flow-run.')) return !BEGINS.has(name);
  return name.startsWith('prefect.work-') || name.startsWith('prefect.deployment.');
}

const POOL = 'prefect.work-pool.';

function poolsOf(event: Event): readonly string[] {
  return [resourceIdOf(event), ...event.related.map((resource) => resource[RESOURCE_ID] ?? '')].flatMap((id) =>
    id.startsWith(POOL) ? [id.slice(POOL.length)] : [],
  );
}
