/** Every method of the port that writes is one whose answer waits until it is on the disk (ADR 017). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Database } from '../../driver.ts';
import { controlStorageOn } from '../../control-storage.ts';
import { listsOn } from '../../logic/lists.ts';
import { taskRunBatchesOn } from '../../logic/task-run-batch.ts';
import { TaskShapes } from '../../logic/task-shapes.ts';
import { storageOn } from '../../storage.ts';
import { WRITES } from './grouped.ts';

class Looked extends Error {}

/** What is asked of it is noted, and not done. */
function watchedStorage() {
  let isWrite = false;
  const database = {
    description: 'watched',
    mayCallAgain: false,
    read: () => {
      throw new Looked();
    },
    write: () => {
      isWrite = true;
      throw new Looked();
    },
  } as unknown as Database;
  const shapes = new TaskShapes();
  const never = () => {
    throw new Looked();
  };
  const storage = storageOn(database, {
    shapes,
    control: controlStorageOn,
    writeTaskRuns: taskRunBatchesOn(database, shapes),
    lists: listsOn(database, never),
    flush: () => undefined,
    onCommit: () => () => undefined,
    close: () => undefined,
  });
  return {
    storage,
    async writes(name: string): Promise<boolean> {
      isWrite = false;
      try {
        // Whatever it is called with: it asks for its transaction before it looks.
        await (storage as unknown as Record<string, (...args: unknown[]) => unknown>)[name]?.({}, {}, {}, {});
      } catch {
        // That it goes no further is what the database is for.
      }
      return isWrite;
    },
  };
}

test('all that write are among those that are grouped', async () => {
  const { storage, writes } = watchedStorage();
  const found: string[] = [];
  for (const [name, member] of Object.entries(storage))
    if (typeof member === 'function' && (await writes(name))) found.push(name);
  assert.ok(found.length > 20, found.join());
  assert.deepEqual(
    found.filter((name) => !(WRITES as readonly string[]).includes(name)),
    [],
  );
});
