/**
 * Delivers commits to live subscribers in commit order, whoever wrote them: this server or another process on the
 * database. It reads rows by their `seq`; nothing is kept in memory for a subscriber.
 *
 * A subscriber that cannot take more is skipped, and continues later from its position, by reading again. One that
 * stays behind for too long, or by too much, is dropped.
 *
 * It looks when it is woken (something was committed here) and now and then (something may have been elsewhere). A turn
 * that is under way looks once more for whoever wakes it meanwhile.
 */

import type { MaybePromise } from '../core/maybe-promise.ts';
import type { FeedPosition } from '../core/feed-position.ts';
import type { Clock, Instant } from '../core/time.ts';

/** Rows of one read. */
const PAGE_ROWS = 250;
/** Lagging subscribers that are served in one turn, so that the others do not wait for them. */
const HELPED_MAX = 50;
const BEHIND_ROWS_MAX = 1_000_000;
const STUCK_US_MAX = 60_000_000;
/** The numbers of the new database say nothing about positions in the old one. */
export const ANOTHER_DATABASE = 'Another database is in the place of the one before';

export interface FeedSource<Item> {
  has(position: FeedPosition): MaybePromise<boolean>;
  newest(): MaybePromise<number>;
  /** In the order of `seq`. */
  read(page: { readonly afterSeq: number; readonly limit: number }): MaybePromise<readonly Item[]>;
}

export interface FeedSubscriber<Item> {
  /** Subscribers with equal keys want the same items, which are selected once. */
  readonly key: string;
  wants(item: Item): boolean;
  /** Whether it can take more. */
  isReady(): boolean;
  take(items: readonly Item[]): void;
  /** Called when the subscriber is dropped. */
  drop(reason: string): void;
}

export interface Subscription {
  readonly seq: number;
  readonly isResumed: boolean;
  readonly leave: () => void;
}

interface Place<Item> {
  readonly subscriber: FeedSubscriber<Item>;
  /** The `seq` of the last row that it was offered. */
  seq: number;
  readySince: Instant;
}

export class LiveFeed<Item extends { readonly seq: number }> {
  readonly #source: FeedSource<Item>;
  readonly #clock: Pick<Clock, 'now' | 'yieldToEventLoop'>;
  readonly #places = new Set<Place<Item>>();
  /** The `seq` of the last row that was delivered; `null` while nobody subscribes. */
  #seq: number | null = null;
  #turn: Promise<void> | null = null;
  #isWoken = false;
  #isClosed = false;

  constructor(source: FeedSource<Item>, clock: Pick<Clock, 'now' | 'yieldToEventLoop'>) {
    this.#source = source;
    this.#clock = clock;
  }

  get subscriberCount(): number {
    return this.#places.size;
  }

  /**
   * @param after the subscriber's position; default: it gets what is committed from now on
   * @returns the last row that the subscriber will not get, whether that is `after`, and a function that ends the
   * subscription
   */
  async subscribe(subscriber: FeedSubscriber<Item>, after: FeedPosition | null = null): Promise<Subscription> {
    const newest = await this.#source.newest();
    const isResumed = after !== null && newest - after.seq <= BEHIND_ROWS_MAX && (await this.#source.has(after));
    const seq = isResumed ? after.seq : newest;
    this.#seq ??= newest;
    const place = { subscriber, seq, readySince: this.#clock.now() };
    this.#places.add(place);
    // What was committed since `newest` was read may have been told while nobody was there.
    this.wake();
    return {
      seq,
      isResumed,
      leave: () => {
        this.#places.delete(place);
        if (this.#places.size === 0) this.#seq = null;
      },
    };
  }

  /** Something may be new: it is delivered in a later turn. Costs nothing without subscribers. */
  wake(): void {
    // The next tick meets the same failure, and reports it.
    void this.tick().catch(() => undefined);
  }

  /** Delivers what is new. Costs one query for the newest row when there is nothing. */
  tick(): Promise<void> {
    if (this.#seq === null || this.#isClosed) return Promise.resolve();
    this.#isWoken = true;
    this.#turn ??= this.#advanceWhileWoken().finally(() => {
      this.#turn = null;
    });
    return this.#turn;
  }

  /** Drops all subscribers: they reconnect, and send their position. */
  dropAll(reason: string): void {
    for (const { subscriber } of this.#places) subscriber.drop(reason);
    this.#places.clear();
    this.#seq = null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
  }

  async #advanceWhileWoken(): Promise<void> {
    // The caller of `wake` may be in the middle of a write; and commits of one turn are read together.
    await this.#clock.yieldToEventLoop();
    while (this.#isWoken && !this.#isClosed) {
      this.#isWoken = false;
      await this.#advance();
    }
  }

  async #advance(): Promise<void> {
    const newest = await this.#source.newest();
    if (this.#seq !== null && newest < this.#seq) return this.dropAll(ANOTHER_DATABASE);
    while (this.#seq !== null && this.#seq < newest && !this.#isClosed) {
      const from = this.#seq;
      const items = await this.#source.read({ afterSeq: from, limit: PAGE_ROWS });
      const last = items.at(-1)?.seq;
      if (last === undefined) break;
      const chosen = new Map<string, readonly Item[]>();
      for (const place of this.#places) {
        // Lagging subscribers get it later; those that joined during the read have it already.
        if (place.seq >= last || place.seq < from || !this.#canTake(place)) continue;
        this.#offer(place, items, chosen);
      }
      this.#seq = last;
      await this.#clock.yieldToEventLoop();
    }
    await this.#help();
  }

  async #help(): Promise<void> {
    let helped = 0;
    const places = Array.from(this.#places);
    for (const place of places) {
      if (this.#seq === null || this.#isClosed) return;
      if (place.seq >= this.#seq || !this.#canTake(place)) continue;
      if (helped >= HELPED_MAX) {
        this.#isWoken = true;
        return;
      }
      helped += 1;
      const items = await this.#source.read({ afterSeq: place.seq, limit: PAGE_ROWS });
      this.#offer(place, items, new Map());
      // It can take more, and there is more.
      if (place.seq < this.#seq) this.#isWoken = true;
      // Moved to the end, so that others come first next time.
      if (this.#places.delete(place)) this.#places.add(place);
      await this.#clock.yieldToEventLoop();
    }
  }

  /** Whether it can take more; drops a subscriber that could not for too long. */
  #canTake(place: Place<Item>): boolean {
    const now = this.#clock.now();
    if (place.subscriber.isReady()) {
      place.readySince = now;
      return true;
    }
    const isTooFar = this.#seq !== null && this.#seq - place.seq > BEHIND_ROWS_MAX;
    if (isTooFar || now - place.readySince > STUCK_US_MAX) {
      this.#places.delete(place);
      place.subscriber.drop('It reads too slowly');
    }
    return false;
  }

  #offer(place: Place<Item>, items: readonly Item[], chosen: Map<string, readonly Item[]>): void {
    const { subscriber } = place;
    let wanted = chosen.get(subscriber.key);
    if (wanted === undefined) {
      wanted = items.filter((item) => subscriber.wants(item));
      chosen.set(subscriber.key, wanted);
    }
    const before = place.seq;
    place.seq = Math.max(before, items.at(-1)?.seq ?? before);
    const fresh = (items[0]?.seq ?? 0) > before ? wanted : wanted.filter((item) => item.seq > before);
    if (fresh.length > 0) subscriber.take(fresh);
  }
}
