/** A task outside any flow whose process is killed, or interrupted, ends all the same: found by its process. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { LAUNCHER, makePlace, ROOT, type Place } from './launch.ts';

/** Generous on a busy machine. */
const WAIT_MS_MAX = 60_000;

interface Row {
  readonly name: string;
  readonly state: { readonly type: string; readonly message: string | null };
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const limit = performance.now() + WAIT_MS_MAX; performance.now() < limit; await sleep(50)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  return assert.fail(`It never happened: ${what}`);
}

async function startHolding({ home, project }: Place, env: Record<string, string> = {}): Promise<ChildProcess> {
  const effects = join(project, 'effects');
  const child = spawn(process.execPath, [join(ROOT, 'tests', 'journeys', 'lost-task-program.ts'), effects], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, OSTINATO_HOME: home, ...env },
    stdio: 'ignore',
  });
  process.once('exit', () => child.kill('SIGKILL'));
  await until(async () => (existsSync(effects) ? true : undefined), 'the task has begun');
  return child;
}

function gone(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

async function statesOf({ ostinato }: Place, env: Record<string, string> = {}): Promise<Record<string, Row['state']>> {
  const { stdout, stderr } = await ostinato(['task-run', 'ls', '-o', 'json'], { env });
  assert.ok(stdout.startsWith('['), stderr);
  return Object.fromEntries((JSON.parse(stdout) as Row[]).map(({ name, state }) => [name.replace(/-\d+$/, ''), state]));
}

test('a killed process: its task is Crashed with the evidence, what it finished stays', async () => {
  const place = makePlace();
  const child = await startHolding(place);
  const ended = gone(child);
  // Its start is recorded some milliseconds after it.
  await until(
    async () => ((await statesOf(place))['hold']?.type === 'RUNNING' ? true : undefined),
    'it is seen running',
  );
  child.kill('SIGKILL');
  await ended;
  const { hold, done } = await statesOf(place);
  assert.equal(hold?.type, 'CRASHED');
  assert.match(hold.message ?? '', /No process has the id \d+|has ended/);
  assert.equal(done?.type, 'COMPLETED');
});

test('Ctrl-C: its task is Cancelled', async () => {
  const place = makePlace();
  const child = await startHolding(place);
  const ended = gone(child);
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.equal((await statesOf(place))['hold']?.type, 'CANCELLED');
});

test('a server finds it by itself', async () => {
  const place = makePlace();
  const server = spawn(process.execPath, [LAUNCHER, 'server', 'start', '--port', '0'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: place.home, OSTINATO_HOME: place.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => server.kill('SIGKILL'));
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  try {
    const url = await until(async () => /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0], 'the server listens');
    const child = await startHolding(place, { OSTINATO_API_URL: `${url}/api` });
    const ended = gone(child);
    const seen = async (): Promise<string | undefined> => {
      const answer = await fetch(`${url}/api/task_runs/filter`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      return ((await answer.json()) as { name: string; state_type: string }[]).find(({ name }) =>
        name.startsWith('hold'),
      )?.state_type;
    };
    await until(async () => ((await seen()) === 'RUNNING' ? true : undefined), 'it is seen running');
    child.kill('SIGKILL');
    await ended;
    await until(async () => ((await seen()) === 'CRASHED' ? true : undefined), 'the server marks it');
  } finally {
    const closed = gone(server);
    server.kill('SIGTERM');
    await closed;
  }
});
