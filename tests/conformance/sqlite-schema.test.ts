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
import { openConnection, type Connection } from '../../src/store/dialect/sqlite/connection.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { migrate } from '../../src/store/dialect/sqlite/migrate.ts';
import { makeSchema } from '../../src/store/dialect/sqlite/new-schema.ts';
import { MissingMigrations } from '../../src/store/dialect/sqlite/schema-version.ts';
import { MIGRATIONS } from '../../src/store/migrations/list.ts';
import * as make from './samples.ts';

const SNAPSHOT = new URL('../../src/store/migrations/schema.sql', import.meta.url);
const NEWEST = new URL('../../src/store/dialect/sqlite/newest-schema.ts', import.meta.url);
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
  if (process.env['UPDATE_SNAPSHOTS'] === '1') {
    writeFileSync(SNAPSHOT, schema);
    writeFileSync(NEWEST, newestSchemaOf(rows.map((row) => String(row['sql']))));
  }
  assert.equal(schema, readFileSync(SNAPSHOT, 'utf8'));
});

/** The module from which a new database is made: tables first, as indexes and triggers are of them. */
function newestSchemaOf(statements: readonly string[]): string {
  const rank = (sql: string): number =>
    ['CREATE TABLE', 'CREATE', 'CREATE TRIGGER'].findLastIndex((start) => sql.startsWith(start));
  const ordered = statements.toSorted((a, b) => rank(a) - rank(b));
  const text = (value: string): string =>
    `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  return `/**
 * What all migrations lead to, statement by statement, and what the list says of each. Written anew by:
 * UPDATE_SNAPSHOTS=1 node --test tests/conformance/sqlite-schema.test.ts && npx oxfmt .
 */

import type { AppliedMigration } from '../../migrations/newest.ts';

export const NEWEST_SCHEMA: readonly string[] = [
${ordered.map((sql) => `  ${text(sql)},`).join('\n')}
];

export const NEWEST_MIGRATIONS: readonly AppliedMigration[] = [
${MIGRATIONS.map(({ version, name, breaking }) => `  { version: ${version}, name: ${text(name)}, breaking: ${breaking} },`).join('\n')}
];
`;
}

test('a database that is made at once is the one that the migrations lead to', () => {
  const made = (make: (connection: Connection) => void): readonly unknown[] => {
    const connection = openConnection(':memory:');
    make(connection);
    const { db } = connection;
    const schema = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
    const rows = schema
      .filter(({ type }) => type === 'table')
      .map(({ name }) => [
        name,
        db
          .prepare(`SELECT * FROM "${String(name)}"`)
          .all()
          .map((row) => ({ ...row, applied_at: 0 })),
      ]);
    connection.close();
    return [schema, rows];
  };
  assert.deepEqual(made(makeSchema), made(migrate));
});

test('nothing is made anew where others have made an older schema meanwhile', () => {
  const connection = openConnection(':memory:');
  migrate(connection, MIGRATIONS.slice(0, 1));
  assert.throws(() => makeSchema(connection), MissingMigrations);
  migrate(connection);
  makeSchema(connection);
  connection.close();
});

test('only a database that lacks migrations is opened with their list', async (t) => {
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
  assert.equal(loaded(), '0');
  assert.equal(loaded(), '0');
  const connection = openConnection(path);
  connection.db.exec('ALTER TABLE flow_run DROP COLUMN runner; DELETE FROM migration WHERE version = 17');
  connection.close();
  assert.equal(loaded(), String(MIGRATIONS.length));
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
