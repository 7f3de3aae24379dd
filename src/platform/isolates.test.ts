import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const PROGRAM = `
import { createIsolateHost } from '${new URL('./isolates.ts', import.meta.url).href}';
const isolate = createIsolateHost(new URL(process.argv[1])).spawn(process.argv[2]);
isolate.unref();
await isolate.terminate();
console.log('ended');
`;

for (const kind of ['thread', 'process']) {
  test(`who waits for the end of a ${kind} that keeps nothing alive hears of it, also when nothing else goes on`, () => {
    const entry = new URL('./isolates.ts', import.meta.url).href;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', entry, kind], {
      encoding: 'utf8',
    });
    assert.equal(said, 'ended\n');
  });
}
