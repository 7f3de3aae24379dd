import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Event } from '../core/event.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { WorkPoolId } from '../core/ids.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import type { DueLook } from '../orchestrator/work-pools/look-for-due.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { DueWatch } from './due-watch.ts';
import type { FeedSubscriber } from './live-feed.ts';

type Item = Event & { readonly seq: number };

const START = 1_767_225_600_000_000 as Instant;
const POOL = { poolName: 'p', queueNames: [], prefetchSeconds: 0 };

/** A pool with runs planned for some seconds after the start; the run's name is that number. */
function world(planned: readonly number[]) {
  const clock = new VirtualClock(START, 'manual');
  const runs = [...planned];
  const told: string[] = [];
  const state = {
    looks: 0,
    subscribers: [] as FeedSubscriber<Item>[],
    left: 0,
    fails: false,
    looked: 0,
    asked: [] as number[],
  };
  const watch = new DueWatch({
    clock,
    useCases: {
      lookForDue(selection): Promise<DueLook> {
        if ('poolName' in selection) state.asked.push(selection.prefetchSeconds);
        state.looks += 1;
        if (state.fails) return Promise.reject(new Error('no store'));
        const now = clock.now();
        const at = (second: number): Instant => addSeconds(START, second);
        return Promise.resolve({
          due: runs.filter((second) => at(second) <= now).map((second) => ({ name: String(second) }) as FlowRun),
          nextAt: runs.map(at).find((instant) => instant > now) ?? null,
          poolId: 'pool-id' as WorkPoolId,
        });
      },
    },
    feed: {
      subscribe(subscriber) {
        state.subscribers.push(subscriber);
        return Promise.resolve({ seq: 0, isResumed: false, leave: () => void (state.left += 1) });
      },
    },
  });
  const listener = {
    looked: () => void (state.looked += 1),
    due: (found: readonly FlowRun[]) => void told.push(found.map(({ name }) => name).join(',')),
    failed: (error: unknown) => void told.push(String(error)),
  };
  return { clock, runs, told, state, watch, listener };
}

function event(name: string, pool: string): Item {
  return {
    name,
    resource: { 'prefect.resource.id': 'prefect.flow-run.x' },
    related: [{ 'prefect.resource.id': `prefect.work-pool.${pool}`, 'prefect.resource.role': 'work-pool' }],
  } as unknown as Item;
}

test('a run is told of at its time, not at the next round', async () => {
  const { clock, told, watch, listener } = world([1.25, 3.5]);
  const stop = watch.listen(POOL, listener);
  await clock.advance(1.249);
  assert.deepEqual(told, []);
  await clock.advance(0.002);
  assert.deepEqual(told, ['1.25']);
  await clock.advance(2.3);
  assert.deepEqual(told, ['1.25', '1.25,3.5']);
  stop();
  watch.close();
});

test('what no timer knows of is found by its event at once, and without one by the look now and then', async () => {
  const { clock, runs, told, state, watch, listener } = world([]);
  watch.listen(POOL, listener);
  await clock.advance(0.1);
  runs.push(0);
  const [subscriber] = state.subscribers;
  assert.equal(subscriber?.wants(event('prefect.flow-run.Running', 'pool-id')), false);
  assert.equal(subscriber?.wants(event('prefect.flow-run.Scheduled', 'pool-id')), true);
  subscriber?.take([event('prefect.flow-run.Scheduled', 'another')]);
  await clock.advance(0);
  assert.deepEqual(told, [], 'of another pool');
  subscriber?.take([event('prefect.flow-run.Scheduled', 'pool-id')]);
  await clock.advance(0);
  assert.deepEqual(told, ['0']);
  await clock.advance(5.1);
  assert.deepEqual(told, ['0', '0']);
  watch.close();
});

test('many that listen for the same cost one look; the last that goes ends it', async () => {
  const { clock, told, state, watch, listener } = world([2]);
  const stops = [1, 2, 3].map(() => watch.listen(POOL, { ...listener }));
  await clock.advance(0);
  const before = state.looks;
  await clock.advance(2.1);
  assert.equal(state.looks - before, 1);
  assert.deepEqual(told, ['2', '2', '2']);
  for (const stop of stops) stop();
  await clock.advance(0);
  assert.equal(state.left, 1);
  await clock.advance(60);
  assert.equal(state.looks - before, 1, 'nobody is there');
});

test('those that are told of runs before their time have a look of their own', async () => {
  const { clock, state, watch, listener } = world([2]);
  watch.listen(POOL, listener);
  watch.listen({ ...POOL, prefetchSeconds: 10 }, listener);
  await clock.advance(0);
  assert.deepEqual([...new Set(state.asked)], [0, 10]);
  watch.close();
});

test('a look that fails is told, and comes again', async () => {
  const { clock, told, state, watch, listener } = world([1]);
  state.fails = true;
  watch.listen(POOL, listener);
  await clock.advance(0);
  assert.match(told[0] ?? '', /no store/);
  assert.equal(state.looked, 0);
  state.fails = false;
  await clock.advance(5.1);
  assert.equal(told.at(-1), '1');
  assert.equal(state.looked, 1);
  watch.close();
});
