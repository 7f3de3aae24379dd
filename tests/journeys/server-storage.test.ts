/**
 * A server whose database is taken away, put back, or locked by others: it answers, acknowledges nothing that is lost,
 * and goes on.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makePlace } from './launch.ts';

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

async function ask(url: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(
    `${url}/api${path}`,
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  const text = await response.text();
  const json: unknown = text === '' ? null : JSON.parse(text);
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : { value: json },
  };
}

async function urlOf(server: Background): Promise<string> {
  return await until('it serves', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1]);
}

const variable = (name: string) => ({ name, value: 1 });

test('a database that is removed: refused, said, not ready; with a backup in its place it goes on', async () => {
  const place = makePlace();
  const path = join(place.home, 'ostinato.db');
  const server = startOstinato(place, ['server', 'start', '--port', '0']);
  try {
    const url = await urlOf(server);
    assert.equal((await ask(url, '/variables/', variable('kept'))).status, 201);
    assert.equal((await ask(url, '/ready')).status, 200);
    const copy = join(place.project, 'backup.db');
    const db = new DatabaseSync(path);
    await backup(db, copy);
    db.close();
    assert.equal((await ask(url, '/variables/', variable('after-the-backup'))).status, 201);

    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    for (let number = 0; number < 20; number += 1) {
      const refused = await ask(url, '/variables/', variable(`lost-${number}`));
      assert.deepEqual([refused.status, refused.body['code']], [503, 'store-unavailable']);
      assert.ok(Number(refused.retryAfter) > 0);
      assert.match(String(refused.body['detail']), /removed or moved/);
    }
    const ready = await until('it says that it is not ready', async () => {
      const answer = await ask(url, '/ready');
      return answer.status === 503 ? answer : null;
    });
    assert.match(String(ready.body['message']), /Not ready: .*removed or moved/);
    assert.ok(!String(ready.body['message']).includes(place.home), 'where it lies is not for everybody');
    assert.deepEqual((await ask(url, '/health')).body, { value: true });
    assert.equal(existsSync(path), false, 'no new one was made');
    assert.match(server.text().stderr, /removed or moved while it was in use/);

    copyFileSync(copy, path);
    await until('it is ready', async () => (await ask(url, '/ready')).status === 200);
    assert.equal((await ask(url, '/variables/name/kept')).status, 200);
    assert.equal((await ask(url, '/variables/name/after-the-backup')).status, 404);
    assert.equal((await ask(url, '/variables/', variable('again'))).status, 201);
    assert.match(server.text().stderr, /Another database is at/);
    assert.doesNotMatch(server.text().stderr, /\n\s+at /, 'no stack');
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
  const db = new DatabaseSync(path, { readOnly: true });
  assert.deepEqual(
    db
      .prepare('SELECT name FROM variable ORDER BY name')
      .all()
      .map((row) => row['name']),
    ['again', 'kept'],
  );
  db.close();
});

test('a lock that another process holds: health and lists answer, writes wait and end, nothing is lost', async () => {
  const place = makePlace();
  const server = startOstinato(place, ['server', 'start', '--port', '0']);
  try {
    const url = await urlOf(server);
    assert.equal((await ask(url, '/variables/', variable('first'))).status, 201);
    const other = new DatabaseSync(join(place.home, 'ostinato.db'), { timeout: 5000 });
    other.exec('BEGIN IMMEDIATE');
    let isOver = false;
    const waiting = ask(url, '/variables/', variable('waits')).finally(() => {
      isOver = true;
    });
    for (let round = 0; round < 20; round += 1) {
      assert.deepEqual((await ask(url, '/health')).body, { value: true });
      assert.equal((await ask(url, '/variables/count', {})).body['value'], 1);
      assert.equal((await ask(url, '/flow_runs/filter', {})).status, 200);
    }
    assert.equal(isOver, false, 'all of that was answered while the write waited');
    const ready = await ask(url, '/ready');
    assert.equal(ready.status, 503);
    assert.match(String(ready.body['message']), /locked by another process/);
    const refused = await waiting;
    assert.equal(refused.status, 503);
    assert.match(String(refused.body['detail']), /locked by another process/);
    const second = ask(url, '/variables/', variable('second'));
    other.exec('ROLLBACK');
    other.close();
    assert.equal((await second).status, 201);
    await until('it is ready', async () => (await ask(url, '/ready')).status === 200);
    assert.equal((await ask(url, '/variables/name/waits')).status, 404, 'what was refused is not there');
    assert.match(server.text().stderr, /holds it locked/);
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
});
