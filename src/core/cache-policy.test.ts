import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cacheKey,
  CachePolicy,
  DEFAULT,
  FLOW_PARAMETERS,
  INPUTS,
  keyText,
  NO_CACHE,
  RUN,
  SOURCE,
  type CacheFacts,
} from './cache-policy.ts';

const NAMES = ['a', 'b', 'c'] as const;

function factsOf(
  change: {
    readonly inputs?: Record<string, string>;
    readonly sourceHash?: string;
    readonly runId?: string;
    readonly parameters?: string | null;
    readonly opaque?: CacheFacts['opaque'];
  } = {},
): CacheFacts {
  const inputs = change.inputs ?? { a: '1', b: '2', c: '3' };
  return { taskName: 't', sourceHash: 's', runId: 'r', parameters: 'p', opaque: {}, ...change, inputs, values: inputs };
}

/** The text of the key; `null` where the run is not cached. */
function key(policy: CachePolicy, facts: CacheFacts): string | null {
  const parts = policy.parts(facts);
  return parts === null || 'unusable' in parts ? null : keyText('task', parts);
}

/** A policy together with what it looks at, worked out apart from the code under test. */
interface Modelled {
  readonly policy: CachePolicy;
  readonly sees: ReadonlySet<string>;
  readonly hasInputs: boolean;
}

const own = Object.fromEntries(NAMES.map((name) => [name, cacheKey(({ values }) => String(values[name]))]));
const leaf: fc.Arbitrary<Modelled> = fc.oneof(
  fc.constant({ policy: INPUTS, sees: new Set<string>(NAMES), hasInputs: true }),
  fc
    .subarray([...NAMES])
    .map((left) => ({
      policy: INPUTS.minus(...left),
      sees: new Set<string>(NAMES.filter((name) => !left.includes(name))),
      hasInputs: true,
    })),
  fc.constant({ policy: SOURCE, sees: new Set(['source']), hasInputs: false }),
  fc.constant({ policy: RUN, sees: new Set(['run']), hasInputs: false }),
  fc.constant({ policy: FLOW_PARAMETERS, sees: new Set(['parameters']), hasInputs: false }),
  fc
    .constantFrom(...NAMES)
    .map((name) => ({ policy: own[name] as CachePolicy, sees: new Set<string>([name]), hasInputs: false })),
);
const sum = fc.array(leaf, { minLength: 1, maxLength: 5 });
const plus = (all: readonly CachePolicy[]): CachePolicy =>
  all.slice(1).reduce((left, right) => left.plus(right), all[0] as CachePolicy);
const someFacts = fc
  .record({
    inputs: fc.record({ a: fc.constantFrom('1', '2'), b: fc.constantFrom('1', '2'), c: fc.constantFrom('1', '2') }),
    sourceHash: fc.constantFrom('1', '2'),
    runId: fc.constantFrom('1', '2'),
    parameters: fc.constantFrom('1', '2'),
  })
  .map((some) => factsOf(some));

test('a sum agrees exactly where each of its parts agrees', () => {
  fc.assert(
    fc.property(sum, someFacts, someFacts, (all, left, right) => {
      const sees = new Set(all.flatMap(({ sees: one }) => [...one]));
      const fact = (facts: CacheFacts, name: string): unknown =>
        ({ source: facts.sourceHash, run: facts.runId, parameters: facts.parameters })[name] ?? facts.values[name];
      const agree = [...sees].every((name) => fact(left, name) === fact(right, name));
      const policy = plus(all.map(({ policy: one }) => one));
      assert.equal(key(policy, left) === key(policy, right), agree);
    }),
    { numRuns: 500 },
  );
});

test('neither order nor grouping nor repetition of the parts matters', () => {
  fc.assert(
    fc.property(sum, sum, someFacts, fc.infiniteStream(fc.nat()), (some, more, facts, draws) => {
      const a = plus(some.map(({ policy }) => policy));
      const b = plus(more.map(({ policy }) => policy));
      const expected = key(a.plus(b), facts);
      assert.equal(key(b.plus(a), facts), expected);
      assert.equal(key(a.plus(b).plus(a), facts), expected);
      assert.equal(key(NO_CACHE.plus(a).plus(b).plus(NO_CACHE), facts), expected);
      const shuffled = [...some, ...more]
        .map(({ policy }) => ({ policy, at: draws.next().value }))
        .sort((x, y) => x.at - y.at);
      assert.equal(
        key(
          shuffled.map(({ policy }) => policy).reduceRight((right, left) => left.plus(right)),
          facts,
        ),
        expected,
      );
    }),
    { numRuns: 300 },
  );
});

