/** What a call is given decides whether it is the same step: no call is ever given what another one has got. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flow, opaque, task, type Task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

/** What a value hides (or shows) comes back out of it by `reveal`: the result that a call must have. */
class Money {
  readonly cents: bigint;
  constructor(cents: bigint) {
    this.cents = cents;
  }
}
class Account {
  readonly name = 'account';
  readonly #number: string;
  constructor(number: string) {
    this.#number = number;
  }
  get number(): string {
    return this.#number;
  }
}
class Decimal {
  readonly #digits: string;
  constructor(digits: string) {
    this.#digits = digits;
  }
  toJSON(): string {
    return this.#digits;
  }
}
const sizes = new WeakMap<object, string>();
class Box {
  constructor(size: string) {
    sizes.set(this, size);
  }
}
class Due extends Date {
  readonly #zone: string;
  constructor(zone: string) {
    super(0);
    this.#zone = zone;
  }
  get zone(): string {
    return this.#zone;
  }
}

interface Kind {
  readonly name: string;
  readonly make: (secret: string) => unknown;
  readonly reveal: (value: never) => string;
  /** Compared by content, so that a finished call is not made again. */
  readonly known: boolean;
}

const KINDS: readonly Kind[] = [
  { name: 'text', make: (secret) => secret, reveal: (value) => value, known: true },
  {
    name: 'record',
    make: (secret) => ({ a: [{ secret }] }),
    reveal: (value: { a: { secret: string }[] }) => String(value.a[0]?.secret),
    known: true,
  },
  { name: 'decimal', make: (secret) => new Decimal(secret), reveal: (value: Decimal) => value.toJSON(), known: true },
  {
    name: 'url',
    make: (secret) => new URL(`https://a/${secret}`),
    reveal: (value: URL) => value.pathname.slice(1),
    known: true,
  },
  { name: 'buffer', make: (secret) => Buffer.from(secret), reveal: (value: Buffer) => value.toString(), known: true },
  {
    name: 'error',
    make: (secret) => new Error('no', { cause: secret }),
    reveal: (value: Error) => String(value.cause),
    known: true,
  },
  {
    name: 'public fields',
    make: (secret) => new Money(BigInt(secret)),
    reveal: (value: Money) => String(value.cents),
    known: false,
  },
  {
    name: 'private field',
    make: (secret) => new Account(secret),
    reveal: (value: Account) => value.number,
    known: false,
  },
  {
    name: 'weak map',
    make: (secret) => new Box(secret),
    reveal: (value: Box) => String(sizes.get(value)),
    known: false,
  },
  {
    name: 'subclass of a known class',
    make: (secret) => new Due(secret),
    reveal: (value: Due) => value.zone,
    known: false,
  },
  { name: 'closure', make: (secret) => () => secret, reveal: (value: () => string) => value(), known: false },
  {
    name: 'inside a list',
    make: (secret) => [1, { get: () => secret }],
    reveal: (value: readonly [number, { get(): string }]) => value[1].get(),
    known: false,
  },
  {
    name: 'promise',
    make: (secret) => Object.assign(Promise.resolve(), { inner: new Account(secret) }),
    reveal: (value: { inner: Account }) => value.inner.number,
    known: false,
  },
];

const call = fc.record({
  kind: fc.constantFrom(...KINDS),
  secret: fc.constantFrom('1', '2', '3'),
  fails: fc.boolean(),
  ticks: fc.nat(3),
  nested: fc.boolean(),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

test('random programs that fail and go on: every call has its own result or is made again; what is known is not made twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.boolean(),
      fc.nat(6),
      fc.array(fc.nat(3), { maxLength: 6 }),
      async (calls, concurrent, elsewhere, stopAt, laterTicks) => {
        await using world = await createTestWorld();
        let attempt = 1;
        const done = new Map<string, number>();
        const inner = task((text: string) => text, { name: 'inner' });
        const work = task(
          async (
            { reveal, ticks }: { reveal: (value: never) => string; ticks: number },
            value: unknown,
            at: string | null,
            fails: boolean,
            nested: boolean,
          ) => {
            for (let tick = 0; tick < ticks; tick += 1) await new Promise((resolve) => setImmediate(resolve));
            if (fails && attempt === 1) throw new Error('not yet');
            const secret = reveal(value as never);
            // A step inside says nothing of what the call around it was given.
            const result = nested ? ((await inner('x')) === 'x' ? secret : 'other') : secret;
            done.set(`${at}`, (done.get(`${at}`) ?? 0) + 1);
            return result;
          },
          { name: 'work' },
        );
        const one = async ({ kind, secret, fails, nested }: Call, index: number, ticks: number): Promise<string> => {
          const how = { reveal: kind.reveal, ticks };
          // Known calls are told apart by where they stand, so that they can be counted; what is unsure has to do
          // without.
          return await (work as unknown as Task<unknown[], Promise<string>>)(
            opaque(how),
            kind.make(secret),
            kind.known ? `${index}` : null,
            fails,
            nested,
          ).catch(() => 'failed');
        };
        const parent = flow(
          async () => {
            const results: string[] = [];
            if (concurrent)
              results.push(
                ...(await Promise.all(
                  calls.map((given, index) =>
                    one(given, index, attempt === 1 ? given.ticks : (laterTicks[index] ?? 0)),
                  ),
                )),
              );
            else
              for (const [index, given] of calls.entries()) {
                if (attempt === 1 && index === stopAt) throw new Error('stop');
                results.push(await one(given, index, given.ticks));
              }
            if (attempt === 1) throw new Error('again');
            return results;
          },
          { name: 'parent' },
        );
        await world.run(() => parent.state());
        const before = new Map(done);
        attempt = 2;
        if (elsewhere) world.restart();
        assert.deepEqual(
          await world.retry(parent),
          calls.map(({ secret }) => secret),
        );
        for (const [at, times] of done)
          if (at !== 'null')
            assert.equal(times, 1, `call ${at} was made ${times} times, ${before.get(at) ?? 0} before the retry`);
      },
    ),
    { numRuns: 60 },
  );
});

