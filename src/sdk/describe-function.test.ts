import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as lib from '../index.ts';
import { functionName } from './describe-function.ts';

const { task } = lib;

const nameOf = (before: string): string => functionName(() => 1, 'task', before);

test('the name is that of what the call is assigned to, whatever stands further left', () => {
  const names: Readonly<Record<string, string>> = {
    'const load = ': 'load',
    '  export const load = ': 'load',
    'let größe$1=': 'größe$1',
    'const load: Task<[x: string], () => void> = ': 'load',
    "const load: Task<['a: b'], 'c'> = ": 'load',
    'const load: lib.Task = ': 'load',
    'const load: A | B = ': 'load',
    'const make: () => Load = ': 'make',
    'const first = task(() => 1), second = ': 'second',
    'let first: number, second = ': 'second',
    "const text = 'const wrong = task('; const right = ": 'right',
    'const text = `wrong = ${task(() => 1)}`, right = ': 'right',
    '/* wrong = */ const right = ': 'right',
    'load = ': 'load',
    'this.load = ': 'load',
    'all.of.them.load = ': 'load',
    'this.#load = ': 'load',
    '  static load = ': 'load',
    '  private readonly load: Task = ': 'load',
    '  #load = ': 'load',
    'const load = lib.': 'load',
    'const load = a.b.': 'load',
    'export const tasks = { load: ': 'load',
    'export const tasks = { store: task(() => 1), load: ': 'load',
    '  load: ': 'load',
    "  'load it': ": 'load it',
    '  "load": ': 'load',
    '  load: lib.': 'load',
    'const load =\n  ': 'load',
    'export const load: Task<[x: string]> =\n': 'load',
    'const load: typeof other =\n  lib.': 'load',
    'class All { static load = ': 'load',
    'function of(load = ': 'load',
  };
  for (const [before, name] of Object.entries(names)) assert.equal(nameOf(before), name, before);
});

test('where nothing is named so, or it cannot be told, the task has no name', () => {
  const nameless = [
    '',
    'await ',
    'export default ',
    'return ',
    'tasks.push(',
    'const x = wrap(',
    'const x = ok ? y : ',
    'ok ? y : ',
    'if (x == ',
    'if (x === ',
    'x >= ',
    'x += ',
    'const f = (x: number) => ',
    "'wrong = ', ",
    '// const wrong =\n',
    '/* const wrong =\n',
    'const x = 1; // load =\n',
    'default: ',
    'const a = 1, b: X | Wrong = ',
    '`const wrong = ${',
  ];
  for (const before of nameless) assert.equal(nameOf(before), 'unnamed task', before);
});

test("a function's own name comes first", () => {
  assert.equal(
    functionName(function own() {}, 'flow', 'const other = '),
    'own',
  );
  assert.equal(functionName(function own() {}.bind(null), 'flow', 'const other = '), 'own');
});

test('the place of the call tells what is assigned: several on a line, on a line of its own, by way of a module', () => {
  const wrapped = [task(() => 1)];
  const [first, second] = [task(() => 1), task(() => 2)];
  const one = task(() => 1),
    two = lib.task(() => 2);
  const below = task(() => 1);
  const typedBelow: lib.Task<[], number> = lib.task(() => 1);
  const tasks = { load: task(() => 1), 'store it': lib.task(() => 2) };
  assert.deepEqual(
    [one, two, below, typedBelow, tasks.load, tasks['store it']].map(({ taskName }) => taskName),
    ['one', 'two', 'below', 'typedBelow', 'load', 'store it'],
  );
  assert.deepEqual(
    [...wrapped, first, second].map((each) => each?.taskName),
    ['unnamed task', 'unnamed task', 'unnamed task'],
  );
});