test('minus takes inputs from the INPUTS of its operand, and from nothing else', () => {
  const [one, other] = [factsOf(), factsOf({ inputs: { a: 'x', b: '2', c: '3' } })];
  const byA = own['a'] as CachePolicy;
  for (const policy of [
    INPUTS.minus('a').plus(byA),
    byA.plus(INPUTS.minus('a')),
    byA.plus(INPUTS).minus('a'),
    INPUTS.minus('a').plus(INPUTS),
    byA.minus('a'),
    INPUTS.minus('a').plus(RUN).plus(INPUTS.minus('b')),
  ]) {
    assert.notEqual(key(policy, one), key(policy, other));
  }
  assert.equal(key(INPUTS.plus(SOURCE).minus('a'), one), key(INPUTS.plus(SOURCE).minus('a'), other));
  assert.equal(key(INPUTS.minus('a').minus('b'), one), key(INPUTS.minus('b', 'a'), one));
});

test('functions that look the same are told apart, and a value never moves from one to the other', () => {
  const by = (name: string): CachePolicy => cacheKey(({ values }) => String(values[name]));
  const policy = by('a').plus(by('b'));
  assert.notEqual(
    key(policy, factsOf({ inputs: { a: 'x', b: 'y' } })),
    key(policy, factsOf({ inputs: { a: 'y', b: 'x' } })),
  );
  const three = policy.plus(by('c'));
  assert.notEqual(
    key(three, factsOf({ inputs: { a: 'x', b: 'x', c: 'y' } })),
    key(three, factsOf({ inputs: { a: 'x', b: 'y', c: 'y' } })),
  );
  const named = new CachePolicy([() => ({ 'the flow run': 'mine' }), () => ({ 'the flow run': 'other' })]).plus(RUN);
  assert.notEqual(key(named, factsOf({ runId: 'x' })), key(named, factsOf({ runId: 'y' })));
});

test('one part that says no is a no; so is one without a key', () => {
  const never = cacheKey(() => null);
  for (const policy of [never, never.plus(INPUTS), INPUTS.plus(never), NO_CACHE, NO_CACHE.plus(never)])
    assert.equal(policy.parts(factsOf()), null);
  assert.ok('unusable' in (FLOW_PARAMETERS.plus(RUN).parts(factsOf({ parameters: null })) ?? {}));
  const opaque = factsOf({ opaque: { a: ['a.socket'] } });
  assert.match(String((INPUTS.parts(opaque) as { unusable: string }).unusable), /"a".*a\.socket/);
  assert.notEqual(key(INPUTS.minus('a'), opaque), null);
});

test('a key that is no text is an error', () => {
  for (const value of [undefined, 5, {}, Promise.resolve('x'), Symbol('x'), []]) {
    assert.throws(() => cacheKey(() => value as never).parts(factsOf()), /must be a text/);
  }
  assert.throws(() => cacheKey('x' as never), { code: 'bad-input' });
  assert.throws(() => INPUTS.plus((() => 'x') as never), { code: 'bad-input' });
});

test('keys of plain policies are as they were', () => {
  assert.deepEqual(
    { ...(DEFAULT.parts(factsOf()) as object) },
    { 'input "a"': '1', 'input "b"': '2', 'input "c"': '3', "the task's source": 's', 'the flow run': 'r' },
  );
  assert.deepEqual(
    {
      ...(INPUTS.minus('b')
        .plus(cacheKey(() => 'k'))
        .plus(FLOW_PARAMETERS)
        .parts(factsOf()) as object),
    },
    { 'input "a"': '1', 'input "c"': '3', 'the custom key': 'k', 'the flow parameters': 'p' },
  );
});
