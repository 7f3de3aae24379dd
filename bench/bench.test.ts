/** The programs that are measured do what they are measured for; the figures themselves are no matter of a test. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';

import { Client } from 'pg';

import { startPostgres } from '../tests/conformance/postgres-server.ts';
import { Bench } from './bench.ts';
import type { SeriesReport } from './figures/million.ts';
import type { MappedReport } from './figures/mapped.ts';
import { reportOf } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const bench = new Bench({ quick: true, withPrefect: false, folder, say: () => {} });

function countRows(path: string): Record<string, number> {
  const database = new DatabaseSync(path, { readOnly: true });
  const count = (table: string): number =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']);
  const counts = {
    runs: count('task_run'),
    states: count('task_run_state'),
    events: count('event WHERE task_run_id IS NOT NULL'),
  };
  database.close();
  return counts;
}

for (const durability of ['process', 'sync', 'none']) {
  test(`sequential tasks are recorded with durability ${durability}`, () => {
    const home = bench.freshFolder();
    const report = reportOf<{ microsecondsPerTask: number }>(
      bench.runOurs('sequential', [30], home, { env: { OSTINATO_DURABILITY: durability } }),
    );
    assert.ok(report.microsecondsPerTask > 0);
    assert.deepEqual(countRows(join(home, 'ostinato.db')), { runs: 60, states: 180, events: 180 });
  });
}

test('the bare loop writes the rows that the measured run wrote', () => {
  const [home, limit] = [bench.freshFolder(), bench.freshFolder()];
  bench.runOurs('sequential', [300], home);
  assert.ok(
    reportOf<{ microsecondsPerTask: number }>(bench.runOurs('bare-loop', [300, 128, limit], home)).microsecondsPerTask >
      0,
  );
  assert.deepEqual(countRows(join(limit, 'bare.db')), { runs: 300, states: 900, events: 900 });
});

test('mapped tasks are seen by another connection', () => {
  const report = reportOf<MappedReport>(bench.runOurs('mapped', [50], bench.freshFolder()));
  assert.ok(report.microsecondsUntilRecorded >= report.microsecondsUntilDone);
});

test('the series reports time and memory for each size', () => {
  const report = reportOf<SeriesReport>(bench.runOurs('million', [15_000, 30_000], bench.freshFolder()));
  assert.deepEqual(
    report.series.map(({ count, microsecondsPerTask }) => [count, microsecondsPerTask.length]),
    [
      [15_000, 2],
      [30_000, 1],
    ],
  );
  assert.equal(report.recorded, 62_000);
  assert.ok(report.databaseBytes > 0 && report.heapBytesMax > 0 && report.rssBytesMax > report.heapBytesMax);
});

test('a program that fails is shown, not measured', () => {
  assert.throws(
    () => bench.runOurs('bare-loop', [1, 128, bench.freshFolder()], bench.freshFolder()),
    /ended with 1:[^]*holds no flow run/,
  );
});

test('the command prints a table and writes what it measured', () => {
  const json = join(folder, 'figures.json');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), '--only', 'version', '--quick', '--without-prefect', '--json', json],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /version command .*≥ 15× +not measured/);
  const { rows, quick } = JSON.parse(readFileSync(json, 'utf8')) as {
    rows: { figure: string; ours: { median: number }; met: unknown[] }[];
    quick: boolean;
  };
  assert.equal(quick, true);
  assert.equal(rows[0]?.figure, 'version');
  assert.deepEqual(rows[0]?.met, [null]);
  assert.ok((rows[0]?.ours.median ?? 0) > 1000);
});

test('a figure that does not exist is refused', () => {
  const { stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--only', 'speed'], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(stderr, /no figure "speed".*sequential/);
});

test('what is written to PostgreSQL is written by the bare loop, too', { timeout: 120_000 }, async () => {
  const server = await startPostgres();
  after(() => server.stop());
  const expected: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    'flow-runs': { flow_run: 6, flow_run_state: 18, event: 18 },
    'task-runs': { task_run: 6, task_run_state: 18, event: 18 },
    events: { event: 6 },
    variables: { variable: 6, event: 6 },
  };
  for (const [kind, rows] of Object.entries(expected)) {
    const url = server.createDatabase();
    const home = bench.freshFolder();
    const each = (program: string, args: readonly (string | number)[]): number =>
      reportOf<{ microsecondsEach: number }>(bench.runOurs(program, args, home)).microsecondsEach;
    assert.ok(each('postgres-store', [kind, url, 6, 4]) > 0);
    assert.ok(each('postgres-bare', [url, 6, 2, ...Object.keys(rows)]) > 0);
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const [table, count] of Object.entries(rows))
      for (const schema of ['ostinato', 'bare']) {
        const found = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${schema}.${table}`);
        assert.equal(found.rows[0]?.count, count, `${kind}: ${schema}.${table}`);
      }
    await client.end();
  }
});
