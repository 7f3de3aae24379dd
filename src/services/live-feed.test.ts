import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Instant } from '../core/time.ts';
import { LiveFeed } from './live-feed.ts';

interface Row {
  readonly seq: number;
}

const idAt = (seq: number): string => `row ${seq}`;

function feedOver() {
  const rows: Row[] = [];
  let now = 0;
  const clock = { now: () => now as Instant, yieldToEventLoop: () => Promise.resolve() };
  const reads: number[] = [];
  const store: { busy: Promise<void> | null } = { busy: null };
  const feed = new LiveFeed<Row>(
    {
      has: ({ seq, id }) => seq <= rows.length && id === idAt(seq),
      newest: () => {
        const newest = rows.length;
        return store.busy === null ? newest : store.busy.then(() => newest);
      },
      read: ({ afterSeq, limit }) => {
        reads.push(afterSeq);
        return rows.slice(afterSeq, afterSeq + limit);
      },
    },
    clock,
  );
  const subscriber = (key = 'all', wants: (row: Row) => boolean = () => true) => {
    const heard: number[] = [];
    const state = { isReady: true, dropped: '' };
    return {
      heard,
      state,
      subscriber: {
        key,
        wants,
        isReady: () => state.isReady,
        take: (items: readonly Row[]) => heard.push(...items.map(({ seq }) => seq)),
        drop: (reason: string) => void (state.dropped = reason),
      },
    };
  };
  return {
    feed,
    store,
    reads,
    subscriber,
    forget: (kept: number) => void rows.splice(kept),
    add: (count: number) => {
      for (let index = 0; index < count; index += 1) rows.push({ seq: rows.length + 1 });
    },
    advance: (seconds: number) => void (now += seconds * 1_000_000),
  };
}

function upTo(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

void describe('a live feed', () => {
  void it('gives a subscriber what is committed and told while it is let in', async () => {
    const { feed, store, subscriber, add } = feedOver();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.busy = promise;
    const one = subscriber();
    const letIn = feed.subscribe(one.subscriber);
    add(1);
    feed.wake();
    store.busy = null;
    resolve();
    await letIn;
    for (let turn = 0; turn < 100 && one.heard.length === 0; turn += 1) await Promise.resolve();
    assert.deepEqual(one.heard, [1]);
  });

  void it('reads nothing while nobody listens, and begins where a subscriber comes', async () => {
    const { feed, reads, subscriber, add } = feedOver();
    add(5);
    await feed.tick();
    assert.deepEqual(reads, []);
    const one = subscriber();
    const { seq, leave } = await feed.subscribe(one.subscriber);
    assert.equal(seq, 5);
    add(600);
    await feed.tick();
    assert.deepEqual(one.heard, upTo(6, 605));
    leave();
    add(1);
    await feed.tick();
    assert.equal(one.heard.length, 600);
  });

  void it('chooses once for subscribers that want the same', async () => {
    const { feed, subscriber, add } = feedOver();
    let asked = 0;
    const wants = (row: Row): boolean => {
      asked += 1;
      return row.seq % 2 === 0;
    };
    const many = Array.from({ length: 100 }, () => subscriber('even', wants));
    for (const each of many) await feed.subscribe(each.subscriber);
    add(10);
    await feed.tick();
    for (const { heard } of many) assert.deepEqual(heard, [2, 4, 6, 8, 10]);
    assert.equal(asked, 10);
  });

  void it('who was not ready goes on where it stood, in order and once; others do not wait', async () => {
    const { feed, subscriber, add } = feedOver();
    const [slow, quick] = [subscriber(), subscriber()];
    await feed.subscribe(slow.subscriber);
    await feed.subscribe(quick.subscriber);
    slow.state.isReady = false;
    add(700);
    await feed.tick();
    assert.deepEqual([slow.heard.length, quick.heard.length], [0, 700]);
    slow.state.isReady = true;
    for (let turn = 0; turn < 3; turn += 1) await feed.tick();
    add(3);
    await feed.tick();
    assert.deepEqual(slow.heard, upTo(1, 703));
    assert.deepEqual(quick.heard, upTo(1, 703));
  });

  void it('who stays behind for a minute is given up', async () => {
    const { feed, subscriber, add, advance } = feedOver();
    const one = subscriber();
    await feed.subscribe(one.subscriber);
    one.state.isReady = false;
    add(1);
    await feed.tick();
    assert.equal(one.state.dropped, '');
    advance(61);
    await feed.tick();
    assert.equal(one.state.dropped, 'It reads too slowly');
    assert.equal(feed.subscriberCount, 0);
  });

  void it('what comes while a turn is under way is handed on without another tick', async () => {
    const { feed, subscriber, add } = feedOver();
    const heard: number[] = [];
    const all = Promise.withResolvers<void>();
    await feed.subscribe({
      ...subscriber().subscriber,
      take: (items) => {
        heard.push(...items.map(({ seq }) => seq));
        if (heard.length === 5) return all.resolve();
        // Somebody writes again as soon as he hears, in the middle of the turn.
        add(1);
        feed.wake();
      },
    });
    add(1);
    feed.wake();
    await all.promise;
    assert.deepEqual(heard, upTo(1, 5));
  });

  void it('who is far behind and can take more gets all of it in one turn', async () => {
    const { feed, subscriber, add } = feedOver();
    const one = subscriber();
    await feed.subscribe(one.subscriber);
    one.state.isReady = false;
    add(2000);
    await feed.tick();
    one.state.isReady = true;
    await feed.tick();
    assert.deepEqual(one.heard, upTo(1, 2000));
  });

  void it('when the rows are fewer than before, it is another database: everybody is to come again', async () => {
    const { feed, subscriber, add, forget } = feedOver();
    add(5);
    const one = subscriber();
    await feed.subscribe(one.subscriber);
    forget(2);
    await feed.tick();
    assert.match(one.state.dropped, /^Another database/);
    const two = subscriber();
    await feed.subscribe(two.subscriber);
    add(1);
    await feed.tick();
    assert.deepEqual(two.heard, [3]);
  });

  void it('who comes again goes on behind the row that it had, if that is still there and not too far', async () => {
    const { feed, subscriber, add } = feedOver();
    add(700);
    const [again, other, far] = [subscriber(), subscriber(), subscriber()];
    const resumed = await feed.subscribe(again.subscriber, { seq: 100, id: idAt(100) });
    assert.deepEqual([resumed.seq, resumed.isResumed], [100, true]);
    const unknown = await feed.subscribe(other.subscriber, { seq: 100, id: 'another' });
    assert.deepEqual([unknown.seq, unknown.isResumed], [700, false]);
    await feed.tick();
    add(1);
    await feed.tick();
    assert.deepEqual([again.heard, other.heard], [upTo(101, 701), [701]]);
    add(1_000_000);
    assert.equal((await feed.subscribe(far.subscriber, { seq: 700, id: idAt(700) })).isResumed, false);
  });
});
