/** Going on with a run in a file that has several flows of its name. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { makePlace } from './launch.ts';

const place = makePlace();
const { ostinato, project } = place;

writeFileSync(
  join(project, 'names.ts'),
  `
import { flow, task } from 'ostinato';
import { appendFileSync, existsSync } from 'node:fs';
const work = task(async (whose: string) => { appendFileSync('done.txt', whose + '\\n'); return whose; });
const check = task(async () => { if (!existsSync('go')) throw new Error('not yet'); });
export const first = flow(async () => { const done = await work('first'); await check(); return done; }, { name: 'same' });
export const second = flow(async () => { const done = await work('second'); await check(); return done; }, { name: 'same' });
const make = (tenant: string) => flow(async () => { await check(); return await work(tenant); }, { name: 'sync' });
export const north = make('north');
export const south = make('south');
`,
);

async function failed(entrypoint: string): Promise<string> {
  assert.equal((await ostinato(['run', entrypoint])).exitCode, 1);
  const { stdout } = await ostinato(['flow-run', 'ls', '--limit', '1', '-o', 'json']);
  return (JSON.parse(stdout) as { readonly id: string }[])[0]?.id ?? '';
}

test('a retry takes the flow that the run is of, by its source; of several that look the same it asks for the export', async () => {
  const ids = [await failed('names.ts:first'), await failed('names.ts:second'), await failed('names.ts:north')];
  writeFileSync(join(project, 'go'), '');
  for (const id of ids.slice(0, 2)) {
    const retried = await ostinato(['flow-run', 'retry', id]);
    assert.equal(retried.exitCode, 0, retried.stderr);
  }
  const unclear = await ostinato(['flow-run', 'retry', ids[2] ?? '']);
  assert.notEqual(unclear.exitCode, 0);
  assert.match(unclear.stderr, /several flows "sync" from one source[\s\S]*--entrypoint .*names\.ts:EXPORT/);
  const named = await ostinato(['flow-run', 'retry', ids[2] ?? '', '--entrypoint', 'names.ts:north']);
  assert.equal(named.exitCode, 0, named.stderr);
  assert.deepEqual(readFileSync(join(project, 'done.txt'), 'utf8').trimEnd().split('\n'), ['first', 'second', 'north']);
});
