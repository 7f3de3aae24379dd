/**
 * Hands what is committed to live subscribers, in the order of commits, whoever wrote it: this server or another process on
 * the same file. It reads the sequence that the rows have anyway; nothing is kept in memory for a subscriber.
 *
 * A subscriber that cannot take more is passed over, and goes on later from where it stood, by reading again. One that stays
 * behind for too long, or by too much, is given up.
 */

import type { Clock, Instant } from '../core/time.ts';
import type { Stored } from '../store/port.ts';

/** Rows of one read. */
const PAGE_ROWS = 250;
/** Subscribers that are behind and are helped in one turn, so that the others do not wait for them. */
const HELPED_MAX = 50;
const BEHIND_ROWS_MAX = 1_000_000;
const STUCK_US_MAX = 60_000_000;

export interface FeedSource<Item> {
  newest(): Stored<number>;
  /** In their order. */
  read(page: { readonly afterSeq: number; readonly limit: number }): Stored<readonly Item[]>;
}

export interface FeedSubscriber<Item> {
  /** Subscribers with equal keys want the same items: they are chosen once. */
  readonly key: string;
  wants(item: Item): boolean;
  /** Whether it can take more. */
  isReady(): boolean;
  take(items: readonly Item[]): void;
  /** It is given up. */
  drop(reason: string): void;
}

interface Place<Item> {
  readonly subscriber: FeedSubscriber<Item>;
  /** The last row that it was offered. */
  seq: number;
  readySince: Instant;
}

export class LiveFeed<Item extends { readonly seq: number }> {
  readonly #source: FeedSource<Item>;
  readonly #clock: Pick<Clock, 'now' | 'yieldToEventLoop'>;
  readonly #places = new Set<Place<Item>>();
  /** The last row that was handed on; `null` while nobody listens. */
  #seq: number | null = null;
  #turn: Promise<void> | null = null;
  #isClosed = false;

  constructor(source: FeedSource<Item>, clock: Pick<Clock, 'now' | 'yieldToEventLoop'>) {
    this.#source = source;
    this.#clock = clock;
  }

  get subscriberCount(): number {
    return this.#places.size;
  }

  /** @returns the last row that the subscriber will not hear of, and how it leaves */
  async subscribe(subscriber: FeedSubscriber<Item>): Promise<{ readonly seq: number; readonly leave: () => void }> {
    const seq = await this.#source.newest();
    this.#seq ??= seq;
    const place = { subscriber, seq, readySince: this.#clock.now() };
    this.#places.add(place);
    return {
      seq,
      leave: () => {
        this.#places.delete(place);
        if (this.#places.size === 0) this.#seq = null;
      },
    };
  }

  /** Hands on what is new. Costs one look at the newest row when there is nothing. */
  tick(): Promise<void> {
    if (this.#seq === null || this.#isClosed) return Promise.resolve();
    this.#turn ??= this.#advance().finally(() => {
      this.#turn = null;
    });
    return this.#turn;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
  }

  async #advance(): Promise<void> {
    const newest = await this.#source.newest();
    while (this.#seq !== null && this.#seq < newest && !this.#isClosed) {
      const from = this.#seq;
      const items = await this.#source.read({ afterSeq: from, limit: PAGE_ROWS });
      const last = items.at(-1)?.seq;
      if (last === undefined) break;
      const chosen = new Map<string, readonly Item[]>();
      for (const place of this.#places) {
        // Who is behind gets it later; who came while we read has it behind already.
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
      if (place.seq >= this.#seq || helped >= HELPED_MAX) continue;
      if (!this.#canTake(place)) continue;
      helped += 1;
      const items = await this.#source.read({ afterSeq: place.seq, limit: PAGE_ROWS });
      this.#offer(place, items, new Map());
      // The last are the first next time.
      if (this.#places.delete(place)) this.#places.add(place);
      await this.#clock.yieldToEventLoop();
    }
  }

  /** Gives those up that were not ready for too long. */
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
