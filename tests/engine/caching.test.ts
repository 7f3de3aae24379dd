/** Rows RC6–RC10: cached results, why they hit or missed, and one computation a key. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  cacheFolder,
  cacheKey,
  CachePolicy,
  DEFAULT,
  flow,
  FLOW_PARAMETERS,
  INPUTS,
  NO_CACHE,
  RUN,
  SOURCE,
  task,
  transaction,
  type CacheFacts,
  type TaskOptions,
} from '../../src/index.ts';
import type { TaskRunId } from '../../src/core/ids.ts';
import type { Instant } from '../../src/core/time.ts';
import { withDoor } from '../../src/engine/door.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

/** A task that counts how often its body ran. */
function counted(options: TaskOptions): { readonly double: ReturnType<typeof define>; readonly calls: () => number } {
  let calls = 0;
  const define = (given: TaskOptions) =>
    task(
      (x: unknown, note?: unknown) => {
        calls += 1;
        return [x, note, calls];
      },
      { name: 'double', ...given },
    );
  return { double: define(options), calls: () => calls };
}

/** `hit`, `miss`, … with the reason, of every run of the task. */
async function cacheReasons(world: TestWorld, name = 'double'): Promise<string[]> {
  return (await world.taskRuns())
    .filter((run) => run.taskName === name)
    .map((run) => `${run.cache?.outcome ?? 'none'}: ${run.cache?.reason ?? ''}`);
}

test('RC6 INPUTS: equal inputs hit, whatever the order of their keys; the second run is Cached and knows from whom', async () => {
  await using world = await createTestWorld();
  const { double, calls } = counted({ cache: INPUTS });
  const first = await world.run(() => double({ a: 1, b: new Date(0) }));
  const second = await world.run(() => double({ b: new Date(0), a: 1 }));
  assert.deepEqual(second, first);
  assert.equal(calls(), 1);
  const [made, reused] = await world.taskRuns();
  assert.equal(reused?.state.name, 'Cached');
  assert.equal(reused?.cache?.from, made?.id);
  assert.equal(reused?.runCount, 0);
  assert.deepEqual(await cacheReasons(world), [
    'miss: no earlier result of this task',
    'hit: same key as an earlier run',
  ]);
});

test('RC6 a miss names the input that changed', async () => {
  await using world = await createTestWorld();
  const { double } = counted({ cache: INPUTS });
  await world.run(async () => {
    await double(1, 'a');
    await double(2, 'a');
    await double(2, 'b');
  });
  assert.deepEqual((await cacheReasons(world)).slice(1), ['miss: input "x" changed', 'miss: input "note" changed']);
});

test('RC6 SOURCE: other code misses and says so', async () => {
  await using world = await createTestWorld();
  const version = (body: (x: number) => number) => task(body, { name: 'same name', cache: INPUTS.plus(SOURCE) });
  await world.run(() => version((x) => x + 1)(1));
  assert.equal(await world.run(() => version((x) => x + 2)(1)), 3);
  assert.deepEqual((await cacheReasons(world, 'same name'))[1], "miss: the task's source changed");
});

test('RC6 RUN and DEFAULT: hits inside one flow run only; FLOW_PARAMETERS: for equal parameters', async () => {
  await using world = await createTestWorld();
  for (const [cache, expected] of [
    [RUN.plus(INPUTS), 2],
    [DEFAULT, 2],
    [FLOW_PARAMETERS.plus(INPUTS), 1],
  ] as const) {
    const { double, calls } = counted({ cache, name: `double ${expected}` });
    const parent = flow(
      async ({ day }: { day: number }) => {
        await double(day);
        await double(day);
      },
      { name: `parent ${expected}` },
    );
    await world.run(async () => {
      await parent({ day: 1 });
      await parent({ day: 1 });
    });
    assert.equal(calls(), expected);
  }
});

test('RC6 RUN outside a flow: each run stands alone', async () => {
  await using world = await createTestWorld();
  const { double, calls } = counted({ cache: DEFAULT });
  await world.run(async () => {
    await double(1);
    await double(1);
  });
  assert.equal(calls(), 2);
});

test('RC6 minus leaves inputs out of the key', async () => {
  await using world = await createTestWorld();
  const { double, calls } = counted({ cache: INPUTS.minus('note') });
  await world.run(async () => {
    await double(1, 'debug');
    await double(1, 'quiet');
  });
  assert.equal(calls(), 1);
});

test('RC6 NO_CACHE, no policy, and unkept results do not cache, and say why', async () => {
  await using world = await createTestWorld();
  for (const options of [{ cache: NO_CACHE }, { cache: INPUTS, persistResult: false }] satisfies TaskOptions[]) {
    const { double, calls } = counted(options);
    await world.run(async () => {
      await double(1);
      await double(1);
    });
    assert.equal(calls(), 2);
  }
  assert.deepEqual(
    [...new Set(await cacheReasons(world))],
    ['disabled: the policy says not to cache this run', 'disabled: the result is not kept (persistResult: false)'],
  );
});

