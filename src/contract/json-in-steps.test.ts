import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { isJson } from './json-bounds.ts';
import { JsonInSteps } from './json-in-steps.ts';
import { parseExact } from './wire-json.ts';

function inSteps(text: string, isExact: boolean, tokens: number): unknown {
  const parser = new JsonInSteps(text, isExact);
  for (let isDone = false; !isDone;) isDone = parser.read(tokens);
  return parser.value;
}

/** What a parser makes of a text, as far as one can see it; `null`: it is no JSON. */
function seen(parse: () => unknown): string | null {
  try {
    const value = parse();
    return JSON.stringify([
      value,
      typeof value === 'object' && value !== null ? Object.getOwnPropertyNames(value) : null,
    ]);
  } catch (error) {
    assert.ok(error instanceof SyntaxError, String(error));
    return null;
  }
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
  fc.stringMatching(/^-?(?:0|[1-9]\d{0,25})(?:\.\d{1,25})?(?:[eE][+-]?\d{1,4})?$/),
);
/** Numbers, spaces and keys as people and other languages write them. */
const text = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    number,
    fc.string({ unit: 'binary' }).map((word) => JSON.stringify(word)),
    fc.constantFrom('true', 'false', 'null', '"\\u0041\\n\\/"', '" "'),
    fc.array(tie('value')).map((items) => `[${items.join(' ,\n')}]`),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a', '1', 'constructor')), tie('value')))
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}\t: ${value}`).join(', ')}}`),
  ),
})).value;

test('it reads what JSON.parse reads, whatever the pieces', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (json, tokens) => {
      assert.equal(
        seen(() => inSteps(json, false, tokens)),
        seen(() => JSON.parse(json)),
      );
      assert.equal(
        seen(() => inSteps(json, true, tokens)),
        seen(() => parseExact(json)),
      );
      assert.equal(isJson(json), true, json);
    }),
    { numRuns: 2000 },
  );
});

test('what JSON.parse refuses, it refuses', () => {
  const spoiled = fc
    .tuple(
      text,
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '[', ' ', '\\', '0', '-', '.', 'e', 'x', '\u0001', '\u00a0', ':'),
      fc.nat(3),
    )
    .map(
      ([json, where, put, left]) =>
        json.slice(0, where % (json.length + 1)) + put + json.slice((where % (json.length + 1)) + left),
    );
  fc.assert(
    fc.property(spoiled, (json) => {
      const parsed = seen(() => JSON.parse(json));
      assert.equal(
        seen(() => inSteps(json, false, 3)),
        parsed,
      );
      assert.equal(isJson(json), parsed !== null, json);
    }),
    { numRuns: 5000 },
  );
});

test('it can be left off within any list', () => {
  const parser = new JsonInSteps(`[${'1,'.repeat(1000)}1]`, false);
  let pieces = 0;
  while (!parser.read(100)) pieces += 1;
  assert.ok(pieces >= 20, `${pieces} pieces`);
  assert.equal((parser.value as unknown[]).length, 1001);
});
