import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openConnection } from './connection.ts';
import { CommitGroup } from './grouped.ts';

function makeGroup(): { readonly group: CommitGroup; readonly insert: (value: number) => void; readonly values: () => number[]; readonly failures: number[] } {
  const connection = openConnection(':memory:');
  connection.db.exec('CREATE TABLE t (value INTEGER PRIMARY KEY) STRICT');
  const failures: number[] = [];
  return {
    group: new CommitGroup(connection, () => failures.push(1)),
    insert: (value) => connection.write(() => void connection.statement('INSERT INTO t VALUES (?)').run(value)),
    values: () => connection.db.prepare('SELECT value FROM t ORDER BY value').all().map((row) => Number(row['value'])),
    failures,
  };
}

test('writes of one turn are committed together, in the order of arrival', async () => {
  const { group, insert, values } = makeGroup();
  const seen: number[] = [];
  const writes = [3, 1, 2].map((value) => group.run(() => { seen.push(value); insert(value); return value * 10; }));
  assert.deepEqual(values(), [], 'nothing is written before the turn is over');
  assert.deepEqual(await Promise.all(writes), [30, 10, 20]);
  assert.deepEqual(seen, [3, 1, 2]);
  assert.deepEqual(values(), [1, 2, 3]);
});

test('a write that throws takes back its own rows only', async () => {
  const { group, insert, values, failures } = makeGroup();
  const first = group.run(() => insert(1));
  const second = group.run(() => insert(1));
  const third = group.run(() => insert(3));
  const outcomes = await Promise.allSettled([first, second, third]);
  assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
  assert.deepEqual(values(), [1, 3]);
  assert.deepEqual(failures, []);
});

test('more writes than a group holds are all done', async () => {
  const { group, insert, values } = makeGroup();
  await Promise.all(Array.from({ length: 500 }, (_, value) => group.run(() => insert(value))));
  assert.equal(values().length, 500);
});

test('a transaction that fails as a whole is told to every caller, and nothing of it stays', async () => {
  const { group, insert, values, failures } = makeGroup();
  const connectionLost = new Error('the disk is gone');
  const writes = [group.run(() => insert(1)), group.run(() => { throw connectionLost; })];
  const outcomes = await Promise.allSettled(writes);
  assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected']);
  const broken = new CommitGroup({ group: () => { throw connectionLost; } } as unknown as ConstructorParameters<typeof CommitGroup>[0], () => failures.push(1));
  const told = await Promise.allSettled([broken.run(() => 1), broken.run(() => 2)]);
  assert.deepEqual(told.map((outcome) => outcome.status === 'rejected' && outcome.reason), [connectionLost, connectionLost]);
  assert.deepEqual(failures, [1]);
  assert.deepEqual(values(), [1]);
});

test('closing commits what waits', async () => {
  const { group, insert, values } = makeGroup();
  const write = group.run(() => insert(7));
  group.drain();
  assert.deepEqual(values(), [7]);
  await write;
});
