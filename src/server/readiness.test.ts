import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { readiness } from './readiness.ts';

const PATH = '/somewhere/of mine/ostinato.db';

function world(write: () => Promise<void>, free: number | null = 1e9) {
  const clock = new VirtualClock(1_000_000_000_000_000 as Instant, 'manual');
  let writes = 0;
  const facts = { free };
  const ready = readiness({
    clock,
    path: PATH,
    freeBytes: async () => facts.free,
    storage: {
      writeConfiguration: async () => {
        writes += 1;
        await write();
      },
    },
  });
  return { clock, ready, facts, writes: () => writes };
}

test('it is ready when something was written; a thousand who ask at once share one write', async () => {
  const { ready, writes } = world(async () => undefined);
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 1000 }, () => ready()))), new Set([null]));
  assert.equal(writes(), 1);
  assert.equal(await ready(), null);
  assert.equal(writes(), 1);
});

test('it says why not, without saying where, and is ready again when it can be', async () => {
  let isGone = true;
  const { ready, clock } = world(async () => {
    if (isGone)
      throw new OstinatoError('store-unavailable', `The database ${PATH} is not there any more.`, {
        remedy: `Put ${PATH} back.`,
      });
  });
  const error = await ready();
  assert.equal(error?.code, 'store-unavailable');
  assert.equal(error.message, 'The database is not there any more.');
  assert.equal(error.remedy, 'Put back.');
  isGone = false;
  await clock.advance(1);
  assert.equal(await ready(), null);
});

test('a disk without room is told before a write fails on it', async () => {
  const { ready, writes, facts, clock } = world(async () => undefined, 4096);
  assert.equal((await ready())?.code, 'store-full');
  assert.equal(writes(), 0);
  facts.free = null;
  await clock.advance(1);
  assert.equal(await ready(), null, 'where nobody can tell, the write does');
});

test('a write that waits is answered after a second, once and again, and the next one comes when it is over', async () => {
  const waiting = Promise.withResolvers<void>();
  const { ready, clock, writes } = world(() => waiting.promise);
  const asked = ready();
  await clock.advance(1);
  assert.match((await asked)?.message ?? '', /locked by another process/);
  assert.match((await ready())?.message ?? '', /locked by another process/, 'at once');
  assert.equal(writes(), 1);
  waiting.resolve();
  await clock.advance(1);
  assert.equal(await ready(), null);
});
