/** One server a home, whoever starts how many, and whatever the last one left behind. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { takeServerLock } from '../../src/platform/server-lock.ts';
import { startOstinato, until, type Background } from './background.ts';
import { makePlace } from './launch.ts';

const isServing = ({ text }: Background): boolean => text().stderr.includes('Ctrl-C stops it');

async function endOf(servers: readonly Background[]): Promise<void> {
  for (const { child } of servers) child.kill('SIGKILL');
  await Promise.all(servers.map(({ ended }) => ended));
}

test('of four that start at once one serves; the others say where it is, and stop ends it', async () => {
  const place = makePlace();
  // Another port and another database are no other home.
  const servers = [[], ['--host', '127.0.0.1'], ['--database', `sqlite:${join(place.home, 'other.db')}`], []].map(
    (more) => startOstinato(place, ['server', 'start', '--port', '0', ...more]),
  );
  try {
    await until(
      'three have ended and one serves',
      () => servers.filter(({ child }) => child.exitCode !== null).length === 3 && servers.some(isServing),
    );
    const [winner] = servers.filter(({ child }) => child.exitCode === null);
    assert.ok(winner !== undefined);
    const url = /serves at (http:\S+)/.exec(winner.text().stderr)?.[1] ?? 'nowhere';
    for (const loser of servers.filter((server) => server !== winner)) {
      const { exitCode, stderr } = await loser.ended;
      assert.equal(exitCode, 4, stderr);
      assert.match(stderr, new RegExp(`runs already at ${url} \\(process ${winner.child.pid} `));
      assert.match(stderr, /server stop/);
    }
    const status = JSON.parse((await place.ostinato(['server', 'status', '-o', 'json'])).stdout) as {
      readonly url: string;
      readonly pid: number;
    };
    assert.deepEqual([status.url, status.pid], [url, winner.child.pid]);
    assert.equal((await place.ostinato(['server', 'stop'])).exitCode, 0);
    assert.equal((await winner.ended).exitCode, 0);
    assert.equal((await place.ostinato(['server', 'status'])).exitCode, 1);
  } finally {
    await endOf(servers);
  }
});

test('one that ends before it serves leaves the home to the one that waits for it', async () => {
  const place = makePlace();
  const lock = takeServerLock(place.home);
  assert.ok(lock !== null);
  const server = startOstinato(place, ['server', 'start', '--port', '0']);
  try {
    await until('it waits', () => server.text().stderr.includes('just starting'));
    lock.release();
    await until('it serves', () => isServing(server));
  } finally {
    await endOf([server]);
  }
});

test('what a killed server left is no obstacle, and is not stopped in place of another', async () => {
  const place = makePlace();
  const first = startOstinato(place, ['server', 'start', '--port', '0']);
  await until('it serves', () => isServing(first));
  await endOf([first]);
  assert.equal((await place.ostinato(['server', 'stop'])).exitCode, 3);
  // As if the id of the dead process had gone to another one, for instance to this.
  const note = join(place.home, 'server.json');
  writeFileSync(note, JSON.stringify({ ...(JSON.parse(readFileSync(note, 'utf8')) as object), pid: process.pid }));
  assert.equal((await place.ostinato(['server', 'stop'])).exitCode, 3);
  const second = startOstinato(place, ['server', 'start', '--port', '0']);
  try {
    await until('it serves', () => isServing(second));
  } finally {
    await endOf([second]);
  }
});

test('rubbish in the places of note and lock is no obstacle', async () => {
  const place = makePlace();
  mkdirSync(place.home, { recursive: true });
  writeFileSync(join(place.home, 'server.json'), '{"pid": "x"');
  writeFileSync(join(place.home, 'server.lock'), 'rubbish '.repeat(1000));
  const server = startOstinato(place, ['server', 'start', '--port', '0']);
  try {
    await until('it serves', () => isServing(server));
  } finally {
    await endOf([server]);
  }
});

test('a server in another container that shares the home is found by its lock, refused a second, and not killed by its id', async () => {
  const place = makePlace();
  mkdirSync(place.home, { recursive: true });
  const lock = new DatabaseSync(join(place.home, 'server.lock'));
  lock.exec('BEGIN EXCLUSIVE');
  const note = {
    pid: process.pid,
    host: 'another-container',
    startMark: null,
    url: 'http://127.0.0.1:1',
    database: 'sqlite:x',
    startedAt: 1,
  };
  writeFileSync(join(place.home, 'server.json'), JSON.stringify(note));
  try {
    const second = await place.ostinato(['server', 'start', '--port', '0']);
    assert.equal(second.exitCode, 4, second.stderr);
    assert.match(second.stderr, /another-container/);
    const stop = await place.ostinato(['server', 'stop']);
    assert.notEqual(stop.exitCode, 0);
    assert.match(stop.stderr, /another container or on another machine/);
    assert.match((await place.ostinato(['server', 'status'])).stdout, /not answering/);
  } finally {
    lock.close();
  }
  assert.equal(
    (await place.ostinato(['server', 'stop'])).exitCode,
    3,
    'without the lock the note is of one that is gone',
  );
  rmSync(join(place.home, 'server.json'));
});
