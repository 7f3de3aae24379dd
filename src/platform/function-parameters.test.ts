/** Names of parameters, read off sources of every shape. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { inputNames } from '../engine/input-names.ts';
import { firstParameterKeys, functionParameters } from './function-parameters.ts';

type Fn = (...args: never[]) => unknown;

function namesOf(fn: unknown, count: number): readonly string[] {
  const names = inputNames(() => functionParameters(fn as Fn));
  return Array.from({ length: count }, (_, index) => names.at(index));
}

/** From a text, as a file would have it. */
function made(source: string): unknown {
  // eslint-disable-next-line typescript/no-implied-eval, no-new-func
  return new Function(`return (${source})`)();
}

test('every form of a function', () => {
  const holder = made(
    '{ plain(a, b) {}, async later(a, b) {}, *some(a, b) {}, async *many(a, b = 1) {}, ["a" + "b"](a, b) {}, get get() { return (a, b) => 1 }, async(a, b) {}, "quo ted"(a, b) {}, 7(a, b) {} }',
  ) as Record<string, unknown>;
  const Class = made(
    'class { static join(a, b) {} own(a, b = this) {} static #hidden(a, b = 2) {} static get hidden() { return this.#hidden } }',
  ) as { join: Fn; hidden: Fn; prototype: { own: Fn } };
  const forms = [
    '(a, b) => 1',
    'async (a, b) => 1',
    'async(a,b)=>1',
    'function (a, b) {}',
    'function named(a, b) {}',
    'async function (a, b) {}',
    'function* (a, b) {}',
    'async function* named(a, b) {}',
    'function named /* (x) */ (a, b) {}',
    '(a /* , c */, b // d\n) => 1',
    '(a, b,) => 1',
    '\n(\na\n,\nb\n)=>1',
  ].map(made);
  for (const fn of [
    ...forms,
    ...Object.keys(holder).map((key) => holder[key]),
    Class.join,
    Class.hidden,
    Class.prototype.own,
  ])
    assert.deepEqual(namesOf(fn, 2), ['a', 'b'], String(fn));
  assert.deepEqual(
    [namesOf(made('a => 1'), 1), namesOf(made('async größe => 1'), 1), namesOf(made('$ => 1'), 1)],
    [['a'], ['größe'], ['$']],
  );
});

test('defaults, comments, strings, templates, patterns and regular expressions are no names and end no list', () => {
  const cases: readonly [string, readonly string[]][] = [
    [`(text, mark = ',', quote = '"') => 1`, ['text', 'mark', 'quote']],
    ['(a = ")", b = `,${[1, 2].map((x) => `)${x}`)}`, c = /[,)]/, d = 4 / 2, e) => 1', ['a', 'b', 'c', 'd', 'e']],
    [
      '(a = (b, c) => { return ")" }, d = function (e, f) {}, g = class { h(i, j) {} }, k = { l(m, n) {} }) => 1',
      ['a', 'd', 'g', 'k'],
    ],
    ['({ a, b }, [c, d], e) => 1', ['arg0', 'arg1', 'e']],
    ['(arg1, { tail }) => 1', ['arg1', 'arg1_']],
    ['({ a: { b = ")" } = {} } = {}, arg0, arg0_) => 1', ['arg0__', 'arg0', 'arg0_']],
    ['function (a, { b } = { b: "{" }, /* c */ ...rest) {}', ['a', 'arg1', 'rest', 'rest', 'rest']],
    ['(...[first, second]) => 1', ['arg0', 'arg0']],
    ['(...rest) => 1', ['rest', 'rest']],
    ['() => 1', ['arg0', 'arg1']],
    ['function () { return arguments.length }', ['arg0', 'arg1']],
    ['function (a, a) {}', ['arg0', 'a', 'arg2']],
    [String.raw`(\u0061b, c) => 1`, ['ab', 'c']],
    ['async (await_, yield_ = async () => await 1) => 1', ['await_', 'yield_']],
  ];
  for (const [source, names] of cases) assert.deepEqual(namesOf(made(source), names.length), names, source);
});

test('native and bound functions have places for names', () => {
  assert.deepEqual(
    [namesOf(Math.max, 2), namesOf(((a: number) => a).bind(null), 2), namesOf(new Proxy((a: number) => a, {}), 1)],
    [['arg0', 'arg1'], ['arg0', 'arg1'], ['arg0']],
  );
});

