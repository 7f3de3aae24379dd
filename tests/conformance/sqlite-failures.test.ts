/** What a broken, full, foreign, newer or protected database file is answered with, and how the files are protected. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import type { ErrorCode } from '../../src/core/errors.ts';
import { OstinatoError } from '../../src/core/errors.ts';
import { openConnection, retryWhileBusy } from '../../src/store/dialect/sqlite/connection.ts';
import { storeFailure } from '../../src/store/dialect/sqlite/failure.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { migrate } from '../../src/store/dialect/sqlite/migrate.ts';
import { TaskShapes } from '../../src/store/logic/task-shapes.ts';
import { TaskRunWriter } from '../../src/store/dialect/sqlite/task-run-writer.ts';
import { MIGRATIONS } from '../../src/store/migrations/list.ts';
import { NEWEST_VERSION } from '../../src/store/migrations/newest.ts';
import { makeRecord } from './samples.ts';

function makePath(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-store-'));
  test.after(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });
  return join(folder, 'ostinato.db');
}

/** An error of the family with this code, which names the file and says what to do. */
function failsWith(code: ErrorCode, path: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(OstinatoError.is(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, new RegExp(path.replaceAll('.', '\\.')));
    assert.notEqual(error.remedy, '');
    return true;
  };
}

describe('SQLite files that cannot be used', () => {
  it('are refused when they are no database', (test) => {
    const path = makePath(test);
    writeFileSync(path, 'no database '.repeat(1000));
    assert.throws(() => openSqliteStorage({ path }), failsWith('store-corrupt', path));
    assert.match(readFileSync(path, 'utf8'), /^(no database )+$/, 'nothing was written over it');
  });

  it('are refused when they are damaged', (test) => {
    const path = makePath(test);
    openSqliteStorage({ path }).close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 100, 3000);
    writeFileSync(path, bytes);
    assert.throws(() => openSqliteStorage({ path }), failsWith('store-corrupt', path));
  });

  it('are refused when they are the database of another program', (test) => {
    for (const table of ['CREATE TABLE other (a)', 'CREATE TABLE migration (version, done_at)']) {
      const path = makePath(test);
      const db = new DatabaseSync(path);
      db.exec(table);
      db.close();
      assert.throws(() => openSqliteStorage({ path }), failsWith('store-corrupt', path));
    }
  });

  it('are refused when a newer program broke with the schema, not when it only added to it', (test) => {
    for (const breaking of [0, 1]) {
      const path = makePath(test);
      openSqliteStorage({ path }).close();
      const db = new DatabaseSync(path);
      db.prepare('INSERT INTO migration VALUES (9999, ?, ?, 0)').run('of the future', breaking);
      db.close();
      if (breaking === 0) openSqliteStorage({ path }).close();
      else assert.throws(() => openSqliteStorage({ path }), failsWith('store-newer', path));
    }
  });

  it('are refused when the path is a folder, or goes through a file', (test) => {
    const path = makePath(test);
    mkdirSync(path);
    assert.throws(() => openSqliteStorage({ path }), failsWith('store-unavailable', path));
    const file = join(path, 'file');
    writeFileSync(file, '');
    const below = join(file, 'ostinato.db');
    assert.throws(() => openSqliteStorage({ path: below }), failsWith('store-unavailable', below));
  });

  it('are refused when this user may not write them, or beside them', (test) => {
    for (const [fileMode, folderMode] of [
      [null, 0o555],
      [0o444, 0o777],
      [0o666, 0o555],
      [0o000, 0o777],
    ] as const) {
      const path = makePath(test);
      const folder = join(path, '..');
      if (fileMode !== null) {
        openSqliteStorage({ path }).close();
        chmodSync(path, fileMode);
      }
      chmodSync(folder, folderMode);
      assert.equal(
        openAsNobody(path),
        'store-read-only',
        `file ${fileMode?.toString(8)}, folder ${folderMode.toString(8)}`,
      );
    }
  });

  it('say so when they are closed', async (test) => {
    const path = makePath(test);
    const storage = openSqliteStorage({ path });
    storage.close();
    await assert.rejects(async () => storage.listProcesses(), failsWith('store-unavailable', path));
    await assert.rejects(async () => storage.writeTaskRuns([makeRecord()], []), failsWith('store-unavailable', path));
    await storage.flush();
  });
});

