/**
 * The schema that the migrations lead to is the committed one, with what was there before; running flows does not load
 * the query compiler.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Instant } from '../../src/core/time.ts';
import { openConnection } from '../../src/store/dialect/sqlite/connection.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { migrate } from '../../src/store/dialect/sqlite/migrate.ts';
import { NEWEST_VERSION } from '../../src/store/migrations/newest.ts';
import * as make from './samples.ts';

const SNAPSHOT = new URL('../../src/store/migrations/schema.sql', import.meta.url);
const HEADER = `-- The SQLite schema after all migrations, to be read and compared. Written anew by:
-- UPDATE_SNAPSHOTS=1 node --test tests/conformance/sqlite-schema.test.ts
`;

test('the migrations lead to the committed schema', () => {
  const connection = openConnection(':memory:');
  migrate(connection);
  const rows = connection.db
    .prepare(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name`)
    .all();
  connection.close();
  const schema = `${HEADER}\n${rows.map((row) => `${String(row['sql'])};\n`).join('\n')}`;
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(SNAPSHOT, schema);
  assert.equal(schema, readFileSync(SNAPSHOT, 'utf8'));
});

test('a database that has all migrations is opened without their list; one that lacks some is not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-newest-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'runs.db');
  const store = new URL('../../src/store/dialect/sqlite/embedded.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    let migrations = 0;
    registerHooks({ load(url, context, next) { if (/migrations\\/\\d/.test(url)) migrations++; return next(url, context); } });
    const { openEmbeddedSqlite } = await import(${JSON.stringify(store)});
    const storage = await openEmbeddedSqlite({ path: ${JSON.stringify(path)} });
    storage.listProcesses();
    storage.close();
    console.log(migrations);`;
  const loaded = (): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
  assert.equal(loaded(), String(NEWEST_VERSION));
  assert.equal(loaded(), '0');
  const connection = openConnection(path);
  connection.db.exec('ALTER TABLE flow_run DROP COLUMN runner; DELETE FROM migration WHERE version = 17');
  connection.close();
  assert.equal(loaded(), String(NEWEST_VERSION));
  assert.equal(loaded(), '0');
});

test('runs that were finished before there was a tally are counted when it is made', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-tally-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'runs.db');
  const storage = openSqliteStorage({ path });
  const flow = await storage.ensureFlow('sales', () => make.makeFlow('sales'));
  const at = 1_790_000_100_000_000 as Instant;
  for (const [minutes, isLate] of [
    [0, true],
    [5, false],
    [20, true],
    [21, false],
  ] as const) {
    const expectedStartTime = (at + minutes * 60_000_000) as Instant;
    const startTime = isLate ? ((expectedStartTime + 7) as Instant) : ((expectedStartTime - 7) as Instant);
    await storage.insertFlowRun(
      make.makeFlowRun(flow, {
        state: make.makeState({ type: 'FAILED', failure: null }),
        expectedStartTime,
        startTime,
        totalRunTimeUs: 3,
      }),
      [],
    );
  }
  await storage.insertFlowRun(
    make.makeFlowRun(flow, { state: make.makeState({ type: 'RUNNING' }), expectedStartTime: at }),
    [],
  );
  storage.close();
  const connection = openConnection(path);
  const tally = (): readonly unknown[] => connection.db.prepare('SELECT * FROM flow_run_tally').all();
  const counted = tally();
  assert.equal(counted.length, 2);
  for (const name of ['add', 'move', 'remove']) connection.db.exec(`DROP TRIGGER flow_run_tally_${name}`);
  connection.db.exec('DROP TABLE flow_run_tally; DELETE FROM migration WHERE version = 13');
  migrate(connection);
  assert.deepEqual(tally(), counted);
  connection.close();
});

test('who runs the runs of before is what was inferred of them', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-runners-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'runs.db');
  const storage = openSqliteStorage({ path });
  const runs = await make.insertRunOfEachRunner(storage);
  storage.close();
  const connection = openConnection(path);
  connection.db.exec('ALTER TABLE flow_run DROP COLUMN runner; DELETE FROM migration WHERE version = 17');
  connection.close();
  const migrated = openSqliteStorage({ path });
  for (const run of runs) assert.deepEqual(await migrated.readFlowRun(run.id), run);
  migrated.close();
});

test('what a run asks of the store does not load what makes SQL of lists; a list does', () => {
  const samples = new URL('samples.ts', import.meta.url).href;
  const store = new URL('../../src/store/dialect/sqlite/index.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    let modules = 0, compiler = 0;
    registerHooks({ load(url, context, next) { modules++; if (url.includes('/store/queries/')) compiler++; return next(url, context); } });
    const { openSqliteStorage } = await import(${JSON.stringify(store)});
    const make = await import(${JSON.stringify(samples)});
    const storage = openSqliteStorage({ path: ':memory:' });
    const process = make.makeProcess();
    storage.writeProcess(process);
    const flow = storage.ensureFlow('f', () => make.makeFlow('f'));
    const { run } = storage.insertFlowRun(make.makeFlowRun(flow), []);
    storage.changeFlowRun(run.id, {}, (found) => ({ run: found, answer: null }));
    storage.writeTaskRuns([make.makeRecord({ flowRunId: run.id })], [make.makeLog()]);
    const answers = [
      storage.listRecordedSteps(run.id, { limit: 10 }), storage.listProcesses(), storage.readEvents({ afterSeq: 0, limit: 10 }),
      storage.list('flow_run', { where: { op: 'eq', field: 'processId', value: process.id } }),
      storage.list('flow_run', { where: { op: 'in', field: 'stateType', values: ['PENDING'] } }), storage.beat(process.id, 1),
    ];
    const before = { modules, compiler, sync: answers.every((answer) => !(answer instanceof Promise)) };
    await storage.list('flow_run', {});
    const syncAfterwards = !(storage.list('flow_run', {}) instanceof Promise);
    console.log(JSON.stringify({ before, compiler, syncAfterwards }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const { before, compiler, syncAfterwards } = JSON.parse(output) as {
    before: { modules: number; compiler: number; sync: boolean };
    compiler: number;
    syncAfterwards: boolean;
  };
  assert.ok(before.modules > 10);
  assert.equal(before.compiler, 0);
  assert.ok(before.sync);
  assert.ok(compiler > 10);
  assert.ok(syncAfterwards);
});
