/**
 * Row FL2 with a real process: a script that calls a flow is recorded in the home, without any server; and a busy loop
 * starves nothing.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { flow, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-plain-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const door = pathToFileURL(join(import.meta.dirname, '../../src/index.ts')).href;

function runScript(
  name: string,
  lines: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, [`import { flow, task, runContext } from '${door}';`, ...lines].join('\n'));
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path],
      { env: { ...environment, OSTINATO_HOME: join(folder, name) } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}

test('FL2 a script that calls a flow: its value, its lines on stderr, its record in the home, exit code 0', async () => {
  const { code, stdout, stderr } = await runScript('good', [
    'const double = task((x: number) => x * 2, { name: "double" });',
    'const parent = flow(async ({ x }: { x: number }) => double(x), { name: "parent" });',
    'console.log(await parent({ x: 21 }));',
  ]);
  assert.deepEqual([code, stdout], [0, '42\n'], stderr);
  assert.match(stderr, /Completed/);
  assert.ok(existsSync(join(folder, 'good', 'ostinato.db')));
});

test('FL2 a script whose flow fails ends with the error and exit code 1', async () => {
  const { code, stderr } = await runScript('bad', [
    'await flow(() => { throw new RangeError("not today"); }, { name: "parent" })();',
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /RangeError: not today/);
});

test('FL2 a flow that is called and not awaited is finished before the program ends', async () => {
  const { code, stdout } = await runScript('floating', [
    'const later = task(async () => { await new Promise((resolve) => setTimeout(resolve, 50)); console.log("done"); }, { name: "later" });',
    'flow(async () => { later(); }, { name: "parent" })();',
  ]);
  assert.deepEqual([code, stdout], [0, 'done\n']);
});

test('TK2 ten thousand sequential no-op tasks starve neither timers nor signals', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const noop = task((n: number) => n, { name: 'noop', durability: 'none' });
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 5);
  const parent = flow(async () => {
    for (let n = 0; n < 10_000; n += 1) await noop(n);
  });
  await world.run(() => parent());
  clearInterval(timer);
  // A loop that never lets the event loop in would see none.
  assert.ok(ticks > 2, `${ticks} ticks`);
  assert.equal((await world.ports.client.countByState('task_run')).COMPLETED, 10_000);
});