describe('a full disk', () => {
  it('is said, keeps what was committed, and is no harm once there is room', (test) => {
    const path = makePath(test);
    const connection = openConnection(path);
    migrate(connection);
    const writer = new TaskRunWriter(connection, new TaskShapes());
    writer.write([makeRecord()], []);
    const pages = connection.db.prepare('PRAGMA page_count').get()?.['page_count'];
    connection.db.exec(`PRAGMA max_page_count = ${Number(pages)}`);
    const records = Array.from({ length: 500 }, () => makeRecord());
    assert.throws(() => writer.write(records, []), failsWith('store-full', path));
    const count = (): unknown => connection.db.prepare('SELECT count(*) AS n FROM task_run').get()?.['n'];
    assert.equal(count(), 1);
    connection.db.exec('PRAGMA max_page_count = 1000000');
    writer.write(records, []);
    assert.equal(count(), 501);
    connection.close();
  });

  it('is told by the file system, too', () => {
    const error = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    assert.equal((storeFailure(error, 'x.db') as OstinatoError).code, 'store-full');
  });
});

describe('an SQLite file', () => {
  it('is for its user only, with its companions and a folder made for it', async (test) => {
    const path = join(makePath(test), '..', 'home', 'data', 'ostinato.db');
    const storage = openSqliteStorage({ path });
    await storage.writeTaskRuns([makeRecord()], []);
    for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(path + suffix).mode & 0o777, 0o600, suffix);
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
    assert.equal(storage.description, `sqlite:${path}`);
    storage.close();
  });

  it('leaves the mode of a folder that was there', (test) => {
    const path = makePath(test);
    chmodSync(join(path, '..'), 0o755);
    openSqliteStorage({ path }).close();
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o755);
  });

  it('is waited for while others are in the way', () => {
    const busy = Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });
    let tries = 0;
    const open = (): string => {
      if (++tries < 4) throw busy;
      return 'opened';
    };
    assert.equal(retryWhileBusy(open), 'opened');
    assert.throws(
      () =>
        retryWhileBusy(() => {
          throw busy;
        }, 5),
      busy,
    );
    const other = new Error('other');
    assert.throws(
      () =>
        retryWhileBusy(() => {
          throw other;
        }),
      other,
    );
  });

  it('is migrated once, by a list that only grows', (test) => {
    assert.deepEqual(
      MIGRATIONS.map(({ version }) => version),
      MIGRATIONS.map((_, index) => index + 1),
    );
    assert.equal(MIGRATIONS.length, NEWEST_VERSION);
    const path = makePath(test);
    const first = openConnection(path);
    migrate(first, MIGRATIONS.slice(0, 1));
    first.close();
    openSqliteStorage({ path }).close();
    const db = new DatabaseSync(path);
    assert.deepEqual(
      db
        .prepare('SELECT version FROM migration ORDER BY version')
        .all()
        .map((row) => row['version']),
      MIGRATIONS.map(({ version }) => version),
    );
    db.close();
  });
});

/** Opens the file as a user without rights: root's rights ignore modes. Answers the code of the error. */
function openAsNobody(path: string): string {
  const store = new URL('../../src/store/dialect/sqlite/index.ts', import.meta.url).href;
  const script = `
    const { openSqliteStorage } = await import(${JSON.stringify(store)});
    if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); }
    try { openSqliteStorage({ path: ${JSON.stringify(path)} }).close(); console.log('opened'); } catch (error) { console.log(error.code); }`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
}
