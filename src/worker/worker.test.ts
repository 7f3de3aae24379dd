import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DueRun } from '../client/control/work-pools.ts';
import { OstinatoError } from '../core/errors.ts';
import type { RunLease } from '../core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import { createClock } from '../platform/clock.ts';
import { Worker, type WorkerEars, type SupervisedRun, type TakenRun, type WorkerOptions } from './worker.ts';

const ME = 'worker' as ProcessId;

/** A pool with runs that are due, and processes that end when the test says so. */
function world(words: readonly string[], options: Partial<WorkerOptions> = {}, said: string[] = []) {
  const due = [...words];
  const taken = new Set<string>();
  const started: string[] = [];
  const asked: string[] = [];
  const ends = new Map<string, () => void>();
  const ears: WorkerEars[] = [];
  const lost = new Set<string>();
  let asks = 0;
  const supervise = ({ id }: TakenRun): SupervisedRun => {
    started.push(id);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(id, resolve);
    const end = (): void => {
      asked.push(id);
      resolve();
    };
    return { ended: promise, end, look: () => Promise.resolve() };
  };
  const make = () =>
    new Worker(
      {
        name: 'w',
        pool: 'p',
        queues: [],
        limit: 10,
        pollSeconds: 0.01,
        prefetchSeconds: 0,
        drainSeconds: 0,
        ...options,
      },
      {
        pools: {
          ensure: () => Promise.resolve(),
          beat: () => Promise.resolve(),
          takeDue(_pool, _queues, _before, limit) {
            asks += 1;
            return Promise.resolve(
              due
                .filter((id) => !taken.has(id))
                .slice(0, limit)
                .map(named),
            );
          },
          claim(id): Promise<RunLease | { readonly refused: string }> {
            // Given, and not heard of.
            if (lost.delete(id)) return Promise.reject(new OstinatoError('server-unavailable', 'It is gone.'));
            if (taken.has(id)) return Promise.resolve({ refused: 'somebody else has it' });
            taken.add(id);
            return Promise.resolve({ processId: ME, token: 1 });
          },
        },
        beat: () => Promise.resolve([]),
        orphans: { look: async () => {}, expect: () => {}, settled: async () => {} },
        processId: ME,
        supervise,
        listen: (hears) => {
          ears.push(hears);
          return { close: () => void ears.pop() };
        },
        clock: createClock(),
        say: (_level, message) => void said.push(message),
      },
    );
  return { due, lost, started, asked, ends, ears, asks: () => asks, make };
}

function named(id: string): DueRun {
  return { id: id as FlowRunId, name: id, deploymentId: 'd' };
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve));
}

test('two workers that see the same runs start each of them once', async () => {
  const { started, ends, make } = world(['a', 'b', 'c']);
  const both = [make().runOnce(), make().runOnce()];
  await new Promise((resolve) => setImmediate(resolve));
  while (started.length < 3) await new Promise((resolve) => setImmediate(resolve));
  for (const end of ends.values()) end();
  await Promise.all(both);
  assert.deepEqual(started.toSorted(), ['a', 'b', 'c']);
});

test('no more than its limit at a time; what is left comes when there is room', async () => {
  const { started, ends, make } = world(['a', 'b', 'c'], { limit: 2 });
  const worker = make();
  const served = worker.serve();
  while (started.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(worker.activeCount, 2);
  ends.get('a')?.();
  while (started.length < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b', 'c']);
  for (const end of ends.values()) end();
  worker.stop();
  await served;
});

test('one that is stopped takes nothing more, and asks what runs to end when its time is over', async () => {
  const { due, started, asked, make } = world(['a']);
  const worker = make();
  const served = worker.serve();
  while (started.length < 1) await new Promise((resolve) => setImmediate(resolve));
  worker.stop();
  due.push('late');
  await served;
  assert.deepEqual([started, asked], [['a'], ['a']]);
});

test('what the server tells is taken at once, however seldom it is asked; each run once', async () => {
  const { started, ends, ears, asks, make } = world([], { pollSeconds: 3600, limit: 2 });
  const worker = make();
  const served = worker.serve();
  await until(() => asks() === 1);
  ears[0]?.onListening(true);
  await until(() => asks() === 2);
  ears[0]?.onDue([named('a'), named('b')]);
  ears[0]?.onDue([named('a')]);
  await until(() => started.length === 2);
  for (const end of ends.values()) end();
  worker.stop();
  await served;
  assert.deepEqual(started, ['a', 'b']);
  assert.equal(ears.length, 0, 'the channel is closed');
});

test('what it was told while it had no room, it asks for when a run has ended', async () => {
  const { due, started, ends, ears, asks, make } = world([], { pollSeconds: 3600, limit: 1 });
  const worker = make();
  const served = worker.serve();
  await until(() => asks() === 1);
  due.push('a', 'b');
  ears[0]?.onDue([named('a'), named('b')]);
  await until(() => started.length === 1);
  ends.get('a')?.();
  await until(() => started.length === 2);
  ends.get('b')?.();
  worker.stop();
  await served;
  assert.deepEqual(started, ['a', 'b']);
});

test('when the channel breaks it asks again, and says so', async () => {
  const said: string[] = [];
  const { ears, asks, make } = world([], { pollSeconds: 3600 }, said);
  const worker = make();
  const served = worker.serve();
  await until(() => asks() === 1);
  ears[0]?.onListening(true);
  await until(() => asks() === 2);
  ears[0]?.onListening(false);
  await until(() => asks() === 3);
  worker.stop();
  await served;
  assert.match(said.join('\n'), /does not tell what is due any more: it is asked every 3600 s/);
});

test('a claim whose answer was lost is made again, also when nobody tells of the run any more', async () => {
  const { lost, started, ends, ears, asks, make } = world([], { pollSeconds: 0.01 });
  const worker = make();
  const served = worker.serve();
  await until(() => asks() === 1);
  lost.add('a');
  ears[0]?.onDue([named('a')]);
  await until(() => started.length === 1);
  ends.get('a')?.();
  worker.stop();
  await served;
  assert.deepEqual(started, ['a']);
});
