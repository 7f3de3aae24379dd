import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { TaskRunId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import { cacheFolder } from './cache-folder.ts';

test('RC9 RC10 a claim in a shared folder that is only begun to be written is one; whoever died over it is followed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-keys-'));
  try {
    const keys = cacheFolder(folder);
    const asked = { key: 'cd'.repeat(16), taskKey: 'double-1', refresh: false, now: (Date.now() * 1000) as Instant };
    const taskRunId = '2' as unknown as TaskRunId;
    const path = join(folder, 'cd', `${asked.key}.claim.json`);
    mkdirSync(join(folder, 'cd'), { recursive: true });
    for (const begun of ['', '{"taskRunId":"1","hol']) {
      writeFileSync(path, begun);
      assert.equal((await keys.claim({ ...asked, taskRunId })).status, 'busy', begun);
      assert.equal(readFileSync(path, 'utf8'), begun, 'it is left alone');
    }
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path, longAgo, longAgo);
    assert.equal((await keys.claim({ ...asked, taskRunId })).status, 'claimed');
    await keys.settle({ key: asked.key, taskRunId, entry: null });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
