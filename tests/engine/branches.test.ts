/** How a flow goes on from failures: fallbacks, optional steps, `onFailure`; and that it goes the same way again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allowFailure, failed, flow, match, runContext, task, TerminalError, type Failure } from '../../src/index.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

class HttpError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}
class NotFound extends HttpError {
  constructor() {
    super(404);
  }
}

/** Counts what was really done, over all processes of a world. */
class Counts {
  readonly #of = new Map<string, number>();
  add(name: string): number {
    const count = (this.#of.get(name) ?? 0) + 1;
    this.#of.set(name, count);
    return count;
  }
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#of);
  }
}

const stateOf = async (world: TestWorld, name: string) => (await world.taskRun(name)).state;

/** Runs until the flow crashes its process, then goes on in another one. */
async function overACrash(world: TestWorld, run: ReturnType<typeof flow>): Promise<unknown> {
  await assert.rejects(
    world.run(() => run()),
    /crashed/,
  );
  world.restart();
  return await world.retry(run);
}

test('a fallback stands in when all attempts have failed, and its use is on record', async () => {
  await using world = await createTestWorld();
  const counts = new Counts();
  const load = task(
    (url: string): string => {
      counts.add('load');
      throw new HttpError(url.length);
    },
    {
      name: 'load',
      retries: 1,
      fallback: (failure, url) => {
        counts.add('fallback');
        return `${failure.name} ${failure.classes.join()} ${failure.state?.name} of ${url}`;
      },
    },
  );
  const use = task((text: string) => text.toUpperCase(), { name: 'use' });
  const run = flow(async () => await use(load('a.com')), { name: 'run' });
  assert.equal(await world.run(() => run()), 'HTTPERROR HTTPERROR,ERROR FAILED OF A.COM');
  assert.deepEqual(counts.all, { fallback: 1, load: 2 });
  const told = await stateOf(world, 'load-0 fallback');
  assert.deepEqual(
    [told.type, told.name, told.message],
    ['COMPLETED', 'FellBack', 'Fell back because "load-0" failed with HttpError: status 5.'],
  );
  assert.equal((await stateOf(world, 'load')).type, 'FAILED');
  assert.equal((await world.flowRun('run')).state.message, '1 step fell back: load-0.');
  const [loaded, branch, used] = [
    await world.taskRun('load'),
    await world.taskRun('load-0 fallback'),
    await world.taskRun('use'),
  ];
  assert.deepEqual(branch.inputs['failure'], [{ kind: 'task_run', id: loaded.id }]);
  assert.deepEqual(Object.values(used.inputs), [[{ kind: 'task_run', id: branch.id }]]);
});

test('a task as fallback gets the arguments, and is a step inside; what it falls short of is the failure', async () => {
  await using world = await createTestWorld();
  const cached = task((url: string) => `cached ${url}`, { name: 'cached' });
  const load = task((_url: string): string => failed({ message: 'down' }) as never, { name: 'load', fallback: cached });
  const bad = task((): string => assert.fail('first'), {
    name: 'bad',
    fallback: () => {
      throw new RangeError('second');
    },
  });
  const run = flow(async () => [await load('x'), (await bad.state()).message], { name: 'run' });
  assert.deepEqual(await world.run(() => run()), ['cached x', 'RangeError: second']);
  assert.match(
    String((await stateOf(world, 'load-0 fallback')).message),
    /^Fell back to task "cached" because "load-0"/,
  );
  const [branch, inside] = [await world.taskRun('load-0 fallback'), await world.taskRun('cached')];
  assert.equal(inside.parentTaskRunId, branch.id);
});

test('an optional task and an optional subflow leave the flow Completed, which says so', async () => {
  await using world = await createTestWorld();
  const notify = task(
    (): string => {
      throw new Error('no mail today');
    },
    { name: 'notify', optional: true },
  );
  const report = flow(
    (): number => {
      throw new TypeError('no numbers');
    },
    { name: 'report', optional: true },
  );
  const fine = task(() => 1, { name: 'fine', optional: true });
  const run = flow(async () => [await notify(), await report(), await fine()], { name: 'run' });
  assert.deepEqual(await world.run(() => run()), [undefined, undefined, 1]);
  const { state } = await world.flowRun('run');
  const child = await world.flowRun('report');
  assert.deepEqual([state.type, state.message], ['COMPLETED', `2 optional steps failed: notify-0, ${child.name}.`]);
  assert.equal(child.state.type, 'FAILED');
  const told = await stateOf(world, 'notify-0 optional');
  assert.deepEqual(
    [told.name, told.message],
    ['WentOn', 'Went on without "notify-0", which is optional: "notify-0" failed with Error: no mail today.'],
  );
});

