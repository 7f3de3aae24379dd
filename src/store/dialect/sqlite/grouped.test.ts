import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openConnection } from './connection.ts';
import { CommitGroup } from './grouped.ts';

function makeGroup(): {
  readonly group: CommitGroup;
  readonly insert: (value: number) => void;
  readonly values: () => number[];
  readonly failures: number[];
} {
  const connection = openConnection(':memory:');
  connection.db.exec('CREATE TABLE t (value INTEGER PRIMARY KEY) STRICT');
  const failures: number[] = [];
  return {
    group: new CommitGroup(connection, () => failures.push(1)),
    insert: (value) => connection.write(() => void connection.statement('INSERT INTO t VALUES (?)').run(value)),
    values: () =>
      connection.db
        .prepare('SELECT value FROM t ORDER BY value')
        .all()
        .map((row) => Number(row['value'])),
    failures,
  };
}

test('writes of one turn are committed together, in the order of arrival', async () => {
  const { group, insert, values } = makeGroup();
  const seen: number[] = [];
  const writes = [3, 1, 2].map((value) =>
    group.run(() => {
      seen.push(value);
      insert(value);
      return value * 10;
    }),
  );
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
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
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
  const writes = [
    group.run(() => insert(1)),
    group.run(() => {
      throw connectionLost;
    }),
  ];
  const outcomes = await Promise.allSettled(writes);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  const broken = new CommitGroup(
    {
      group: () => {
        throw connectionLost;
      },
    } as unknown as ConstructorParameters<typeof CommitGroup>[0],
    () => failures.push(1),
  );
  const told = await Promise.allSettled([broken.run(() => 1), broken.run(() => 2)]);
  assert.deepEqual(
    told.map((outcome) => outcome.status === 'rejected' && outcome.reason),
    [connectionLost, connectionLost],
  );
  assert.deepEqual(failures, [1]);
  assert.deepEqual(values(), [1]);
});

test('closing commits what waits', async () => {
  const { group, insert, values } = makeGroup();
  const write = group.run(() => insert(7));
  let seen: number[] = [];
  group.close(() => (seen = values()));
  assert.deepEqual(seen, [7]);
  await write;
});

/** A group over a disk whose flushes end when they are told to. */
function makeSlowGroup() {
  const commits: number[] = [];
  const flushes: PromiseWithResolvers<void>[] = [];
  const connection = {
    group: (works: readonly (() => void)[]) => (works.forEach((work) => work()), void commits.push(works.length)),
    flush: () => (flushes.push(Promise.withResolvers<void>()), (flushes.at(-1) as PromiseWithResolvers<void>).promise),
  };
  const answers: unknown[] = [];
  const group = new CommitGroup(connection, () => assert.fail('no transaction failed'));
  const write = (value: number): void =>
    void group
      .run(() => value)
      .then(
        (answer) => answers.push(answer),
        (error: unknown) => answers.push(error),
      );
  return { group, commits, flushes, answers, write, turn: () => new Promise(setImmediate) };
}

test('a write is answered when it is flushed; what comes meanwhile is one group', async () => {
  const { commits, flushes, answers, write, turn } = makeSlowGroup();
  write(1);
  await turn();
  for (const value of [2, 3]) {
    write(value);
    await turn();
  }
  assert.deepEqual([commits, flushes.length, answers], [[1], 1, []]);
  flushes[0]?.resolve();
  await turn();
  await turn();
  assert.deepEqual([commits, flushes.length, answers], [[1, 2], 2, [1]]);
  flushes[1]?.resolve();
  await turn();
  assert.deepEqual([commits, flushes.length, answers], [[1, 2], 2, [1, 2, 3]]);
});

test('a full group does not wait for the flush of the one before, and is not answered by it', async () => {
  const { commits, flushes, answers, write, turn } = makeSlowGroup();
  write(0);
  await turn();
  for (let value = 1; value <= 200; value += 1) write(value);
  await turn();
  assert.deepEqual([commits, flushes.length], [[1, 128], 1]);
  flushes[0]?.resolve();
  await turn();
  assert.deepEqual([answers, flushes.length], [[0], 2]);
  flushes[1]?.resolve();
  await turn();
  await turn();
  assert.deepEqual([commits, answers.length, flushes.length], [[1, 128, 72], 129, 3]);
  flushes[2]?.resolve();
  await turn();
  assert.equal(answers.length, 201);
});

test('a flush that fails is told to those who waited for it, and to nobody else', async () => {
  const { flushes, answers, write, turn } = makeSlowGroup();
  const diskGone = new Error('the disk is gone');
  write(1);
  await turn();
  flushes[0]?.reject(diskGone);
  await turn();
  write(2);
  await turn();
  flushes[1]?.resolve();
  await turn();
  assert.deepEqual(answers, [diskGone, 2]);
});

test('closing answers those who wait for a flush, whatever becomes of it', async () => {
  const { group, flushes, answers, write, turn } = makeSlowGroup();
  write(1);
  await turn();
  write(2);
  group.close(() => undefined);
  await turn();
  assert.deepEqual(answers, [1, 2]);
  flushes[0]?.reject(new Error('closed'));
  await turn();
  assert.deepEqual(answers, [1, 2]);
});
