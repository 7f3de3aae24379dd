import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import type { Storage } from '../../src/store/port.ts';
import { storageConformance } from './storage-suite.ts';

storageConformance('SQLite in memory', () => {
  const storage = openSqliteStorage({ path: ':memory:' });
  return { storage, openSecond: null, remove: () => storage.close() };
});

storageConformance('an SQLite file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-store-'));
  const opened: Storage[] = [];
  const open = (): Storage => {
    const storage = openSqliteStorage({ path: join(folder, 'ostinato.db') });
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
});
