/**
 * The features that the tests of this folder try, by the ids that stand at the beginning of their names.
 *
 * The ids follow Prefect 3's inventory of features, so that people who come from there find theirs. A row without a
 * test, and a test without a row, are failures.
 */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROWS: Readonly<Record<string, string>> = {
  FL1: 'flow(fn, options)',
  FL2: 'a plain call is a run, without a server',
  FL3: 'sync, async, methods, generators',
  FL4: 'run names',
  FL5: 'versions',
  FL6: 'copies with other options',
  FL7: 'the state instead of an exception',
  FL8: 'final states',
  FL9: 'custom states',
  FL12: 'JSON Schema of parameters',
  TK1: 'task(fn, options)',
  TK2: 'direct calls',
  TK3: 'futures',
  TK4: 'map',
  TK7: 'nesting anywhere',
  TK8: 'dependencies',
  TK9: 'marks on arguments',
  TK10: 'names and tags',
  TK11: 'rules decided in the process',
  TK12: 'maps over futures',
  TK13: 'generators',
  TK14: 'async tasks',
  FT1: 'what a future can be asked',
  FT2: 'many futures',
  FT3: 'threads',
  FT4: 'processes',
  FT8: 'a runner a flow',
  ST1: 'state types',
  ST2: 'state names',
  ST3: 'state history',
  RC1: 'results persist',
  RC2: 'result store',
  RC3: 'serialisation',
  RC4: 'keys of stored results',
  RC5: 'values not kept',
  RC6: 'cache policies',
  RC7: 'own keys',
  RC8: 'expiry and refresh',
  RC9: 'keys apart from results',
  RC10: 'single flight',
  RC11: 'transactions',
  RC12: 'commit and rollback hooks',
  RC13: 'idempotency keys',
  RT1: 'task retries',
  RT2: 'conditional retries',
  RT3: 'flow retries',
  RT4: 'retry and resume',
  RT5: 'timeouts',
  RT6: 'hooks',
  PA1: 'typed parameters',
  CX1: 'run context',
  CX2: 'facts of the run',
  CX3: 'loggers',
  CX6: 'labels and tags',
  AS1: 'async',
  AS2: 'subflows',
  AS5: 'cancellation of children',
  AR1: 'artifacts',
  AR3: 'variables',
};

const ID = /\b(?:FL|TK|FT|ST|RC|RT|PA|CX|AS|AR)\d+\b/g;
const texts = globSync('*.test.ts', { cwd: import.meta.dirname }).map((name) =>
  readFileSync(join(import.meta.dirname, name), 'utf8'),
);
const names = texts.flatMap((text) =>
  [...text.matchAll(/^ *test\((['"`])((?:[A-Z]{2}\d+ )+)/gm)].flatMap((match) => (match[2] ?? '').match(ID) ?? []),
);

test('every feature has a test that names it', () => {
  assert.deepEqual(
    Object.keys(ROWS).filter((id) => !names.includes(id)),
    [],
  );
});

test("every id in a test's name is a feature", () => {
  assert.deepEqual(
    [...new Set(names)].filter((id) => !(id in ROWS)),
    [],
  );
  assert.ok(names.length > 200, `only ${names.length} names were read`);
});