test('RC6 an input without content is not hashed blindly: the run is not cached, with the path', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const send = task(
    (x: { client: { send(): void } }) => {
      x.client.send();
      return (calls += 1);
    },
    { name: 'send', cache: INPUTS },
  );
  await world.run(async () => {
    await send({ client: { send() {} } });
    await send({ client: { send() {} } });
  });
  assert.equal(calls, 2);
  assert.match(
    (await cacheReasons(world, 'send'))[0] ?? '',
    /disabled: input "x" holds something that cannot be hashed at x\.client\.send/,
  );
});

test('RC7 an own key from the facts; null does not cache; one that throws is a warning, not a failure', async () => {
  await using world = await createTestWorld();
  const byDay = cacheKey((facts: CacheFacts) =>
    facts.values['x'] === 0 ? null : `day ${Math.floor(Number(facts.values['x']) / 10)}`,
  );
  const { double, calls } = counted({ cache: byDay });
  await world.run(async () => {
    await double(11);
    await double(19);
    await double(20);
    await double(0);
    await double(0);
  });
  assert.equal(calls(), 4);
  const broken = counted({
    cache: cacheKey(() => {
      throw new Error('no key today');
    }),
    name: 'broken',
  });
  assert.deepEqual(await world.run(() => broken.double(1)), [1, undefined, 1]);
  assert.match((await cacheReasons(world, 'broken'))[0] ?? '', /disabled: the policy threw: no key today/);
});

test("RC7 policies of one's own compose with the others", async () => {
  await using world = await createTestWorld();
  const week = new CachePolicy([() => ({ week: '42' })]);
  const { double, calls } = counted({ cache: INPUTS.plus(week) });
  await world.run(async () => {
    await double(1);
    await double(1);
    await double(2);
  });
  assert.equal(calls(), 2);
});

