/** Time limits in real processes: stopped ones, and threads that others hold. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
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
writeFileSync(
  PROGRAM,
  `
import { flow, task } from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}';
import { isWatching } from '${pathToFileURL(join(ROOT, 'src/platform/watchdog.ts')).href}';
import { existsSync, writeFileSync } from 'node:fs';
const [what, file] = process.argv.slice(-3, -1) as [string, string];
// A thread has no arguments; limits count outside of it.
const timeoutSeconds = Number(process.argv.at(-1)) || 1;
const nap = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const compute = (ms: number) => { for (const end = performance.now() + ms; performance.now() < end;) { /* */ } };
const until = (): boolean => existsSync(file + '.go');
const waits = task(async () => { writeFileSync(file + '.begun', ''); while (!until()) await nap(20); return 1; }, { name: 'waits', timeoutSeconds });
const computes = task(() => { writeFileSync(file + '.begun', ''); while (!until()) compute(5); return 1; }, { name: 'computes', timeoutSeconds });
const inThread = task(async (path: string) => { const { existsSync, writeFileSync } = await import('node:fs'); writeFileSync(path + '.thread', ''); while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20)); return 1; }, { name: 'in-thread', timeoutSeconds, isolation: 'thread' });
const short = task(async () => { await nap(50); return 1; }, { name: 'short', timeoutSeconds: 1 });
const greedy = task(() => compute(2_500), { name: 'greedy' });
const guilty = task(async () => { await nap(1); compute(2_500); }, { name: 'guilty', timeoutSeconds: 1 });
const guiltyAtOnce = task(() => compute(2_500), { name: 'guilty-at-once', timeoutSeconds: 1 });
const main = flow(async () => {
  // The thread that notices that the process stands still comes with the first limit.
  while (!isWatching()) await nap(5);
  const states = what === 'stopped' ? [waits.state(), inThread.state(file + '.go')]
    : what === 'stopped-busy' ? [computes.state()]
    : what === 'beside' ? [short.state(), greedy.state()]
    : what === 'guilty' ? [guilty.state()] : what === 'guilty-at-once' ? [guiltyAtOnce.state()] : [short.state()];
  if (what === 'flow-computes') compute(2_500);
  writeFileSync(file, '');
  return (await Promise.all(states)).map(({ name }) => name).join(' ');
}, { name: 'own-time', timeoutSeconds: 20 * timeoutSeconds });
// With a limit the thread is there although the event loop has not turned since.
const limited = flow(() => { for (const end = performance.now() + 60_000; !isWatching() && performance.now() < end;) { /* */ } return isWatching() ? 'watched' : 'unwatched'; }, { name: 'limited', timeoutSeconds: 120 });
writeFileSync(file + '.result', await (what === 'limited' ? limited() : main()));
`,
);

let count = 0;

interface Program {
  readonly child: ChildProcess;
  readonly file: string;
  /** The names of the states; else what it said. */
  readonly ended: Promise<string>;
}

function start(what: string, limitSeconds = 1): Program {
  const file = join(folder, `file-${(count += 1)}`);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, OSTINATO_HOME: join(folder, `home-${count}`) };
  const child = spawn(process.execPath, [PROGRAM, what, file, String(limitSeconds)], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<string>((resolve) =>
    child.once('close', () => {
      process.off('exit', kill);
      resolve(existsSync(`${file}.result`) ? readFileSync(`${file}.result`, 'utf8') : stderr);
    }),
  );
  return { child, file, ended };
}

const run = (what: string): Promise<string> => start(what).ended;

/**
 * For longer than the limits, and than what of a stop is counted (a second and a half).
 *
 * On a machine where the bodies take more than a third of their limit to begin, another process with a higher one is
 * tried: the rest is needed.
 */
async function runStopped(what: string, begun: readonly string[]): Promise<string> {
  for (let limitSeconds = 6; ; limitSeconds *= 2) {
    const { child, file, ended } = start(what, limitSeconds);
    let hasEnded = false;
    void ended.then(() => (hasEnded = true));
    const isThere = (ending: string): boolean => existsSync(file + ending);
    for (const limit = performance.now() + WAIT_MS_MAX; !begun.some(isThere) && !hasEnded; await sleep(5))
      assert.ok(performance.now() < limit, 'Nothing began');
    const beganAt = performance.now();
    while (!begun.every(isThere) && !hasEnded && performance.now() < beganAt + limitSeconds * 1000) await sleep(5);
    child.kill('SIGSTOP');
    const usedSeconds = (performance.now() - beganAt) / 1000;
    if (usedSeconds > limitSeconds / 3 && limitSeconds < 60) {
      child.kill('SIGKILL');
      await ended;
      continue;
    }
    await sleep((limitSeconds + 2.5) * 1000);
    writeFileSync(`${file}.go`, '');
    child.kill('SIGCONT');
    return await ended;
  }
}

test('a process that is stopped for longer than its limits: nobody is timed out for it', async () => {
  const [waiting, computing] = await Promise.all([
    runStopped('stopped', ['.begun', '.go.thread']),
    runStopped('stopped-busy', ['.begun']),
  ]);
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

test('a body with a limit is watched from its beginning, also one that computes at once', async () => {
  assert.equal(await run('limited'), 'watched');
});
