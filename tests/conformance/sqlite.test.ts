import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import type { Storage } from '../../src/store/port.ts';
import { storageConformance } from './storage-suite.ts';
import type { StorageUnderTest } from './storage-under-test.ts';

storageConformance('SQLite in memory', () => {
  const storage = openSqliteStorage({ path: ':memory:' });
  return { storage, openSecond: null, remove: () => storage.close() };
});

storageConformance('an SQLite file', () => openFile(false));
storageConformance('an SQLite file whose writes share commits', () => openFile(true));

function openFile(groupCommits: boolean): StorageUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-store-'));
  const opened: Storage[] = [];
  const open = (): Storage => {
    const storage = openSqliteStorage({ path: join(folder, 'ostinato.db'), groupCommits });
    opened.push(storage);
    return storage;
  };
  return {
    storage: open(),
    openSecond: open,
    async remove() {
      for (const storage of opened) await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}
