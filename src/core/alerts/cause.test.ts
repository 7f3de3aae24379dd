import assert from 'node:assert/strict';
import { test } from 'node:test';

import { causeKey, failureCause, normalised } from './cause.ts';

const FLOW = { id: 'f1', name: 'sales' };
const TASK = { key: 'load-1a', name: 'load' };
const isOne = (a: ReturnType<typeof failureCause>, b: ReturnType<typeof failureCause>): boolean =>
  a.keys.some((key) => b.keys.includes(key));
const of = (message: string, more: Partial<Parameters<typeof failureCause>[0]> = {}) =>
  failureCause({ message, task: null, flow: FLOW, ...more });

test('what is different each time is taken out of a message', () => {
  for (const [one, other, kept] of [
    ['ValueError: no row 17', 'ValueError: no row 9,004.5', 'ValueError: no row <n>'],
    ['row 9007199254740993 of 3', 'row 1 of 30', 'row <n> of <n>'],
    ['KeyError: 0197f4b2-6e1c-7000-8000-0123456789ab', 'KeyError: 0197F4B26E1C700080000123456789AB', 'KeyError: <id>'],
    ['at 2026-11-30T20:33:09.123456+00:00', 'at 2026-12-01', 'at <time>'],
    ['at 20:33:09', 'at 7:05', 'at <time>'],
    ["no '/data/in/a.csv'", "no 'C:\\data\\b.csv'", "no '<path>'"],
    ['object at 0x7f3a1c', 'object at 0xFF', 'object at <hex>'],
    ['commit deadbeef01 is gone', 'commit 1234567a is gone', 'commit <hex> is gone'],
    ['GET https://u:p@api.example/v1?x=1 said no', 'GET https://api.example/v2/9 said no', 'GET <api.example> said no'],
    ['a\u0000b\n\tc', 'a b c', 'a b c'],
  ] as const) {
    assert.equal(normalised(one), kept);
    assert.equal(normalised(other), kept);
  }
  assert.equal(normalised('decade facade'), 'decade facade', 'words of hexadecimal letters are words');
  assert.equal(normalised(`x${'ü'.repeat(5000)}`).length, 300);
});

test('a failure of a flow run is that of its task, also when the task was not reported yet', () => {
  const ofTask = of('Task run encountered an exception ValueError: no row 17', { task: TASK });
  const late = of('Flow run encountered an exception: ValueError: no row 18');
  assert.ok(isOne(ofTask, late));
  assert.equal(ofTask.words, 'ValueError: no row <n> (task load)');
  assert.equal(late.words, 'ValueError: no row <n> (flow sales)');
});

test('another class, message, or component is another cause', () => {
  const one = of('ValueError: no row 17');
  for (const other of [
    of('TypeError: no row 17'),
    of('ValueError: no column 17'),
    of('ValueError: no row 17', { flow: { id: 'f2', name: 'sales' } }),
    of(''),
  ])
    assert.ok(!isOne(one, other), other.words);
  // The same task of two flows is the same component; so is the same API of two tasks.
  assert.ok(isOne(of('E: x', { task: TASK }), of('E: x', { task: TASK, flow: { id: 'f2', name: 'b' } })));
  const refused = 'ConnectError: https://api.example/v1/a refused';
  assert.ok(isOne(of(refused, { task: TASK }), of(refused, { task: null, flow: { id: 'f2', name: 'b' } })));
  assert.equal(failureCause({ message: '', task: null, flow: null }).words, 'It failed without a message');
});

test('keys are bounded, and long ones with the same beginning are told apart', () => {
  const [one, other] = [causeKey('own', `${'x'.repeat(900)}a`), causeKey('own', `${'x'.repeat(900)}b`)];
  assert.ok(one.length < 520);
  assert.notEqual(one, other);
  assert.notEqual(causeKey('a', 'b'), causeKey('a', '', 'b'));
});
