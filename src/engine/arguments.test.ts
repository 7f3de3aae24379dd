/**
 * Futures in arguments: found wherever they lie, replaced in a copy of the same shape, at a cost that grows with the
 * size alone.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { State } from '../core/state.ts';
import type { TaskInput } from '../core/task-run.ts';
import { allowFailure, opaque, unmapped, zipped } from './annotations.ts';
import { findFutures, type FoundFutures } from './arguments.ts';
import { RunFuture } from './future.ts';

class Settled extends RunFuture<unknown> {
  readonly #id: string;
  constructor(value: unknown, ok = true) {
    super('upstream', null);
    this.#id = String(value);
    this.settle(ok ? { ok, value } : { ok, error: value }, { name: ok ? 'Completed' : 'Failed' } as State);
  }
  get edge(): TaskInput {
    return { kind: 'task_run', id: this.#id as never };
  }
}

const find = (...args: unknown[]): FoundFutures | null => findFutures(args, (index) => `input${index}`);
const values = (...args: unknown[]): readonly unknown[] => find(...args)?.values() ?? args;
const value = (arg: unknown): unknown => values(arg)[0];

// A graph of objects, made from a plan: every node has a kind and parts, which are numbers, futures or other nodes.
type Kind = 'list' | 'record' | 'map' | 'set' | 'null' | 'frozen';
interface Plan {
  readonly kind: Kind;
  readonly parts: readonly (number | { readonly node: number } | { readonly future: number })[];
}

const plans = fc
  .integer({ min: 1, max: 12 })
  .chain((count) =>
    fc.array(
      fc.record({
        kind: fc.constantFrom<Kind>('list', 'record', 'map', 'set', 'null', 'frozen'),
        parts: fc.array(
          fc.oneof(
            { weight: 3, arbitrary: fc.nat(9) },
            { weight: 4, arbitrary: fc.nat(count - 1).map((node) => ({ node })) },
            { weight: 1, arbitrary: fc.nat(9).map((future) => ({ future })) },
          ),
          { maxLength: 5 },
        ),
      }),
      { minLength: count, maxLength: count },
    ),
  );

/** @param resolved whether values stand in the places of futures */
function build(plan: readonly Plan[], resolved: boolean): readonly object[] {
  const nodes = plan.map(({ kind }): object =>
    kind === 'list'
      ? []
      : kind === 'map'
        ? new Map()
        : kind === 'set'
          ? new Set()
          : kind === 'null'
            ? (Object.create(null) as object)
            : {},
  );
  plan.forEach(({ kind, parts }, index) => {
    const node = nodes[index] as object;
    parts.forEach((part, at) => {
      const item =
        typeof part === 'number'
          ? part
          : 'node' in part
            ? nodes[part.node]
            : resolved
              ? `value ${part.future}`
              : new Settled(`value ${part.future}`);
      if (kind === 'list') (node as unknown[])[at * 2] = item;
      else if (kind === 'map')
        (node as Map<unknown, unknown>).set(at % 2 === 0 || typeof item === 'number' ? `key${at}` : item, item);
      else if (kind === 'set') (node as Set<unknown>).add(item);
      else (node as Record<string | symbol, unknown>)[at === 1 ? Symbol.for('hidden') : `part${at}`] = item;
    });
  });
  plan.forEach(({ kind }, index) => {
    if (kind === 'frozen') Object.freeze(nodes[index]);
  });
  return nodes;
}

/** Same shape, same values, same sharing. Without recursion, for graphs of any depth. */
function assertSame(actual: unknown, expected: unknown): void {
  const pairs = new Map<object, object>();
  const pending: [unknown, unknown][] = [[actual, expected]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [a, b] = pair;
    if (typeof b !== 'object' || b === null) {
      assert.equal(a, b);
      continue;
    }
    assert.ok(typeof a === 'object' && a !== null);
    const known = pairs.get(b);
    if (known !== undefined) {
      assert.equal(known, a, 'shared in one, not in the other');
      continue;
    }
    pairs.set(b, a);
    assert.equal(Object.getPrototypeOf(a), Object.getPrototypeOf(b));
    assert.equal(Object.isFrozen(a), Object.isFrozen(b));
    const [partsA, partsB] = [partsOf(a), partsOf(b)];
    assert.equal(partsA.length, partsB.length);
    partsA.forEach((part, index) => pending.push([part, partsB[index]]));
  }
}

function partsOf(node: object): readonly unknown[] {
  if (node instanceof Map) return [...node].flat();
  if (node instanceof Set) return [...node];
  return Reflect.ownKeys(node).flatMap((key) => [key, (node as Record<PropertyKey, unknown>)[key]]);
}

function reach(plan: readonly Plan[], from: number): ReadonlySet<number> {
  const seen = new Set([from]);
  const pending = [from];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const part of plan[at]?.parts ?? []) {
      if (typeof part === 'number' || !('node' in part) || seen.has(part.node)) continue;
      seen.add(part.node);
      pending.push(part.node);
    }
  }
  return seen;
}

