/** Signals to a program whose main thread computes and cannot hear them; closed terminals; `nohup`. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { readHome } from './kill-child.ts';
import { LAUNCHER, ROOT, runProgram } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-busy-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const WAIT_MS_MAX = 60_000;

const PROGRAM = join(folder, 'program.ts');
writeFileSync(
  PROGRAM,
  `
import { flow, task, runContext } from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}';
import { isWatching } from '${pathToFileURL(join(ROOT, 'src/platform/watchdog.ts')).href}';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const [kind, file] = process.argv.slice(-2) as [string, string];
const ready = (): void => writeFileSync(file, '');
const compute = (): never => { ready(); for (;;) { /* */ } };
const bodies: Record<string, () => unknown> = {
  loop: compute,
  afterAnAwait: async () => { await null; await new Promise((resolve) => setTimeout(resolve, 1)); compute(); },
  microtasks: async () => { ready(); for (;;) await null; },
  regex: () => { ready(); return /^(a+)+$/.test('a'.repeat(60) + 'b'); },
  inTheSystem: () => { ready(); return readFileSync(0); },
  // Until it is told: then the thread is free again.
  forATime: async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ready();
    while (!existsSync(file + '.go')) { /* */ }
    await new Promise((_, reject) => { const timer = setTimeout(() => {}, 3_600_000); runContext().signal.addEventListener('abort', () => { clearTimeout(timer); reject(runContext().signal.reason); }); });
  },
  idle: async () => {
    process.once('SIGUSR2', () => writeFileSync(file + '.marked', ''));
    ready();
    while (!existsSync(file + '.go')) await new Promise((resolve) => setTimeout(resolve, 10));
    return 'done';
  },
};
const work = task(() => bodies[kind]!(), { name: 'work' });
const main = flow(async () => {
  if (kind === 'atOnce') return compute();
  // The thread that hears when this one cannot comes soon after the first run has begun.
  while (!isWatching()) await new Promise((resolve) => setTimeout(resolve, 5));
  return kind === 'inFlow' ? compute() : await work();
}, { name: 'busy' });
await main();
`,
);

/** As somebody does who sees that nothing happens. */
async function sendUntilEnded({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  for (
    const limit = performance.now() + WAIT_MS_MAX;
    child.exitCode === null && child.signalCode === null;
    await sleep(700)
  ) {
    assert.ok(performance.now() < limit, 'It never ended');
    child.kill(signal);
  }
}

/** One that was sent once, and heard. */
async function startAndBeHeard(kind: string, signal: NodeJS.Signals): Promise<Running> {
  const running = await start(kind);
  running.child.kill(signal);
  await running.untilSaid(/cannot hear it/);
  return running;
}

interface Running {
  readonly child: ChildProcess;
  readonly home: string;
  readonly file: string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>;
  untilSaid(words: RegExp): Promise<void>;
  until(holds: () => boolean, what: string): Promise<void>;
}

const children: ChildProcess[] = [];
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
let count = 0;

async function start(
  kind: string,
  by: 'node' | 'ostinato' = 'node',
  env: Record<string, string> = {},
): Promise<Running> {
  const [home, file] = [join(folder, `home-${(count += 1)}`), join(folder, `ready-${count}`)];
  const words = by === 'node' ? [PROGRAM, kind, file] : [LAUNCHER, 'run', PROGRAM, '--', kind, file];
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, OSTINATO_HOME: home, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  children.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Awaited<Running['ended']>>((resolve) =>
    child.on('exit', (code, signal) => resolve({ code, signal, stderr })),
  );
  const until = async (holds: () => boolean, what: string): Promise<void> => {
    for (const limit = performance.now() + WAIT_MS_MAX; !holds(); await sleep(10))
      assert.ok(performance.now() < limit, `${what}: ${stderr}`);
  };
  await until(() => existsSync(file), 'It never became ready');
  return {
    child,
    home,
    file,
    ended,
    until,
    untilSaid: (said) => until(() => said.test(stderr), `It never said ${String(said)}`),
  };
}

/** What the next command in its home says of it. */
async function whyOf({ home }: Running): Promise<string> {
  const env = { OSTINATO_HOME: home };
  const listed = JSON.parse(
    (await runProgram(process.execPath, [LAUNCHER, 'flow-run', 'ls', '-o', 'json'], { cwd: folder, env })).stdout,
  ) as { name: string }[];
  return (await runProgram(process.execPath, [LAUNCHER, 'why', listed[0]?.name ?? ''], { cwd: folder, env })).stdout;
}

describe('a main thread that is busy', { concurrency: 2, timeout: 120_000 }, () => {
  for (const [kind, signal, by] of [
    ['loop', 'SIGINT', 'node'],
    ['loop', 'SIGTERM', 'ostinato'],
    ['afterAnAwait', 'SIGTERM', 'node'],
    ['microtasks', 'SIGHUP', 'node'],
    ['regex', 'SIGINT', 'ostinato'],
    ['inFlow', 'SIGINT', 'node'],
  ] as const) {
    test(`${kind}, started by ${by}: a second ${signal} ends it at once, by that signal, and the run says why`, async () => {
      const running = await start(kind, by);
      await sendUntilEnded(running, signal);
      const { signal: endedBy, stderr } = await running.ended;
      assert.match(stderr, /cannot hear it/);
      assert.equal(endedBy, signal, stderr);
      assert.match(
        await whyOf(running),
        new RegExp(
          `Crashed: The process was ended by ${signal}: the main thread was busy in ${kind === 'inFlow' ? 'flow run' : 'task run "work-0"'}`,
        ),
      );
    });
  }

  test('one that computes from the first run on is ended by the first signal, as any program', async () => {
    const running = await start('atOnce');
    running.child.kill('SIGTERM');
    const { signal, stderr } = await running.ended;
    assert.equal(signal, 'SIGTERM');
    assert.doesNotMatch(stderr, /cannot hear it/);
    assert.match(await whyOf(running), /Crashed/);
  });

  test('two different signals count as two', async () => {
    const running = await startAndBeHeard('loop', 'SIGINT');
    running.child.kill('SIGTERM');
    assert.equal((await running.ended).signal, 'SIGTERM');
  });

  test('one signal is enough, after a grace', async () => {
    const running = await startAndBeHeard('loop', 'SIGTERM');
    assert.equal((await running.ended).signal, 'SIGTERM');
  });

  test('a thread in a call of the system cannot be interrupted: it is killed, and the run still says why', async () => {
    const running = await startAndBeHeard('inTheSystem', 'SIGTERM');
    running.child.kill('SIGTERM');
    assert.equal((await running.ended).signal, 'SIGKILL');
    assert.match(await whyOf(running), /ended by SIGTERM: the main thread was busy and could not be interrupted/);
  });

  test('a thread that is free again within the grace hears the signal: everything goes its ordinary way', async () => {
    const running = await startAndBeHeard('forATime', 'SIGINT');
    writeFileSync(`${running.file}.go`, '');
    const { code, stderr } = await running.ended;
    assert.match(stderr, /Cancelled by Ctrl-C/);
    assert.equal(code, 130);
    assert.deepEqual(
      readHome(running.home).flowRuns.map(({ state }) => state),
      ['Cancelled'],
    );
  });
});

test('the terminal is closed: as graceful as SIGTERM, though nobody reads what is said', async () => {
  const running = await start('forATime');
  running.child.stderr?.destroy();
  writeFileSync(`${running.file}.go`, '');
  running.child.kill('SIGHUP');
  assert.equal((await running.ended).code, 129);
  assert.deepEqual(
    readHome(running.home).flowRuns.map(({ state }) => state),
    ['Crashed'],
  );
  assert.match(readHome(running.home).evidence.join(), /SIGHUP/);
});

test('under nohup a closed terminal is nothing', async () => {
  const running = await start('idle', 'node', { _: '/usr/bin/nohup' });
  running.child.kill('SIGHUP');
  // Delivered after the other one.
  running.child.kill('SIGUSR2');
  await running.until(() => existsSync(`${running.file}.marked`), 'The second signal never arrived');
  writeFileSync(`${running.file}.go`, '');
  assert.equal((await running.ended).code, 0);
  assert.deepEqual(
    readHome(running.home).flowRuns.map(({ state }) => state),
    ['Completed'],
  );
  assert.equal(readFileSync(running.file, 'utf8'), '');
});
