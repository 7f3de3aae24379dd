import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { EventFilter } from '../../../core/event-filter.ts';
import type { Instant } from '../../../core/time.ts';
import { openSqliteStorage } from './index.ts';

const EVERYTHING: EventFilter = {
  since: 0 as Instant,
  until: 2_000_000_000_000_000 as Instant,
  prefixes: [],
  excludedPrefixes: [],
  names: [],
  excludedNames: [],
  resource: null,
  isDistinct: false,
  related: [],
  anyResource: [],
  ids: [],
  text: null,
  order: 'desc',
};

test('what may take long is read beside: texts in events, long patterns of names; and what asks too much is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-long-reads-'));
  const storage = openSqliteStorage({ path: join(folder, 'ostinato.db'), groupCommits: true });
  try {
    const text = { oneOf: ['needle'], required: [], excluded: [] };
    await storage.countEvents(EVERYTHING); // The first question loads what asks.
    assert.equal(storage.countEvents(EVERYTHING), 0, 'an index leads to it: it is answered at once');
    for (const filter of [
      { ...EVERYTHING, text },
      { ...EVERYTHING, isDistinct: true },
      { ...EVERYTHING, resource: { ids: [], idPrefixes: ['a'], labels: [] } },
    ]) {
      const [found, count] = [storage.findEvents({ filter, limit: 5 }), storage.countEvents(filter)];
      assert.ok(found instanceof Promise && count instanceof Promise);
      assert.deepEqual([await found, await count], [[], 0]);
    }
    const named = (pattern: string) =>
      storage.find('flow', { where: { op: 'like', field: 'name', pattern }, sort: [], limit: 5, offset: 0 });
    assert.deepEqual([await named('%a_b%'), await named(`%${'a_'.repeat(100)}%`)], [[], []]);
    const many = {
      op: 'or',
      of: Array.from({ length: 2000 }, () => ({ op: 'eq', field: 'name', value: 'a' }) as const),
    } as const;
    await assert.rejects(async () => storage.find('flow', { where: many, sort: [], limit: 5, offset: 0 }), {
      code: 'bad-input',
    });
    const names = Array.from({ length: 90 }, (_, index) => ({
      ids: Array.from({ length: 90 }, (_unused, at) => `${index} ${at}`),
      idPrefixes: [],
      labels: [],
    }));
    assert.throws(() => storage.countEvents({ ...EVERYTHING, anyResource: names }), { code: 'bad-input' });
  } finally {
    storage.close();
    rmSync(folder, { recursive: true });
  }
});