test('a graph with futures is copied with values in their places, whatever its shape; parts without futures are handed on as they are', () => {
  fc.assert(
    fc.property(plans, fc.nat(11), (plan, second) => {
      const roots = [0, second % plan.length];
      const given = build(plan, false);
      const holds = (node: number): boolean =>
        [...reach(plan, node)].some((at) =>
          plan[at]?.parts.some((part) => typeof part === 'object' && 'future' in part),
        );
      const args = roots.map((root) => given[root]);
      const found = find(...args);
      assert.equal(found !== null, roots.some(holds));
      const got = found?.values() ?? args;
      assertSame(got, pick(build(plan, true), roots));
      roots.forEach((root, index) => assert.equal(got[index] === given[root], !holds(root)));
      assertSame(
        pick(given, roots).map(countFutures),
        roots.map((root) => futuresBelow(plan, root)),
      );
      const edges = found?.edges() ?? {};
      roots.forEach((root, index) => assert.equal(edges[`input${index}`]?.length ?? 0, futuresBelow(plan, root)));
    }),
    { numRuns: 500 },
  );
});

function pick(nodes: readonly object[], roots: readonly number[]): readonly object[] {
  return roots.map((root) => nodes[root] as object);
}

function futuresBelow(plan: readonly Plan[], root: number): number {
  let count = 0;
  for (const at of reach(plan, root))
    for (const part of plan[at]?.parts ?? []) if (typeof part === 'object' && 'future' in part) count += 1;
  return count;
}

/** In the original: it still has all of them. */
function countFutures(root: object): number {
  const seen = new Set<object>([root]);
  let count = 0;
  for (const node of seen) {
    if (node instanceof RunFuture) count += 1;
    else for (const part of partsOf(node)) if (typeof part === 'object' && part !== null) seen.add(part);
  }
  return count;
}

test('arguments nested a hundred thousand deep, and a ring of as many', () => {
  interface Link {
    next: unknown;
    first?: unknown;
  }
  const last: Link = { next: new Settled('end') };
  let chain: Link = last;
  for (let depth = 0; depth < 100_000; depth += 1) chain = depth % 2 === 0 ? { next: chain } : { next: [chain] };
  last.first = chain;
  let at = value(chain);
  for (let depth = 0; depth < 100_000; depth += 1)
    at = depth % 2 === 1 ? (at as Link).next : ((at as Link).next as Link[])[0];
  assert.equal((at as Link).next, 'end');
  assert.notEqual((at as Link).first, chain);
});

test('fifty thousand futures, each an edge', () => {
  const list = Array.from({ length: 50_000 }, (_, index) => new Settled(index));
  const found = find({ list, again: list });
  const all = Array.from({ length: 50_000 }, (_, index) => index);
  assert.deepEqual(found?.values(), [{ list: all, again: all }]);
  assert.equal(found?.edges()['input0']?.length, 50_000);
});

test('every object is looked at a bounded number of times, also where thousands of arguments reach the same tree', () => {
  let looks = 0;
  const count = 3000;
  const nodes: object[] = [];
  const root = { children: nodes, secret: new Settled('s') };
  const watched = new Proxy(root, {
    ownKeys: (target) => {
      looks += 1;
      return Reflect.ownKeys(target);
    },
  });
  for (let index = 0; index < count; index += 1) nodes.push({ parent: watched, index });
  assert.equal((values(...nodes)[count - 1] as { parent: { secret: string } }).parent.secret, 's');
  assert.ok(looks < 10 * count, `${looks} looks`);
  looks = 0;
  assert.equal(find(...nodes.map((node) => ({ node, parent: null })), watched)?.values().length, count + 1);
  assert.ok(looks < 10 * count, `${looks} looks`);
});

test('a long list without elements costs nothing', () => {
  const sparse: unknown[] = [];
  sparse[4_000_000_000] = 1;
  assert.equal(find(sparse), null);
  sparse[7] = new Settled('x');
  const copy = value(sparse) as unknown[];
  assert.deepEqual([copy.length, copy[7], copy[4_000_000_000], 8 in copy], [4_000_000_001, 'x', 1, false]);
});

test('getters are not asked, and are getters of the copy', () => {
  let asked = 0;
  const given = {
    get rows(): unknown {
      asked += 1;
      throw new Error('not now');
    },
    get next(): unknown {
      asked += 1;
      return { next: this };
    },
    secret: new Settled(5),
    double: 0,
  };
  Object.defineProperty(given, 'double', {
    enumerable: true,
    get(this: { secret: number }) {
      return this.secret * 2;
    },
  });
  const copy = value(given) as { secret: number; double: number };
  assert.equal(asked, 0);
  assert.deepEqual([copy.secret, copy.double], [5, 10]);
});

