import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { hashText } from './hash.ts';
import { ResultFiles } from './result-files.ts';
import { ResultShelf } from './result-shelf.ts';

test('results are found by the time of their last writing, folder by folder, and removed; named ones stay', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-shelf-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = new ResultFiles(folder);
  const write = (text: string, daysAgo: number): string => {
    const key = files.write(hashText(text), text, { sync: false });
    const at = new Date(Date.now() - daysAgo * 86_400_000);
    utimesSync(join(folder, key.slice(0, 2), key.slice(2, 4), key), at, at);
    return key;
  };
  const old = Array.from({ length: 20 }, (_, index) => write(`old ${index}`, 31));
  const young = Array.from({ length: 5 }, (_, index) => write(`young ${index}`, 1));
  files.write(hashText('named'), 'named', { sync: false, name: 'report' });
  const again = write('written again', 31);
  files.write(hashText('written again'), 'written again', { sync: false });
  assert.ok(
    Date.now() - statSync(join(folder, again.slice(0, 2), again.slice(2, 4), again)).mtimeMs < 3_600_000,
    'whoever writes it again makes it young',
  );

  const shelf = new ResultShelf(folder);
  const before = (Date.now() - 30 * 86_400_000) * 1000;
  const found: string[] = [];
  for (let part = await shelf.listBefore(before); part.length > 0; part = await shelf.listBefore(before))
    found.push(...part);
  assert.deepEqual(new Set(found), new Set(old));
  await shelf.remove(found);
  assert.deepEqual(
    old.map((key) => files.read(key)),
    old.map(() => null),
  );
  assert.ok([...young, again].every((key) => files.read(key) !== null));
  assert.ok(existsSync(join(folder, 'named')));
  assert.deepEqual(await shelf.listBefore(before), [], 'it begins anew');
  assert.deepEqual(await new ResultShelf(join(folder, 'nowhere')).listBefore(before), []);
});
