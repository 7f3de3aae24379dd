import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { EventFilter } from '../../../core/event-filter.ts';
import { allOf, EVERYTHING, type Condition } from '../../../core/query.ts';
import type { Instant } from '../../../core/time.ts';
import { openSqliteStorage } from './index.ts';

const ALL: EventFilter = {
  since: 0 as Instant,
  until: 2_000_000_000_000_000 as Instant,
  where: EVERYTHING,
  isDistinct: false,
  order: 'desc',
};

function ofResource(where: Condition): Condition {
  return { op: 'exists', noun: 'event_resource', where };
}

test('what may take long is read beside: texts in events, long patterns of names; and what asks too much is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-long-reads-'));
  const storage = openSqliteStorage({ path: join(folder, 'ostinato.db'), groupCommits: true });
  try {
    await storage.countEvents(ALL); // The first question loads what asks.
    assert.equal(storage.countEvents(ALL), 0, 'an index leads to it: it is answered at once');
    for (const filter of [
      { ...ALL, where: { op: 'contains', field: 'text', text: 'needle' } as const },
      { ...ALL, isDistinct: true },
      { ...ALL, where: ofResource({ op: 'hasAnyPrefix', field: 'id', values: ['a'] }) },
    ]) {
      const [found, count] = [storage.findEvents({ filter, limit: 5 }), storage.countEvents(filter)];
      assert.ok(found instanceof Promise && count instanceof Promise);
      assert.deepEqual([await found, await count], [[], 0]);
    }
    const flowsNamed = (pattern: string) =>
      storage.find('flow', { where: { op: 'like', field: 'name', pattern }, sort: [], limit: 5, offset: 0 });
    assert.deepEqual([await flowsNamed('%a_b%'), await flowsNamed(`%${'a_'.repeat(100)}%`)], [[], []]);
    const many = {
      op: 'or',
      of: Array.from({ length: 2000 }, () => ({ op: 'eq', field: 'name', value: 'a' }) as const),
    } as const;
    await assert.rejects(async () => storage.find('flow', { where: many, sort: [], limit: 5, offset: 0 }), {
      code: 'bad-input',
    });
    const named = Array.from({ length: 90 }, (_, index) =>
      ofResource({ op: 'in', field: 'id', values: Array.from({ length: 15 }, (_unused, at) => `${index} ${at}`) }),
    );
    assert.throws(() => storage.countEvents({ ...ALL, where: allOf(named) }), { code: 'bad-input' });
  } finally {
    storage.close();
    rmSync(folder, { recursive: true });
  }
});
