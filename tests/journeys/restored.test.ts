/**
 * A database that is restored from an older backup while a run goes on: the run is told to it anew, and is whole in the
 * end.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makePlace, type Place } from './launch.ts';

const PROGRAM = join(import.meta.dirname, 'restored-program.ts');
const RESULT = [1, 2, 3].map((part) => part * 1000 + 45 + part).reduce((a, b) => a + b, 0);

/** A server comes back to where its clients look for it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serve(place: Place, port: number): Promise<Background> {
  const server = startOstinato(place, ['server', 'start', '--port', String(port)]);
  await until(
    'the server serves',
    () => server.text().stderr.includes('Ctrl-C stops it') || server.child.exitCode !== null,
  );
  assert.equal(server.child.exitCode, null, server.text().stderr);
  return server;
}

function run(place: Place, env: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, place.project, ...words], {
    cwd: place.project,
    env: { PATH: process.env['PATH'], HOME: place.home, OSTINATO_HOME: place.home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return {
    ended,
    said: () => said,
    reaches: (part: number) =>
      until(`part ${part} is done`, () => {
        assert.equal(child.exitCode, null, said);
        return said.includes(`part ${part} done`);
      }),
    goOn: (part: number) => writeFileSync(join(place.project, String(part)), ''),
    kill: () => child.kill('SIGKILL'),
  };
}

function countIn(path: string, sql: string): number {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return Number(db.prepare(sql).get()?.['n']);
  } finally {
    db.close();
  }
}

const TASK_RUNS = "SELECT count(*) AS n FROM task_run WHERE state_type = 'COMPLETED'";
/** Ten steps a part, and one in its subflow, with the run that stands for the subflow. */
const recorded = (path: string, parts: number) =>
  until(`${parts} parts are recorded`, () => countIn(path, TASK_RUNS) >= parts * 11);

async function backUp(path: string, to: string): Promise<void> {
  const db = new DatabaseSync(path, { timeout: 5000 });
  await backup(db, to);
  db.close();
}

function assertWhole(path: string): void {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  const states = db
    .prepare(
      'SELECT flow.name AS flow, flow_run_state.name AS name FROM flow_run_state JOIN flow_run ON flow_run.id = flow_run_state.run_id ' +
        'JOIN flow ON flow.id = flow_run.flow_id ORDER BY flow_run_state.timestamp',
    )
    .all();
  const steps = db
    .prepare(
      'SELECT task_shape.body AS body, task_run.state_type AS type FROM task_run JOIN task_shape ON task_shape.id = task_run.shape_id',
    )
    .all();
  db.close();
  assert.deepEqual(
    states.filter(({ flow }) => flow === 'parts').map(({ name }) => name),
    ['Pending', 'Running', 'Completed'],
  );
  const own = steps.filter(({ body }) => String(body).includes('"step"'));
  assert.equal(own.length, 33, 'every step, of the flow and of its children');
  assert.ok(own.every(({ type }) => type === 'COMPLETED'));
}

const swaps: Record<string, (place: Place, copy: string, path: string) => void> = {
  'renamed into its place': (_place, copy, path) => renameSync(copy, path),
  'copied over it': (_place, copy, path) => copyFileSync(copy, path),
};

/** After its second part the database is another; the flow goes on to its end. */
async function swapBetweenParts(flow: ReturnType<typeof run>, path: string, swap: () => void): Promise<void> {
  await flow.reaches(1);
  flow.goOn(1);
  await flow.reaches(2);
  await recorded(path, 2);
  swap();
  flow.goOn(2);
  assert.equal(await flow.ended, 0, flow.said());
  assert.match(flow.said(), new RegExp(`result ${RESULT}`));
}

for (const backedUp of ['before the run began', 'in the middle of the run']) {
  test(`a server that was stopped, restored from a backup of ${backedUp}, and started again`, async () => {
    const place = makePlace();
    const path = join(place.home, 'ostinato.db');
    const copy = join(place.project, 'backup.db');
    const port = await freePort();
    let server = await serve(place, port);
    if (backedUp === 'before the run began') await backUp(path, copy);
    const flow = run(place, { OSTINATO_API_URL: `http://127.0.0.1:${port}/api` });
    try {
      await flow.reaches(1);
      await recorded(path, 1);
      if (backedUp !== 'before the run began') await backUp(path, copy);
      flow.goOn(1);
      await flow.reaches(2);
      await recorded(path, 2);
      server.child.kill('SIGTERM');
      await server.ended;
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
      copyFileSync(copy, path);
      server = await serve(place, port);
      flow.goOn(2);
      assert.equal(await flow.ended, 0, flow.said());
      assert.match(flow.said(), new RegExp(`result ${RESULT}`));
      assertWhole(path);
    } finally {
      flow.kill();
      server.child.kill('SIGKILL');
      await server.ended;
    }
  });
}

for (const [how, swap] of Object.entries(swaps)) {
  test(`a server whose database was restored while it serves, by a backup that was ${how}`, async () => {
    const place = makePlace();
    const path = join(place.home, 'ostinato.db');
    const copy = join(place.project, 'backup.db');
    const port = await freePort();
    const server = await serve(place, port);
    await backUp(path, copy);
    const flow = run(place, { OSTINATO_API_URL: `http://127.0.0.1:${port}/api` });
    try {
      await swapBetweenParts(flow, path, () => swap(place, copy, path));
      await until('it is whole', () => countIn(path, TASK_RUNS) >= 33);
      assertWhole(path);
      assert.match(server.text().stderr, /Another database is at/);
    } finally {
      flow.kill();
      server.child.kill('SIGTERM');
      await server.ended;
    }
  });

  test(`a flow without a server whose database was ${how} by an older one`, async () => {
    const place = makePlace();
    const path = join(place.home, 'ostinato.db');
    const copy = join(place.project, 'backup.db');
    assert.equal((await place.ostinato(['variable', 'set', 'kept', '1'])).exitCode, 0);
    await backUp(path, copy);
    const flow = run(place, {});
    try {
      await swapBetweenParts(flow, path, () => swap(place, copy, path));
      assertWhole(path);
      assert.match((await place.ostinato(['variable', 'get', 'kept'])).stdout, /1/);
    } finally {
      flow.kill();
    }
  });
}

test('a flow whose database is removed: it says that it is not recorded and where its steps are, and the next command records them', async () => {
  const place = makePlace();
  const path = join(place.home, 'ostinato.db');
  const flow = run(place, {}, 'alone');
  try {
    await flow.reaches(1);
    await until('a part is recorded', () => countIn(path, TASK_RUNS) >= 10);
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    flow.goOn(1);
    flow.goOn(2);
    assert.equal(await flow.ended, 5, flow.said());
    assert.match(flow.said(), new RegExp(`result ${RESULT}`), 'what it computed is worth more than its record');
    assert.match(flow.said(), /removed or moved while it was in use/);
    assert.match(flow.said(), /could not be recorded/);
    assert.match(flow.said(), /kept in .*journals/);
    assert.doesNotMatch(flow.said(), /\n\s+at .*:\d+:\d+/, 'no stack');
  } finally {
    flow.kill();
  }
  const list = JSON.parse(
    (await place.ostinato(['task-run', 'ls', '--limit', '200', '-o', 'json'])).stdout,
  ) as readonly unknown[];
  assert.ok(list.length >= 30, `${list.length} steps were recovered`);
});