test('an optional step that nobody awaits, its fallback that fails, and items of a fan-out', async () => {
  await using world = await createTestWorld();
  const odd = task(
    (n: number): number => {
      if (n % 2 === 1) throw new Error(`odd ${n}`);
      return n;
    },
    { name: 'odd', fallback: (_, n) => -n },
  );
  const both = task(
    (): number => {
      throw new Error('first');
    },
    {
      name: 'both',
      optional: true,
      fallback: () => {
        throw new Error('second');
      },
    },
  );
  const run = flow(
    async () => {
      void both();
      return await odd.map([0, 1, 2, 3]);
    },
    { name: 'run' },
  );
  assert.deepEqual(await world.run(() => run()), [0, -1, 2, -3]);
  const { state } = await world.flowRun('run');
  assert.deepEqual(
    [state.type, state.message],
    ['COMPLETED', '1 optional step failed: both-0. 2 steps fell back: odd-1, odd-3.'],
  );
});

test('onFailure of a future: its branch, its value where it did not fail, and its own failure', async () => {
  await using world = await createTestWorld();
  const load = task(
    (n: number): number => {
      if (n < 0) throw new HttpError(-n);
      return n;
    },
    { name: 'load' },
  );
  const sub = flow(({ n }: { n: number }) => load(n), { name: 'sub' });
  const use = task((n: number | string) => `used ${n}`, { name: 'use' });
  const seen: Failure[] = [];
  const run = flow(
    async () => {
      const told = load(-7).onFailure((failure) => {
        seen.push(failure);
        return 'seven';
      });
      const error = await load(-1)
        .onFailure(() => {
          throw new Error('also the branch');
        })
        .catch((thrown: unknown) => String(thrown));
      return [
        await use(told),
        await load(3).onFailure(() => 'not asked'),
        error,
        await load(-2)
          .onFailure(() => load(-3))
          .onFailure(() => load(4)),
        await sub({ n: -5 }).onFailure(({ message }) => message),
      ];
    },
    { name: 'run' },
  );
  assert.deepEqual(await world.run(() => run()), ['used seven', 3, 'Error: also the branch', 4, 'status 5']);
  assert.deepEqual(
    seen.map(({ name, message, state, classes }) => [name, message, state?.type, classes]),
    [['HttpError', 'status 7', 'FAILED', ['HttpError', 'Error']]],
  );
  const branch = await world.taskRun('load-0 onFailure');
  assert.equal(branch.state.message, 'Taken because "load-0" failed with HttpError: status 7.');
  const used = await world.taskRun('use');
  assert.deepEqual(Object.values(used.inputs), [[{ kind: 'task_run', id: branch.id }]]);
});

test('after a crash the same ways are taken from the record, although the work would succeed by now', async () => {
  await using world = await createTestWorld();
  const counts = new Counts();
  const once = (name: string): string => {
    if (counts.add(name) === 1) throw new NotFound();
    return 'works by now';
  };
  const load = task(() => once('load'), {
    name: 'load',
    fallback: ({ classes }) => `fallback ${counts.add('fallback')} ${classes.join()}`,
  });
  const notify = task(() => once('notify'), { name: 'notify', optional: true });
  const plain = task(() => once('plain'), { name: 'plain' });
  const child = flow(() => once('child'), { name: 'child', optional: true });
  const other = flow(() => once('other'), { name: 'other' });
  let isFirst = true;
  const run = flow(
    async () => {
      const taken = [
        await load(),
        await notify(),
        await plain().onFailure((failure) => {
          counts.add('branch');
          return match(failure, { HttpError: (e) => `http ${e.name}`, else: () => 'else' });
        }),
        await child(),
        await other().onFailure(({ name }) => name),
      ];
      if (isFirst) {
        isFirst = false;
        world.crash();
        await new Promise(() => {});
      }
      return taken;
    },
    { name: 'run' },
  );
  assert.deepEqual(await overACrash(world, run as never), [
    'fallback 1 NotFound,HttpError,Error',
    undefined,
    'http NotFound',
    undefined,
    'NotFound',
  ]);
  assert.deepEqual(counts.all, { branch: 1, child: 1, fallback: 1, load: 1, notify: 1, other: 1, plain: 1 });
  const { state } = await world.flowRun('run');
  assert.equal(state.message?.startsWith('2 optional steps failed: notify, '), true, String(state.message));
  assert.match(String(state.message), /1 step fell back: load\.$/);
});

