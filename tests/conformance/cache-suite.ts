import assert from 'node:assert/strict';
import type { CacheClaim } from '../../src/core/cache-record.ts';
import type { ProcessId, TaskRunId } from '../../src/core/ids.ts';
import type { ProcessRecord } from '../../src/core/process-record.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeCacheEntry, makeProcess, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

type Request = Parameters<Storage['claimCacheKey']>[0];

function request(key: string, fields: Partial<Request> = {}): Request {
  return {
    key,
    taskKey: 'clean-12ab',
    taskRunId: newId<TaskRunId>(),
    processId: newId<ProcessId>(),
    refresh: false,
    now: newInstant(),
    isAlive: () => true,
    ...fields,
  };
}

export const cacheTests: StorageTests = {
  'cache is claimed by the first, busy for others, and a hit once it is settled': async (storage) => {
    const first = request('k');
    assert.deepEqual(await storage.claimCacheKey(first), { status: 'claimed', nearest: null });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'busy', holder: first.taskRunId });
    assert.equal((await storage.claimCacheKey(request('other key'))).status, 'claimed');
    const entry = makeCacheEntry('k', { taskRunId: first.taskRunId, parts: { input: 'x', source: 'y' } });
    await storage.settleCacheClaim({ key: 'k', taskRunId: first.taskRunId, processId: first.processId, entry });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'hit', entry });
  },

  'cache is free again when the work failed': async (storage) => {
    const first = request('k');
    await storage.claimCacheKey(first);
    await storage.settleCacheClaim({ key: 'k', taskRunId: first.taskRunId, processId: first.processId, entry: null });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'claimed', nearest: null });
  },

  'cache forgets what a run had kept and takes back, and nothing of another run': async (storage) => {
    const processId = newId<ProcessId>();
    const entry = makeCacheEntry('k');
    await storage.settleCacheClaim({ key: 'k', taskRunId: entry.taskRunId, processId, entry });
    await storage.settleCacheClaim({ key: 'k', taskRunId: newId<TaskRunId>(), processId, entry: null });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'hit', entry });
    await storage.settleCacheClaim({ key: 'k', taskRunId: entry.taskRunId, processId, entry: null });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'claimed', nearest: null });
  },

  'cache is no hit from its expiry on, which the claim tells': async (storage) => {
    const expiresAt = newInstant();
    const entry = makeCacheEntry('k', { expiresAt });
    await storage.settleCacheClaim({ key: 'k', taskRunId: entry.taskRunId, processId: newId<ProcessId>(), entry });
    assert.deepEqual(await storage.claimCacheKey(request('k', { now: (expiresAt - 1) as Instant })), {
      status: 'hit',
      entry,
    });
    assert.deepEqual(await storage.claimCacheKey(request('k', { now: expiresAt })), {
      status: 'claimed',
      nearest: entry,
    });
  },

  'cache is computed again on refresh, and replaced': async (storage) => {
    const old = makeCacheEntry('k');
    await storage.settleCacheClaim({ key: 'k', taskRunId: old.taskRunId, processId: newId<ProcessId>(), entry: old });
    const refreshing = request('k', { refresh: true });
    assert.deepEqual(await storage.claimCacheKey(refreshing), { status: 'claimed', nearest: old });
    assert.deepEqual(
      await storage.claimCacheKey(request('k')),
      { status: 'hit', entry: old },
      'others use the old result meanwhile',
    );
    assert.deepEqual(await storage.claimCacheKey(request('k', { refresh: true })), {
      status: 'busy',
      holder: refreshing.taskRunId,
    });
    const entry = makeCacheEntry('k', { taskRunId: refreshing.taskRunId });
    await storage.settleCacheClaim({
      key: 'k',
      taskRunId: refreshing.taskRunId,
      processId: refreshing.processId,
      entry,
    });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'hit', entry });
  },

  'cache is taken over from a holder that is gone, whose late result may still serve': async (storage) => {
    const holder = makeProcess();
    await storage.writeProcess(holder);
    const first = request('k', { processId: holder.id });
    await storage.claimCacheKey(first);
    const asked: (ProcessRecord | null)[] = [];
    const second = request('k', {
      isAlive: (found) => {
        asked.push(found);
        return false;
      },
    });
    assert.equal((await storage.claimCacheKey(second)).status, 'claimed');
    assert.deepEqual(asked, [holder]);
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'busy', holder: second.taskRunId });
    await storage.settleCacheClaim({ key: 'k', taskRunId: first.taskRunId, processId: first.processId, entry: null });
    assert.deepEqual(
      await storage.claimCacheKey(request('k')),
      { status: 'busy', holder: second.taskRunId },
      'the claim is not his any more',
    );
  },

  'cache claims of one task run in two processes are told apart': async (storage) => {
    const first = request('k');
    await storage.claimCacheKey(first);
    const successor = request('k', { taskRunId: first.taskRunId, isAlive: () => false });
    assert.equal((await storage.claimCacheKey(successor)).status, 'claimed');
    await storage.settleCacheClaim({ key: 'k', taskRunId: first.taskRunId, processId: first.processId, entry: null });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'busy', holder: first.taskRunId });
  },

  'cache asks about a holder without a process row as null': async (storage) => {
    await storage.claimCacheKey(request('k'));
    const asked: (ProcessRecord | null)[] = [];
    await storage.claimCacheKey(
      request('k', {
        isAlive: (found) => {
          asked.push(found);
          return false;
        },
      }),
    );
    assert.deepEqual(asked, [null]);
  },

  'cache is not busy for the process that holds it': async (storage) => {
    const first = request('k');
    await storage.claimCacheKey(first);
    const again = request('k', { processId: first.processId, isAlive: () => assert.fail('asked about itself') });
    assert.equal((await storage.claimCacheKey(again)).status, 'claimed');
  },

  'cache forgets the claims of a process that leaves': async (storage) => {
    const holder = makeProcess();
    await storage.writeProcess(holder);
    await storage.claimCacheKey(request('k', { processId: holder.id }));
    await storage.deleteProcess(holder.id);
    assert.equal((await storage.claimCacheKey(request('k'))).status, 'claimed');
  },

  'cache tells the newest entry of the task on a miss, rather the one of the key': async (storage) => {
    const [older, newer] = [makeCacheEntry('a'), makeCacheEntry('b')];
    for (const entry of [newer, older, makeCacheEntry('c', { taskKey: 'another task' })]) {
      await storage.settleCacheClaim({
        key: entry.key,
        taskRunId: entry.taskRunId,
        processId: newId<ProcessId>(),
        entry,
      });
    }
    assert.deepEqual(await storage.claimCacheKey(request('d')), { status: 'claimed', nearest: newer });
    assert.deepEqual(await storage.claimCacheKey(request('a', { refresh: true })), {
      status: 'claimed',
      nearest: older,
    });
    assert.deepEqual(await storage.claimCacheKey(request('e', { taskKey: 'third task' })), {
      status: 'claimed',
      nearest: null,
    });
  },

  'cache keeps the newer of two entries': async (storage) => {
    const [older, newer] = [makeCacheEntry('k'), makeCacheEntry('k')];
    for (const entry of [newer, older])
      await storage.settleCacheClaim({ key: 'k', taskRunId: entry.taskRunId, processId: newId<ProcessId>(), entry });
    assert.deepEqual(await storage.claimCacheKey(request('k')), { status: 'hit', entry: newer } satisfies CacheClaim);
  },
};