test('RC8 a result expires, and the miss says when', async () => {
  await using world = await createTestWorld();
  const { double, calls } = counted({ cache: INPUTS, cacheExpirationSeconds: 3600 });
  await world.run(() => double(1));
  await world.clock.advance(3500);
  await world.run(() => double(1));
  assert.equal(calls(), 1);
  await world.clock.advance(300);
  await world.run(() => double(1));
  assert.equal(calls(), 2);
  assert.match((await cacheReasons(world)).at(-1) ?? '', /^miss: expired 3 min ago \(2030-01-01T01:00:00/);
});

test('RC8 refreshCache runs again and replaces what is kept', async () => {
  await using world = await createTestWorld();
  const { double, calls } = counted({ cache: INPUTS });
  await world.run(() => double(1));
  assert.deepEqual(await world.run(() => double.with({ refreshCache: true })(1)), [1, undefined, 2]);
  assert.deepEqual(await world.run(() => double(1)), [1, undefined, 2]);
  assert.equal(calls(), 2);
  assert.deepEqual(await cacheReasons(world), [
    'miss: no earlier result of this task',
    'refresh: refresh asked for',
    'hit: same key as an earlier run',
  ]);
});

test('RC9 the key index lies apart from the results: with the results gone, the value is computed again', async () => {
  await using world = await createTestWorld();
  const big = task((n: number) => 'x'.repeat(n), { name: 'big', cache: INPUTS });
  await world.run(() => big(100_000));
  (world.ports.results as { clear(): void } & typeof world.ports.results).clear();
  assert.equal((await world.run(() => big(100_000))).length, 100_000);
  const last = (await world.taskRuns()).at(-1);
  assert.equal(last?.state.name, 'Completed');
  assert.match(last?.cache?.reason ?? '', /the earlier result cannot be read/);
  assert.equal((await world.run(() => big(100_000))).length, 100_000);
  assert.equal((await world.taskRuns()).at(-1)?.state.name, 'Cached');
});

test('RC9 keys may lie in a folder that homes share: a hit from elsewhere, a miss that is explained, a rollback that takes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-keys-'));
  try {
    const keys = cacheFolder(join(folder, 'keys'));
    const { double, calls } = counted({ cache: INPUTS.keptIn(keys), cacheExpirationSeconds: 60 });
    await using here = await createTestWorld({ startAt: new Date('2026-01-01T00:00:00Z') });
    await using there = await createTestWorld({ startAt: new Date('2026-01-01T00:00:30Z'), seed: 2 });
    const computed = await here.run(() => double(1));
    assert.deepEqual(await there.run(() => double(1)), computed);
    assert.equal(calls(), 1);
    assert.deepEqual(await cacheReasons(there), ['hit: same key as an earlier run']);
    await there.run(() => double(2));
    assert.deepEqual((await cacheReasons(there)).at(-1), 'miss: input "x" changed');
    await using late = await createTestWorld({ startAt: new Date('2026-01-01T00:02:00Z'), seed: 3 });
    await late.run(() => double(1));
    assert.match((await cacheReasons(late)).join(), /^miss: expired/);
    await assert.rejects(
      late.run(() =>
        flow(() =>
          transaction(async () => {
            await double(3);
            throw new Error('undo');
          }),
        )(),
      ),
      /undo/,
    );
    await late.run(() => double(3));
    assert.match((await cacheReasons(late)).at(-1) ?? '', /^miss/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('RC9 RC10 in a shared folder one computes a key; who died over it is followed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-keys-'));
  try {
    const [keys, other] = [cacheFolder(folder), cacheFolder(folder)];
    const asked = { key: 'ab'.repeat(16), taskKey: 'double-1', refresh: false, now: (Date.now() * 1000) as Instant };
    const [first, second] = ['1', '2'] as unknown as [TaskRunId, TaskRunId];
    assert.deepEqual(await keys.claim({ ...asked, taskRunId: first }), { status: 'claimed', nearest: null });
    assert.deepEqual(await other.claim({ ...asked, taskRunId: second }), { status: 'busy', holder: '1' });
    assert.equal(
      (await cacheFolder(folder, { singleFlight: false }).claim({ ...asked, taskRunId: second })).status,
      'claimed',
    );
    const path = join(folder, 'ab', `${asked.key}.claim.json`);
    writeFileSync(
      path,
      JSON.stringify({ taskRunId: '1', holder: { pid: 2 ** 22 + 1, host: hostname(), startMark: null } }),
    );
    assert.equal((await other.claim({ ...asked, taskRunId: second })).status, 'claimed');
    await keys.settle({ key: asked.key, taskRunId: first, entry: null });
    assert.ok(existsSync(path), 'a claim that was taken over is left alone');
    await other.settle({ key: asked.key, taskRunId: second, entry: null });
    assert.deepEqual(readdirSync(join(folder, 'ab')), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('RC10 single flight: concurrent calls of one key compute once', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double', delaySeconds: 5 }] });
  const { double, calls } = counted({ cache: INPUTS });
  const parent = flow(async () => Promise.all([double(1), double(1), double(1), double(2)]));
  const values = await world.run(() => parent());
  assert.equal(calls(), 2);
  assert.deepEqual(values[1], values[0]);
  assert.deepEqual(
    (await cacheReasons(world)).map((text) => text.split(':')[0]),
    ['miss', 'hit', 'hit', 'miss'],
  );
});

test('RC10 single flight: when the first fails, the next computes', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const shaky = task(
    async (x: number) => {
      calls += 1;
      if (calls === 1) throw new Error('first');
      return x;
    },
    { name: 'shaky', cache: INPUTS },
  );
  const parent = flow(async () =>
    (await Promise.allSettled([shaky(1), shaky(1), shaky(1)])).map(({ status }) => status),
  );
  assert.deepEqual(await world.run(() => parent()), ['rejected', 'fulfilled', 'fulfilled']);
  assert.equal(calls, 2);
});

test('RC10 those who wait hold no slot: one slot is enough for many calls and a retry', async () => {
  await using world = await createTestWorld({
    settings: { concurrency: 1 },
    faults: [{ task: 'double', attempt: 1, throw: new Error('x'), when: (run) => run.name === 'double-0' }],
  });
  const { double, calls } = counted({ cache: INPUTS, retries: 1, retryDelaySeconds: 60 });
  const parent = flow(async () => Promise.all([double(1), double(1), double(1)]));
  await world.run(() => parent());
  assert.equal(calls(), 1);
});

test("RC10 single flight across processes: the second waits for the first one's result", async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double', delaySeconds: 5 }] });
  const { double, calls } = counted({ cache: INPUTS });
  const other = world.ports.startProcess();
  const [a, b] = await Promise.all([world.run(() => double(1)), withDoor(other.door, () => double(1).result())]);
  assert.deepEqual(a, b);
  assert.equal(calls(), 1);
});

test('RC10 a claim of a process that is gone is taken over', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double', crash: 'before' }] });
  const { double, calls } = counted({ cache: INPUTS });
  await assert.rejects(
    world.run(() => double(1)),
    /crashed/,
  );
  world.restart();
  await world.run(() => double(1));
  assert.equal(calls(), 1);
});

test('RC6 a cached generator streams again from the cache; a half-read one is not cached', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const count = task(
    async function* (to: number) {
      calls += 1;
      for (let n = 0; n < to; n += 1) yield n;
    },
    { name: 'count', cache: INPUTS },
  );
  const parent = flow(async ({ stopAt }: { stopAt: number }) => {
    const got: number[] = [];
    for await (const n of count(4)) {
      got.push(n);
      if (n === stopAt) break;
    }
    return got;
  });
  assert.deepEqual(await world.run(() => parent({ stopAt: 1 })), [0, 1]);
  assert.deepEqual(await world.run(() => parent({ stopAt: 99 })), [0, 1, 2, 3]);
  assert.equal(calls, 2);
  assert.deepEqual(await world.run(() => parent({ stopAt: 99 })), [0, 1, 2, 3]);
  assert.equal(calls, 2);
});
