/** Time limits in real processes: stopped ones, and threads that others hold. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { ROOT } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-own-time-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const WAIT_MS_MAX = 60_000;

const PROGRAM = join(folder, 'program.ts');
writeFileSync(PROGRAM, `
import { flow, task } from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}';
import { existsSync, writeFileSync } from 'node:fs';
const [what, file] = process.argv.slice(-2) as [string, string];
const nap = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const compute = (ms: number) => { for (const end = performance.now() + ms; performance.now() < end;) { /* */ } };
const until = (): boolean => existsSync(file + '.go');
const waits = task(async () => { while (!until()) await nap(20); return 1; }, { name: 'waits', timeoutSeconds: 6 });
const computes = task(() => { while (!until()) compute(5); return 1; }, { name: 'computes', timeoutSeconds: 6 });
const inThread = task(async (path: string) => { const { existsSync } = await import('node:fs'); while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20)); return 1; }, { name: 'in-thread', timeoutSeconds: 6, isolation: 'thread' });
const short = task(async () => { await nap(50); return 1; }, { name: 'short', timeoutSeconds: 1 });
const greedy = task(() => compute(2_500), { name: 'greedy' });
const guilty = task(async () => { await nap(1); compute(2_500); }, { name: 'guilty', timeoutSeconds: 1 });
const guiltyAtOnce = task(() => compute(2_500), { name: 'guilty-at-once', timeoutSeconds: 1 });
const main = flow(async () => {
  const states = what === 'stopped' ? [waits.state(), inThread.state(file + '.go')]
    : what === 'stopped-busy' ? [computes.state()]
    : what === 'beside' ? [short.state(), greedy.state()]
    : what === 'guilty' ? [guilty.state()] : what === 'guilty-at-once' ? [guiltyAtOnce.state()] : [short.state()];
  if (what === 'flow-computes') compute(2_500);
  writeFileSync(file, '');
  return (await Promise.all(states)).map(({ name }) => name).join(' ');
}, { name: 'own-time', timeoutSeconds: 20 });
writeFileSync(file + '.result', await main());
`);

let count = 0;

async function run(what: string, act?: (child: ReturnType<typeof spawn>) => Promise<void>): Promise<string> {
  const file = join(folder, `file-${(count += 1)}`);
  const child = spawn(process.execPath, [PROGRAM, what, file], { env: { PATH: process.env['PATH'] ?? '', HOME: folder, OSTINATO_HOME: join(folder, `home-${count}`) }, stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise((resolve) => child.once('close', resolve));
  if (act) {
    for (const limit = performance.now() + WAIT_MS_MAX; !/▶/.test(stderr); await sleep(10)) assert.ok(performance.now() < limit, stderr);
    await act(child);
    writeFileSync(`${file}.go`, '');
  }
  await ended;
  process.off('exit', kill);
  return existsSync(`${file}.result`) ? readFileSync(`${file}.result`, 'utf8') : stderr;
}

/** Longer than the limits (6 s), and than what of a stop is counted (a second and a half). */
async function stopForAWhile(child: ReturnType<typeof spawn>): Promise<void> {
  // The thread that notices it takes a moment to start.
  await sleep(3_000);
  child.kill('SIGSTOP');
  await sleep(9_000);
  child.kill('SIGCONT');
}

test('a process that is stopped for longer than its limits: nobody is timed out for it', async () => {
  const [waiting, computing] = await Promise.all([run('stopped', stopForAWhile), run('stopped-busy', stopForAWhile)]);
  assert.deepEqual([waiting, computing], ['Completed Completed', 'Completed']);
});

test('a task that waits while another one, or its flow, computes has its own time', async () => {
  assert.equal(await run('beside'), 'Completed Completed');
  assert.equal(await run('flow-computes'), 'Completed');
});

test('a body that computes past its limit is timed out, at once or after an await', async () => {
  assert.equal(await run('guilty'), 'TimedOut');
  assert.equal(await run('guilty-at-once'), 'TimedOut');
});
