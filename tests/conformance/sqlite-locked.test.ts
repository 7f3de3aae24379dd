/** Locks that other processes hold for long: nothing stands still, nothing is lost, and waits have an end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { OstinatoError } from '../../src/core/errors.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { openSqliteStorage, openSqliteStorageInTurn } from '../../src/store/dialect/sqlite/index.ts';
import { countByState } from '../../src/orchestrator/count-by-state.ts';
import { makeProcess, makeRecord, makeVariable } from './samples.ts';

/** Another process that holds the write lock until it is told to let go. */
async function lock(t: TestContext, path: string, begin = 'BEGIN IMMEDIATE') {
  const program = `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(${JSON.stringify(path)}, { timeout: 5000 });
    db.exec(${JSON.stringify(begin)});
    console.log('locked');
    process.stdin.once('data', () => { db.exec('ROLLBACK'); db.close(); process.exit(); });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    pid: child.pid,
    async letGo(): Promise<void> {
      child.stdin.write('now\n');
      await once(child, 'exit');
    },
  };
}

function makePath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-locked-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'ostinato.db');
}

/** Counts the turns that timers get. */
function countTurns(t: TestContext): { readonly turns: () => number } {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 5);
  t.after(() => clearInterval(timer));
  return { turns: () => turns };
}

for (const groupCommits of [false, true]) {
  describe(`while another process holds the write lock, ${groupCommits ? 'a server' : 'a flow'}`, () => {
    it('waits without its thread, reads on, and writes everything in order when the lock is free', async (t) => {
      const path = makePath(t);
      const storage = openSqliteStorage({ path, groupCommits });
      t.after(() => storage.close());
      const { letGo } = await lock(t, path);
      const { turns } = countTurns(t);
      const done: string[] = [];
      const writes = ['a', 'b', 'c'].map(async (name) => {
        await storage.changeVariable({ name }, () => ({ variable: makeVariable(name, 1), answer: null }));
        done.push(name);
      });
      const process_ = makeProcess();
      writes.push((async () => await storage.writeProcess(process_))());
      while (turns() < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(done, []);
      assert.equal(await storage.readVariable({ name: 'a' }), null);
      assert.deepEqual(await storage.listProcesses(), []);
      await letGo();
      await Promise.all(writes);
      assert.deepEqual(new Set<string>(done), new Set(['a', 'b', 'c']));
      assert.deepEqual(await storage.listProcesses(), [process_]);
    });

    it('says who holds it, gives up in the end, and nothing is half done', async (t) => {
      const path = makePath(t);
      const notices: string[] = [];
      const storage = openSqliteStorage({ path, groupCommits, onNotice: (message) => notices.push(message) });
      t.after(() => storage.close());
      const { letGo, pid } = await lock(t, path);
      const records = [makeRecord(), makeRecord()];
      await assert.rejects(
        async () => await storage.writeTaskRuns(records, []),
        (error) => {
          assert.ok(OstinatoError.is(error));
          assert.equal(error.code, 'store-unavailable');
          assert.match(error.message, /locked by another process/);
          if (process.platform === 'linux') assert.match(error.message, new RegExp(`process ${pid}\\b`));
          assert.match(error.remedy, /Nothing is lost/);
          return true;
        },
      );
      assert.ok(notices.length <= 1, notices.join('\n'));
      if (groupCommits) assert.match(notices[0] ?? '', /Waiting for the database .* holds it locked/);
      await letGo();
      assert.deepEqual(await countByState(storage, 'task_run', EVERYTHING), {});
      await storage.writeTaskRuns(records, []);
      assert.deepEqual(await countByState(storage, 'task_run', EVERYTHING), { COMPLETED: 2 });
    });
  });
}

/** Opening waits while somebody holds the lock, with turns for others, and reads when it is free. */
async function opensWhenFree(t: Parameters<typeof lock>[0], path: string, holding: string): Promise<void> {
  const { letGo } = await lock(t, path, holding);
  const { turns } = countTurns(t);
  const opening = openSqliteStorageInTurn({ path });
  while (turns() < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  await letGo();
  const storage = await opening;
  assert.deepEqual(await storage.listProcesses(), []);
  storage.close();
}

describe('opening a database that another process holds locked', () => {
  it('is waited for without the thread when it has to be made first', async (t) => {
    const path = makePath(t);
    await opensWhenFree(t, path, 'BEGIN EXCLUSIVE');
  });

  it('is no matter when the database is there: reads and opening need no turn', async (t) => {
    const path = makePath(t);
    openSqliteStorage({ path }).close();
    const { letGo } = await lock(t, path);
    const storage = await openSqliteStorageInTurn({ path });
    assert.deepEqual(await storage.listProcesses(), []);
    await letGo();
    storage.close();
  });

  it('whose lock keeps readers out too is waited for, and read when it is free', async (t) => {
    const path = makePath(t);
    openSqliteStorage({ path }).close();
    await opensWhenFree(t, path, 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  });
});

it('a storage that is closed while it waits tells its callers', async (t) => {
  const path = makePath(t);
  const storage = openSqliteStorage({ path, groupCommits: true });
  const { letGo } = await lock(t, path);
  const write = (async () =>
    await storage.changeVariable({ name: 'a' }, () => ({ variable: makeVariable('a', 1), answer: null })))();
  const refused = assert.rejects(write, { code: 'store-unavailable' });
  // The group of its commit is made in one of the next turns, and meets the lock.
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  storage.close();
  await refused;
  await letGo();
});
