/**
 * What becomes of an open storage whose file is removed, moved, replaced or written over: nobody is told of a write
 * that is lost.
 */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { OstinatoError } from '../../src/core/errors.ts';
import { openConnection } from '../../src/store/dialect/sqlite/connection.ts';
import { ReplaceableDatabase } from '../../src/store/dialect/sqlite/replaceable-database.ts';
import { openSqliteStorage, type SqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeVariable } from './samples.ts';

interface Place {
  readonly folder: string;
  readonly path: string;
  readonly storage: SqliteStorage;
  readonly notices: string[];
  readonly replaced: { count: number };
}

/** The hang guard of a condition. */
const TRIES_MAX = 1500;

async function open(t: TestContext, groupCommits: boolean): Promise<Place> {
  const above = mkdtempSync(join(tmpdir(), 'ostinato-taken-'));
  const folder = join(above, 'home');
  const path = join(folder, 'ostinato.db');
  const notices: string[] = [];
  const replaced = { count: 0 };
  const storage = openSqliteStorage({
    path,
    groupCommits,
    onNotice: (message) => notices.push(message),
    onReplaced: () => {
      replaced.count += 1;
    },
  });
  t.after(() => {
    storage.close();
    rmSync(above, { recursive: true, force: true });
  });
  for (const name of ['first', 'second']) await set(storage, name);
  return { folder, path, storage, notices, replaced };
}

async function set(storage: SqliteStorage, name: string): Promise<void> {
  await storage.changeVariable({ name }, () => ({ variable: makeVariable(name, 1), answer: null }));
}

async function isThere(storage: SqliteStorage, name: string): Promise<boolean> {
  return (await storage.readVariable({ name })) !== null;
}

/** Names of variables in a file, read by another connection. */
function namesIn(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const names = db
    .prepare('SELECT name FROM variable ORDER BY name')
    .all()
    .map((row) => String(row['name']));
  db.close();
  return names;
}

async function refusesWrites(storage: SqliteStorage, words: RegExp): Promise<void> {
  await assert.rejects(
    async () => await set(storage, 'lost'),
    (error) => {
      assert.ok(OstinatoError.is(error), String(error));
      assert.equal(error.code, 'store-unavailable');
      assert.match(error.message, words);
      assert.notEqual(error.remedy, '');
      return true;
    },
  );
}

async function worksAgain(storage: SqliteStorage, name = 'again'): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await set(storage, name);
    } catch (error) {
      if (tries > TRIES_MAX) throw error;
      await delay(10);
    }
  }
}

async function backupOf(place: Place): Promise<string> {
  const copy = join(place.folder, '..', 'backup.db');
  const db = new DatabaseSync(place.path);
  await backup(db, copy);
  db.close();
  return copy;
}

function removeAll(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
}