test('values of their own kind are not entered, and objects that defend themselves do no harm', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new RangeError('no');
      },
      has: () => {
        throw new RangeError('no');
      },
    },
  );
  const given = [
    Buffer.alloc(8),
    new Date(),
    /x/,
    new URL('http://a'),
    new Error('x'),
    new Float64Array(3),
    new WeakMap(),
    Promise.resolve(1),
    proxy,
    hostile,
    () => 1,
  ];
  assert.equal(find(given), null);
  assert.deepEqual((value([...given, new Settled('y')]) as unknown[]).at(-1), 'y');
});

test('a future in a class instance is refused with its path: no value can be put there', () => {
  class Job {
    readonly token: unknown;
    #own = 1;
    constructor(token: unknown) {
      this.token = token;
    }
    get own(): number {
      return this.#own;
    }
  }
  class Rows extends Array<unknown> {}
  class Index extends Map<string, unknown> {}
  const refused: readonly [unknown, RegExp][] = [
    [{ jobs: [new Job(new Settled(1))] }, /`input0\.jobs\[0\]` is a Job that holds a future/],
    [new Map([['a', new Job([{ deep: new Settled(1) }])]]), /`input0\.entries\[0\]` is a Job/],
    [Rows.of(new Settled(1)), /is a Rows/],
    [new Index([['a', new Settled(1)]]), /is a Index/],
  ];
  for (const [given, message] of refused)
    assert.throws(
      () => value(given),
      (error) =>
        message.test((error as Error).message) &&
        /await the future first/i.test((error as { remedy?: string }).remedy ?? ''),
    );
  const job = new Job(new Settled(1));
  assert.deepEqual(value([opaque(job)]), [job]);
  const plain = new Job(5);
  assert.equal((value({ plain, x: new Settled(2) }) as { plain: unknown }).plain, plain);
});

test('the insides of a service are its own: the search below instances has an end', () => {
  class Service {
    readonly parts: object[] = [];
  }
  const service = new Service();
  for (let index = 0; index < 50_000; index += 1) service.parts.push(Object.assign(new Service(), { index }));
  assert.equal(find(service), null);
});

test('marks inside arguments are taken off, with or without futures', () => {
  const failed = new Settled(new Error('broken'), false);
  const opened = value({
    a: allowFailure(failed),
    b: unmapped(allowFailure(new Settled(2))),
    c: opaque({ d: failed }),
    e: unmapped([3]),
    f: [unmapped(new Settled([4]))],
  }) as Record<string, unknown>;
  assert.equal((opened['a'] as Error).message, 'broken');
  assert.deepEqual([opened['b'], opened['e'], opened['f']], [2, [3], [[4]]]);
  assert.equal((opened['c'] as { d: unknown }).d, failed);
  assert.deepEqual(value([unmapped(1)]), [1]);
  assert.throws(() => value([zipped([1])]), /zipped/);
  assert.throws(() => value([[failed]]), /Upstream upstream ended Failed/);
});

test('what is opaque counts by its mark, also inside, and beside futures', () => {
  const client = { calls: 1 };
  assert.deepEqual(find([opaque(client), new Settled(1)], opaque(client))?.compared(), [['opaque', 1], 'opaque']);
  assert.deepEqual(find([opaque(client), new Settled(1)], opaque(client))?.values(), [[client, 1], client]);
});

test('arguments are those of the call: what happens to them while it waits is not seen', () => {
  const list: unknown[] = [new Settled(1)];
  const found = find(list);
  list.push(new Settled(2));
  assert.deepEqual(found?.values(), [[1]]);
});

test('the same future in two arguments is an edge of both, in one argument one', () => {
  const one = new Settled(1);
  const shared = { list: [one, one] };
  const edges = find(shared, [shared], one)?.edges() ?? {};
  assert.deepEqual(
    Object.entries(edges).map(([name, list]) => [name, list.length]),
    [
      ['input0', 1],
      ['input1', 1],
      ['input2', 1],
    ],
  );
});

test('waitFor: futures and promises anywhere in it, failures that are allowed and that are not', async () => {
  const wait = (waitFor: readonly unknown[]): FoundFutures => findFutures([], String, waitFor) as FoundFutures;
  let opened = false;
  const gate = new Promise((resolve) =>
    setImmediate(() => {
      opened = true;
      resolve(1);
    }),
  );
  const found = wait([{ gates: [gate] }, new Settled(1)]);
  await found.whenDone();
  assert.equal(opened, true);
  assert.deepEqual(found.values(), []);
  assert.deepEqual(Object.keys(found.edges()), ['waitFor']);
  const rejected = wait([Promise.reject(new Error('x'))]);
  await rejected.whenDone();
  assert.throws(() => rejected.values(), /a promise in waitFor ended with an error/);
  assert.deepEqual(wait([allowFailure(new Settled(new Error('x'), false))]).values(), []);
  assert.equal(findFutures([], String, []), null);
});