test('branches that reach one line in another order the next time do not swap what cannot be seen', async () => {
  await using world = await createTestWorld();
  let attempt = 1;
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const read = task((account: Account) => account.number, { name: 'read' });
  const parent = flow(
    async () => {
      const order = attempt === 1 ? ['a', 'b', 'c'] : ['c', 'b', 'a'];
      const found = await Promise.all(
        ['a', 'b', 'c'].map(async (number) => {
          for (let turn = 0; turn < order.indexOf(number) * 3; turn += 1) await tick();
          return await read(new Account(number));
        }),
      );
      if (attempt === 1) throw new Error('again');
      return found.join('');
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  attempt = 2;
  assert.equal(await world.retry(parent), 'abc');
  assert.ok(
    (await world.messages()).some((text) => /read may have finished.*account cannot be compared.*opaque/.test(text)),
  );
});

test('opaque and key: the user says what counts, so finished calls are not made again', async () => {
  await using world = await createTestWorld();
  let attempt = 1;
  const ran: string[] = [];
  const read = task(
    (account: Account) => {
      ran.push(account.number);
      if (attempt === 1 && account.number === '1') throw new Error('no');
      return account.number;
    },
    { name: 'read' },
  );
  const parent = flow(
    async () => {
      const found: string[] = [];
      for (const number of ['1', '2', '3']) found.push(await read(opaque(new Account(number))).catch(() => 'failed'));
      for (const number of ['x', 'y']) found.push(await read.with({ key: number })(new Account(number)));
      if (attempt === 1) throw new Error('again');
      return found;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  attempt = 2;
  assert.deepEqual(await world.retry(parent), ['1', '2', '3', 'x', 'y']);
  assert.deepEqual(ran, ['1', '2', '3', 'x', 'y', '1']);
});

test('equal calls go on in their order: what a later one has got is not given to one that failed', async () => {
  await using world = await createTestWorld();
  let attempt = 1;
  let page = 0;
  const next = task(
    () => {
      page += 1;
      if (attempt === 1 && page === 1) throw new Error('no');
      return attempt === 1 ? page : 1;
    },
    { name: 'next' },
  );
  const parent = flow(
    async () => {
      const all: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) all.push(await next().catch(() => -1));
      if (attempt === 1) throw new Error('again');
      return all;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  attempt = 2;
  assert.deepEqual(await world.retry(parent), [1, 2, 3]);
});

test("a method's object is an input, in the record and in the cache", async () => {
  const { INPUTS } = await import('../../src/index.ts');
  await using world = await createTestWorld();
  let attempt = 1;
  const size = task(
    function (this: { size: number }, by: number) {
      return this.size * by;
    },
    { name: 'size', cache: INPUTS },
  );
  const [one, two] = [
    { size: 1, of: size },
    { size: 2, of: size },
  ];
  const parent = flow(
    async () => {
      const all: number[] = [];
      for (const each of attempt === 1 ? [one] : [two, one]) all.push(await each.of(10));
      if (attempt === 1) throw new Error('again');
      return all;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  attempt = 2;
  assert.deepEqual(await world.retry(parent), [20, 10]);
});

test('a subflow whose parameters cannot be compared is not continued for another call', async () => {
  await using world = await createTestWorld();
  let attempt = 1;
  const load = task((part: string) => part, { name: 'load' });
  const child = flow(
    async ({ account }: { account: Account }) => {
      const first = `${await load('x')}${account.number}`;
      if (attempt === 1 && account.number === '1') throw new Error('no');
      return first;
    },
    { name: 'child' },
  );
  const parent = flow(
    async () => {
      const all: string[] = [];
      for (const number of ['1', '2']) all.push(await child({ account: new Account(number) }).catch(() => 'failed'));
      if (attempt === 1) throw new Error('again');
      return all;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  attempt = 2;
  assert.deepEqual(await world.retry(parent), ['x1', 'x2']);
});