for (const groupCommits of [false, true]) {
  describe(`a database that is taken away from ${groupCommits ? 'a server' : 'a flow'}`, () => {
    const takes: Record<string, { readonly take: (place: Place) => void; readonly words: RegExp }> = {
      'the file is removed': { take: ({ path }) => rmSync(path), words: /removed or moved/ },
      'the file is removed with its log': { take: ({ path }) => removeAll(path), words: /removed or moved/ },
      'its folder is removed': { take: ({ folder }) => rmSync(folder, { recursive: true }), words: /removed or moved/ },
      'its folder is moved': { take: ({ folder }) => renameSync(folder, `${folder}-moved`), words: /removed or moved/ },
      'a file that is no database is put there': {
        take: ({ path }) => {
          rmSync(path);
          writeFileSync(path, 'no database '.repeat(999));
        },
        words: /replaced/,
      },
      'an empty file is put there': {
        take: ({ path }) => {
          rmSync(path);
          writeFileSync(path, '');
        },
        words: /replaced/,
      },
      'a folder is put there': {
        take: ({ path }) => {
          rmSync(path);
          mkdirSync(path);
        },
        words: /replaced/,
      },
      'it is written over with rubbish': {
        take: ({ path }) => writeFileSync(path, Buffer.alloc(70_000, 'x')),
        words: /written over/,
      },
      'it is cut to nothing': { take: ({ path }) => truncateSync(path, 0), words: /written over/ },
      'it is cut within its first page': { take: ({ path }) => truncateSync(path, 999), words: /written over/ },
    };
    for (const [what, { take, words }] of Object.entries(takes)) {
      it(`refuses writes when ${what}, and makes no new one by itself`, async (t) => {
        const place = await open(t, groupCommits);
        take(place);
        const before = existsSync(place.path) ? statSync(place.path).ino : null;
        await refusesWrites(place.storage, words);
        await refusesWrites(place.storage, words);
        await assert.rejects(async () => await place.storage.readVariable({ name: 'first' }), {
          code: 'store-unavailable',
        });
        assert.equal(place.notices.length, 1, place.notices.join('\n'));
        assert.match(place.notices[0] ?? '', words);
        assert.equal(existsSync(place.path) ? statSync(place.path).ino : null, before);
      });
    }

    it('goes on with the same file when that was moved away and back, and has lost nothing', async (t) => {
      const { path, storage, notices, replaced } = await open(t, groupCommits);
      renameSync(path, `${path}.elsewhere`);
      await refusesWrites(storage, /removed or moved/);
      renameSync(`${path}.elsewhere`, path);
      await worksAgain(storage);
      assert.deepEqual(await Promise.all(['first', 'second', 'again'].map((name) => isThere(storage, name))), [
        true,
        true,
        true,
      ]);
      assert.equal(replaced.count, 0);
      assert.match(notices.at(-1) ?? '', /in its place again/);
    });

    it('goes on with the same folder when that was moved away and back', async (t) => {
      const { path, folder, storage } = await open(t, groupCommits);
      renameSync(folder, `${folder}-moved`);
      await refusesWrites(storage, /removed or moved/);
      renameSync(`${folder}-moved`, folder);
      await worksAgain(storage);
      // The refused one may have been written into the folder while that was elsewhere.
      assert.deepEqual(
        namesIn(path).filter((name) => name !== 'lost'),
        ['again', 'first', 'second'],
      );
    });

    const restores: Record<string, (place: Place, copy: string) => void> = {
      'renamed into its place': ({ path }, copy) => renameSync(copy, path),
      'renamed into its place, after it was removed with its log': ({ path }, copy) => {
        removeAll(path);
        renameSync(copy, path);
      },
      'copied over it': ({ path }, copy) => copyFileSync(copy, path),
      'written over it in place': ({ path }, copy) => writeFileSync(path, readFileSync(copy)),
      'put into a new folder': ({ path, folder }, copy) => {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
        renameSync(copy, path);
      },
    };
    for (const [how, restore] of Object.entries(restores)) {
      for (const isCheckpointed of [false, true]) {
        it(`goes on with a backup that was ${how}${isCheckpointed ? ', over a database whose log was copied' : ''}`, async (t) => {
          const place = await open(t, groupCommits);
          const copy = await backupOf(place);
          await set(place.storage, 'after-backup');
          if (isCheckpointed) {
            const other = new DatabaseSync(place.path);
            other.exec('PRAGMA wal_checkpoint(PASSIVE)');
            other.close();
            await set(place.storage, 'after-checkpoint');
          }
          restore(place, copy);
          await worksAgain(place.storage);
          await worksAgain(place.storage, 'and-again');
          const { storage, path } = place;
          assert.deepEqual(
            await Promise.all(['first', 'second', 'after-backup', 'again'].map((name) => isThere(storage, name))),
            [true, true, false, true],
          );
          assert.equal(place.replaced.count, 1);
          assert.deepEqual(namesIn(path), ['again', 'and-again', 'first', 'second']);
          storage.close();
          const db = new DatabaseSync(path);
          assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
          db.close();
          assert.deepEqual(namesIn(path), ['again', 'and-again', 'first', 'second']);
        });
      }
    }

    it('saves what only its log held when the log is removed', async (t) => {
      const { path, storage } = await open(t, groupCommits);
      rmSync(`${path}-wal`);
      rmSync(`${path}-shm`);
      await worksAgain(storage);
      assert.deepEqual(await Promise.all(['first', 'second', 'again'].map((name) => isThere(storage, name))), [
        true,
        true,
        true,
      ]);
      storage.close();
      assert.deepEqual(namesIn(path), ['again', 'first', 'second']);
    });

    it('notices that an older content was restored into the file in its place, by SQLite itself', async (t) => {
      const place = await open(t, groupCommits);
      const { path, storage, notices, replaced } = place;
      for (let count = 0; replaced.count === 0; count += 1) {
        assert.ok(count < 5, 'it is noticed');
        const copy = await backupOf(place);
        // Writes for as long as it takes until what was written is marked.
        for (const until = performance.now() + 400; performance.now() < until; await delay(5))
          await set(storage, 'after');
        const source = new DatabaseSync(copy);
        await backup(source, path);
        source.close();
        await set(storage, 'next').catch(() => undefined);
      }
      await worksAgain(storage);
      assert.deepEqual(await Promise.all(['first', 'second', 'again'].map((name) => isThere(storage, name))), [
        true,
        true,
        true,
      ]);
      assert.equal(replaced.count, 1);
      assert.match(notices[0] ?? '', /was restored to what it held before/);
    });

    it('does not take what others write, look at and clean for a restored content', async (t) => {
      const { path, storage, notices, replaced } = await open(t, groupCommits);
      const others = [new DatabaseSync(path), openSqliteStorage({ path })] as const;
      for (const until = performance.now() + 900; performance.now() < until; await delay(10)) {
        await set(storage, 'ours');
        await set(others[1], 'theirs');
        others[0].exec("DELETE FROM variable WHERE name = 'theirs'; PRAGMA wal_checkpoint(PASSIVE)");
      }
      others[0].exec('VACUUM');
      await set(storage, 'last');
      others.forEach((other) => other.close());
      assert.deepEqual([notices, replaced.count], [[], 0]);
    });

    it('goes on when its file is back by the time it was missed', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'ostinato-taken-'));
      const path = join(folder, 'ostinato.db');
      const storage = openSqliteStorage({
        path,
        groupCommits,
        onNotice: () => {
          if (existsSync(`${path}.moved`)) renameSync(`${path}.moved`, path);
        },
      });
      t.after(() => {
        storage.close();
        rmSync(folder, { recursive: true, force: true });
      });
      await set(storage, 'first');
      renameSync(path, `${path}.moved`);
      // A flow tries again by itself; a server tells its client to.
      if (groupCommits) await assert.rejects(async () => await set(storage, 'lost'), { code: 'store-unavailable' });
      await worksAgain(storage);
      assert.deepEqual(await Promise.all(['first', 'again'].map((name) => isThere(storage, name))), [true, true]);
    });

    it('takes no harm from touching, copying, reading and checkpoints of others', async (t) => {
      const { path, storage, notices } = await open(t, groupCommits);
      for (let round = 0; round < 30; round += 1) {
        await set(storage, `value-${round}`);
        if (round % 3 === 0) utimesSync(path, new Date(), new Date());
        const other = new DatabaseSync(path);
        if (round % 5 === 0) copyFileSync(path, `${path}.copy`);
        if (round % 2 === 0) other.exec('PRAGMA wal_checkpoint(PASSIVE)');
        if (round % 7 === 6) other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        if (round === 20) other.exec('VACUUM');
        other.close();
      }
      assert.deepEqual(notices, []);
      assert.equal(namesIn(path).length, 32);
    });
  });
}

it('a server notices by itself that its database is gone', async (t) => {
  const { path, notices } = await open(t, true);
  rmSync(path);
  for (let tries = 0; notices.length === 0; tries += 1) {
    assert.ok(tries < TRIES_MAX, 'within a beat');
    await delay(10);
  }
  assert.match(notices[0] ?? '', /removed or moved/);
});

it('a database that is taken away while it is being opened is told as such, and let go of', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-taken-'));
  const path = join(folder, 'ostinato.db');
  const connection = openConnection(path);
  rmSync(folder, { recursive: true });
  const parts = {
    path,
    open: async () => assert.fail('nothing is opened'),
    onTrouble: () => assert.fail('told by the error'),
    onBack: () => undefined,
  };
  assert.throws(() => new ReplaceableDatabase(parts, { connection, storage: null, close: () => connection.close() }), {
    code: 'store-unavailable',
    message: /taken away while it was being opened/,
  });
  assert.equal(connection.db.isOpen, false);
});