test('a crash inside the branch: it runs again, and what failed does not', async () => {
  await using world = await createTestWorld();
  const counts = new Counts();
  const seen: string[] = [];
  const load = task(
    (): string => {
      counts.add('load');
      throw new NotFound();
    },
    {
      name: 'load',
      fallback: async (failure) => {
        seen.push(`${match(failure, { HttpError: () => 'base class', else: () => 'else' })} ${failure.message}`);
        if (counts.add('fallback') > 1) return 'second';
        world.crash();
        return await new Promise<string>(() => {});
      },
    },
  );
  const run = flow(async () => await load(), { name: 'run' });
  assert.equal(await overACrash(world, run as never), 'second');
  assert.deepEqual(counts.all, { fallback: 2, load: 1 });
  assert.deepEqual(seen, ['base class status 404', 'base class status 404']);
});

test('a failure that was not answered yet is no fact: a continued run does the work again', async () => {
  await using world = await createTestWorld();
  const counts = new Counts();
  const load = task(
    () => {
      if (counts.add('load') === 1) {
        world.crash();
        throw new Error('died with its process');
      }
      return 'done';
    },
    { name: 'load', fallback: () => 'fallback' },
  );
  const run = flow(async () => await load(), { name: 'run' });
  assert.equal(await overACrash(world, run as never), 'done');
});

test('equal calls, and calls whose input cannot be compared, never take each other’s branches', async () => {
  await using world = await createTestWorld();
  const counts = new Counts();
  const load = task((n: number | (() => number)) => {
    const number = typeof n === 'number' ? n : n();
    if (counts.add(`load ${number}`) === 1) throw new Error(`${number}`);
    return `again ${number}`;
  });
  let isFirst = true;
  const run = flow(
    async () => {
      const given: unknown[] = [];
      for (const n of isFirst ? [1, 2] : [2, 1])
        given.push(await load(() => n).onFailure((f) => `branch ${f.message}`));
      for (let i = 0; i < 2; i += 1) given.push(await load(7).onFailure((f) => `branch ${f.message}`));
      if (!isFirst) return given;
      isFirst = false;
      world.crash();
      return await new Promise(() => {});
    },
    { name: 'run' },
  );
  assert.deepEqual(await overACrash(world, run as never), ['again 2', 'again 1', 'branch 7', 'again 7']);
});

test('work that was called off takes no branch; outside a flow branches are taken too', async () => {
  await using world = await createTestWorld();
  const taken: string[] = [];
  let isStuck = false;
  const load = task(
    (name: string): string => {
      throw new TerminalError(name);
    },
    { name: 'load', fallback: (failure) => `instead of ${failure.message}` },
  );
  const stuck = task(
    () =>
      new Promise<string>((_, reject) => {
        isStuck = true;
        const { signal } = runContext();
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    { name: 'stuck', fallback: () => String(taken.push('fallback')) },
  );
  const run = flow(
    async () => {
      await stuck().onFailure(() => taken.push('branch'));
    },
    { name: 'run' },
  );
  assert.equal(await world.run(() => load('x')), 'instead of x');
  const plain = task((): string => {
    throw new Error('plain');
  });
  assert.equal(await world.run(() => plain().onFailure((f) => `took ${f.message}`)), 'took plain');
  const running = world.enter(() => run());
  await world.until(() => isStuck);
  await world.ports.client.cancelFlowRun((await world.flowRun('run')).id);
  await world.clock.advance(1);
  assert.equal((await running.wait()).type, 'CANCELLED');
  assert.deepEqual(taken, []);
});

test('allowFailure hands the error on, and match chooses by its class', async () => {
  await using world = await createTestWorld();
  const load = task((): number => {
    throw new NotFound();
  });
  const report = task((found: number | Error) =>
    typeof found === 'number' ? 'found' : match(found, { HttpError: (e) => `gone: ${e.message}`, else: () => 'else' }),
  );
  const run = flow(async () => await report(allowFailure(load())), { name: 'run' });
  assert.equal(await world.run(() => run()), 'gone: status 404');
});

test('options that make no sense are refused where they are written', () => {
  const gives = function* (): Generator<number> {
    yield 1;
  };
  assert.throws(() => task(() => 1, { fallback: 7 as never }), /option fallback .* is 7; it must be a function/);
  assert.throws(() => task(() => 1, { optional: 'yes' as never }), /option optional .* must be true or false/);
  assert.throws(() => flow(() => 1, { name: 'f', optional: 1 as never }), /option optional .* must be true or false/);
  assert.throws(() => task(gives, { optional: true }), /option optional .* is not for generators/);
  assert.throws(() => task(gives, { fallback: () => [1] }), /option fallback .* is not for generators/);
  assert.throws(() => flow(gives, { name: 'g', optional: true }), /not for generators/);
});
