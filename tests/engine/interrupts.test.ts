/**
 * Row RT6 with real signals: Ctrl-C once cancels gracefully, twice stops now; SIGTERM stops and leaves the run to be
 * continued.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-interrupts-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const door = pathToFileURL(join(import.meta.dirname, '../../src/index.ts')).href;
const watchdog = pathToFileURL(join(import.meta.dirname, '../../src/platform/watchdog.ts')).href;

const SCRIPT = [
  `import { flow, task, runContext } from '${door}';`,
  `import { isWatching } from '${watchdog}';`,
  'const waiting = task(async (listens: boolean) => {',
  '  while (!isWatching()) await new Promise((resolve) => setTimeout(resolve, 5));',
  '  console.log("ready");',
  '  await new Promise((_, reject) => { const timer = setInterval(() => {}, 1000); if (listens) runContext().signal.addEventListener("abort", () => { clearInterval(timer); reject(runContext().signal.reason); }); });',
  '}, { name: "waiting" });',
  'const child = flow(({ listens }: { listens: boolean }) => waiting(listens), { name: "child" });',
  'const parent = flow((parameters: { listens: boolean }) => child(parameters), { name: "parent",',
  '  onCancellation: () => { console.log("hook: cancelled"); }, onCrashed: () => { console.log("hook: crashed"); } });',
  'await parent({ listens: process.argv[2] === "listens" }).wait();',
].join('\n');

async function interrupt(
  name: string,
  listens: boolean,
  signals: readonly NodeJS.Signals[],
): Promise<{ readonly code: number | null; readonly stdout: string; readonly states: Record<string, string> }> {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, SCRIPT);
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn(process.execPath, [path, listens ? 'listens' : 'deaf'], {
    env: { ...environment, OSTINATO_HOME: join(folder, name) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const left = [...signals];
  const send = (): void => {
    const signal = left.shift();
    if (signal) child.kill(signal);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
    if (String(chunk).includes('ready')) send();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
    if (/Press Ctrl-C again/.test(String(chunk))) send();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const storage = openSqliteStorage({ path: join(folder, name, 'ostinato.db') });
  const runs = await storage.list('flow_run', { limit: 10 });
  await Promise.resolve(storage.close());
  assert.ok(runs.length === 2, stderr);
  return { code, stdout, states: Object.fromEntries(runs.map((run) => [run.flowName, run.state.type])) };
}

test('RT6 Ctrl-C once: signal, hooks, Cancelled, exit code 130', async () => {
  const { code, stdout, states } = await interrupt('once', true, ['SIGINT']);
  assert.deepEqual([code, states], [130, { parent: 'CANCELLED', child: 'CANCELLED' }]);
  assert.match(stdout, /hook: cancelled/);
});

test('RT6 Ctrl-C twice: stops now, Crashed', async () => {
  const { code, states } = await interrupt('twice', false, ['SIGINT', 'SIGINT']);
  assert.deepEqual([code, states['parent']], [130, 'CRASHED']);
});

test('RT6 SIGTERM: stops, and leaves the run Crashed, to be continued elsewhere', async () => {
  const { code, stdout, states } = await interrupt('term', true, ['SIGTERM']);
  assert.deepEqual([code, states], [143, { parent: 'CRASHED', child: 'CRASHED' }]);
  assert.match(stdout, /hook: crashed/);
});
