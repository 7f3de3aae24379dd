/**
 * The database of a server that makes runs by schedules is taken away, and an older one is put in its place: the server
 * goes on, no slot comes twice, and those that only the lost database knew are told again.
 */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makePlace } from './launch.ts';

const SECONDS = 2;

interface Slot {
  readonly due: string;
  readonly through: string | null;
  readonly flow_run_id: string | null;
}

const place = makePlace();
const path = join(place.home, 'ostinato.db');
let server: Background | undefined;
let api = '';
after(() => server?.child.kill('SIGKILL'));

async function call(method: string, to: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(api + to, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}

/** Those that are due, the first one first. */
async function slots(deployment: string): Promise<readonly Slot[]> {
  const ask = { before: new Date().toISOString(), limit: 200 };
  const { body } = await call('POST', `/deployments/${deployment}/slots/filter`, ask);
  return (body as { slots: readonly Slot[] }).slots.toReversed();
}

const lastDue = async (deployment: string): Promise<number> => Date.parse((await slots(deployment)).at(-1)?.due ?? '');

test('a backup in the place of a lost database: schedules go on, each slot once', { timeout: 300_000 }, async () => {
  server = startOstinato(place, ['server', 'start', '--port', '0']);
  api = `${await until('it serves', () => /serves at (http:\S+)/.exec(server?.text().stderr ?? '')?.[1])}/api`;
  const flow = (await call('POST', '/flows/', { name: 'tick' })).body as { id: string };
  const schedule = { interval: SECONDS, anchor_date: '2026-01-01T00:00:00Z' };
  const made = await call('POST', '/deployments/', {
    name: 'tick',
    flow_id: flow.id,
    schedules: [{ schedule, catch_up: 'all', overlap: 'allow' }],
  });
  const { id } = made.body as { id: string };
  await until('slots come', async () => (await slots(id)).length >= 2);

  const copy = join(place.project, 'backup.db');
  const db = new DatabaseSync(path);
  await backup(db, copy);
  db.close();
  const kept = await lastDue(id);
  await until('slots come that the backup has not', async () => (await lastDue(id)) > kept);
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  await until('nothing is acknowledged', async () => {
    const { status } = await call('POST', '/variables/', { name: 'lost', value: 1 });
    return status === 503;
  });
  // Meanwhile the scheduler has had its turn, too, and has nothing to write into.
  const removed = Date.now();
  await until('a slot passes without a database', () => Date.now() > removed + 2 * SECONDS * 1000);
  copyFileSync(copy, path);
  const restored = Date.now();
  await until('it is ready again', async () => (await call('GET', '/ready')).status === 200);
  await until('slots come again', async () => (await lastDue(id)) > restored + SECONDS * 1000);

  const all = await slots(id);
  const due = all.map((slot) => Date.parse(slot.due));
  assert.ok((due[0] ?? Infinity) <= kept, 'those of the backup are there');
  for (const [index, time] of due.entries())
    if (index > 0) {
      const before = Date.parse(all[index - 1]?.through ?? all[index - 1]?.due ?? '');
      assert.equal(time - before, SECONDS * 1000, `one before ${all[index]?.due}`);
    }
  const ids = all.flatMap(({ flow_run_id: run }) => run ?? []);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(server.child.exitCode, null);
});
