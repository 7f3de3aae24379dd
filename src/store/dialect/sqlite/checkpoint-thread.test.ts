import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { CheckpointThread } from './checkpoint-thread.ts';
import { openConnection } from './connection.ts';

const LIMITS = { copied: 16, length: 64 };

function makeDatabase(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-checkpoints-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'ostinato.db');
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (value INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  const checkpoints = CheckpointThread.on(path, db, LIMITS);
  assert.ok(checkpoints !== null, 'the SQLite of the reference Node can tell how long its log is');
  const insert = db.prepare('INSERT INTO t VALUES (?, ?)');
  let written = 0;
  return {
    path,
    db,
    checkpoints,
    write(rows: number): void {
      for (const end = written + rows; written < end; written += 1) {
        insert.run(written, 'x'.repeat(3000));
        checkpoints.committed();
      }
    },
    written: () => written,
    log: () =>
      db.prepare('PRAGMA wal_checkpoint(NOOP)').get() as unknown as {
        readonly log: number;
        readonly checkpointed: number;
      },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    assert.ok(tries < 2000, 'within ten seconds');
    await delay(5);
  }
}

/** Until a thread that was told later has copied its log: one that was told earlier has had the time to look. */
async function untilAnotherHasCopied(t: TestContext): Promise<void> {
  const { db, checkpoints, write, log } = makeDatabase(t);
  write(2 * LIMITS.copied);
  await until(() => log().checkpointed >= LIMITS.copied);
  checkpoints.close();
  db.close();
}

test('a log that is worth it is copied beside the writer; one that is long begins anew', async (t) => {
  const { db, checkpoints, write, written, log } = makeDatabase(t);
  write(4);
  await untilAnotherHasCopied(t);
  assert.equal(log().checkpointed, 0, 'a short log stays');
  write(20);
  await until(() => log().checkpointed >= LIMITS.copied);
  let longest = 0;
  for (let round = 0; round < 40; round += 1) {
    write(10);
    longest = Math.max(longest, log().log);
    // What a copy could not take, because others were at the log, is taken after one of the next writes.
    await until(() => log().log - log().checkpointed < LIMITS.copied || (write(1), false));
  }
  // They are more than 400 pages.
  assert.ok(longest > LIMITS.copied && longest < 2 * LIMITS.length, `it was ${longest} pages long at most`);
  assert.deepEqual({ ...db.prepare('SELECT count(*) AS rows FROM t').get() }, { rows: written() });
  checkpoints.close();
  db.close();
});

test('while somebody reads what was, the thread does not try again and again', async (t) => {
  const { path, db, checkpoints, write, log } = makeDatabase(t);
  write(1);
  const reader = new DatabaseSync(path);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM t').get();
  write(40);
  await untilAnotherHasCopied(t);
  const { log: length, checkpointed } = log();
  assert.ok(length > 40 && checkpointed < 10, `${checkpointed} of ${length} pages were copied`);
  reader.close();
  write(LIMITS.copied);
  await until(() => log().log - log().checkpointed < LIMITS.copied);
  checkpoints.close();
  db.close();
});

test('a writer that never gives way to the thread has SQLite copy its log', (t) => {
  const { db, checkpoints, write, log } = makeDatabase(t);
  let longest = 0;
  for (let round = 0; round < 50; round += 1) {
    write(10);
    longest = Math.max(longest, log().log);
  }
  assert.ok(longest <= 2 * LIMITS.length + 16, `it was ${longest} pages long at most`);
  checkpoints.close();
  db.close();
});

test('a database that is closed while its log is copied is whole, and has no log any more', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const made = makeDatabase(t);
    made.write(100);
    await delay(round * 5);
    made.checkpoints.close();
    made.db.close();
    // The thread may be about to let go.
    const again = new DatabaseSync(made.path, { timeout: 10_000 });
    assert.deepEqual({ ...again.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    assert.deepEqual({ ...again.prepare('SELECT count(*) AS rows FROM t').get() }, { rows: 100 });
    again.close();
  }
});

test('a database that was removed is not made anew', async (t) => {
  const { path, db, checkpoints, write, log } = makeDatabase(t);
  write(20);
  await until(() => log().checkpointed >= LIMITS.copied);
  rmSync(path);
  write(2 * LIMITS.length);
  await untilAnotherHasCopied(t);
  assert.equal(existsSync(path), false);
  checkpoints.close();
  db.close();
});

test('the thread does not hold its process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-checkpoints-'));
  const program = `
    import { openConnection } from ${JSON.stringify(import.meta.resolve('./connection.ts'))};
    const connection = openConnection(${JSON.stringify(join(folder, 'ostinato.db'))}, { checkpointThread: true });
    connection.db.exec('CREATE TABLE t (text TEXT NOT NULL) STRICT');
    const text = 'x'.repeat(6_000_000);
    for (let round = 0; round < 3; round += 1) {
      connection.write(() => void connection.statement('INSERT INTO t VALUES (?)').run(text));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log('written');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stdout.trim(), stderr], [0, 'written', '']);
  const connection = openConnection(join(folder, 'ostinato.db'));
  assert.deepEqual(
    { ...connection.statement('SELECT count(*) AS rows, sum(length(text)) AS characters FROM t').get() },
    { rows: 3, characters: 18_000_000 },
  );
  connection.close();
  rmSync(folder, { recursive: true });
});