const name = fc.constantFrom('a', 'b', 'rows', 'arg1', 'arg0', '$x', '_', 'größe', 'of', 'async', 'get');
const inner = fc.constantFrom(
  '1',
  '")"',
  "'('",
  '`${`,`})`',
  '/[(,]/u',
  '(x, y) => [x, y]',
  '{ ")": [1, 2] }',
  'function (p, q) { /* ) */ }',
  'a => a',
  '4 / 2 / 1',
  'class { m(r, s) {} }',
  'new Map([[1, 2]])',
);
const space = fc.constantFrom('', ' ', '\n', ' /* , b) => */ ', ' // ) =>\n');
const pattern = fc.constantFrom('{}', '{ k#, l: [m#] }', '[n#, , o# = ")"]', '{ ["p" + 1]: q# = { r: "," } }');

test('a list of any parameters: one unique name each, those that have one keep it', () => {
  const parameter = fc.record({
    name: fc.option(name, { nil: null }),
    pattern,
    value: fc.option(inner, { nil: null }),
    before: space,
    after: space,
  });
  fc.assert(
    fc.property(
      fc.array(parameter, { maxLength: 6 }),
      fc.option(name, { nil: null }),
      fc.constantFrom('arrow', 'function', 'method'),
      space,
      (parameters, rest, form, gap) => {
        const taken = new Set<string>();
        const unique = parameters.map((one) => ({
          ...one,
          name: one.name !== null && !taken.has(one.name) && taken.add(one.name) ? one.name : null,
        }));
        const restName = rest !== null && !taken.has(rest) ? rest : null;
        const list = unique.map(
          (one, index) =>
            `${one.before}${one.name ?? one.pattern.replaceAll('#', String(index))}${one.after}${one.value === null ? '' : `=${one.after}${one.value}`}`,
        );
        if (restName !== null) list.push(`...${restName}`);
        const text = list.join(',');
        const fn =
          form === 'arrow'
            ? made(`async${gap.includes('\n') ? '' : gap}(${text})${gap.includes('\n') ? '' : gap}=> { return "}" }`)
            : form === 'function'
              ? made(`function${gap} f${gap}(${text})${gap}{ return ")" }`)
              : (made(`{ m${gap}(${text})${gap}{ return ")" } }`) as { m: unknown }).m;
        const names = namesOf(fn, list.length);
        assert.equal(new Set(names).size, list.length);
        unique.forEach((one, index) => {
          if (one.name !== null) assert.equal(names[index], one.name);
        });
        if (restName !== null) assert.equal(names.at(-1), restName);
      },
    ),
    { numRuns: 400 },
  );
});

test('the arguments by their names: a rest is one of them', () => {
  const of = (source: string, ...args: unknown[]): unknown =>
    inputNames(() => functionParameters(made(source) as Fn)).of(args);
  assert.deepEqual(of('(a, ...rest) => 1', 1, 2, 3), { a: 1, rest: [2, 3] });
  assert.deepEqual(of('(a, ...rest) => 1', 1), { a: 1 });
  assert.deepEqual(of('(a, b = 2) => 1', 1), { a: 1 });
  assert.deepEqual(of('() => 1', 5), { arg0: 5 });
});

test('the names that are taken out of the first parameter', () => {
  const keys = (fn: (...args: never[]) => unknown) => firstParameterKeys(fn);
  assert.deepEqual(
    keys(({ year, month = 1 }: { year: number; month?: number }) => year + month),
    ['year', 'month'],
  );
  assert.deepEqual(
    keys(
      async (
        { year: y, 'a-b': c, nested: { x } }: { year: number; 'a-b': number; nested: { x: number } } = {
          year: 1,
          'a-b': 2,
          nested: { x: 3 },
        },
      ) => y + c + x,
    ),
    ['year', 'a-b', 'nested'],
  );
  assert.deepEqual(
    keys(async function* ({ /* a, */ b = '}, c' }: { b?: string }) {
      yield b;
    }),
    ['b'],
  );
  assert.deepEqual(
    keys(() => 1),
    [],
  );
  const key = 'k';
  for (const any of [
    (given: object) => given,
    ({ a, ...rest }: Record<string, unknown>) => [a, rest],
    ({ [key]: a }: Record<string, unknown>) => a,
    (...all: unknown[]) => all,
    ([a]: unknown[]) => a,
    Math.max,
    keys.bind(null),
  ])
    assert.equal(keys(any as never), null, String(any));
});
