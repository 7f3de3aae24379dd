/**
 * A limit on a tag holds between processes, without a server and with one, and beside clients that take their slots
 * over HTTP.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { until } from './background.ts';
import { FlakyServer } from './flaky-server.ts';
import { LAUNCHER, makePlace, ROOT, runProgram, type Place } from './launch.ts';

function start(
  context: TestContext,
  place: Place,
  env: Record<string, string>,
  ...words: string[]
): { readonly child: ChildProcess; readonly ended: Promise<number | null>; readonly text: () => string } {
  const child = spawn(process.execPath, [join(ROOT, 'tests', 'journeys', 'tag-limits-program.ts'), ...words], {
    cwd: place.project,
    env: { PATH: process.env['PATH'], HOME: place.home, OSTINATO_HOME: place.home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, ended: new Promise((resolve) => child.once('close', resolve)), text: () => text };
}

const linesOf = (log: string): string[] =>
  existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];

/** The most bodies that ran at once, of all processes together. */
function most(log: string): number {
  let [running, top] = [0, 0];
  for (const line of linesOf(log)) top = Math.max(top, (running += line.startsWith('+') ? 1 : -1));
  return top;
}

async function limit(place: Place, env: Record<string, string>, slots: number): Promise<void> {
  const made = await runProgram(process.execPath, [LAUNCHER, 'concurrency', 'create', 'db', String(slots)], {
    cwd: place.project,
    env: { HOME: place.home, OSTINATO_HOME: place.home, ...env },
  });
  assert.equal(made.exitCode, 0, made.stderr);
}

for (const way of ['without a server', 'with a server'] as const) {
  test(`${way}: two processes together run at most so many; the slots of one that is killed are free`, async (context) => {
    const place = makePlace();
    const server = way === 'with a server' ? await FlakyServer.start(place.project) : null;
    context.after(() => server?.close());
    const env: Record<string, string> = server ? { OSTINATO_API_URL: server.apiUrl } : {};
    await limit(place, env, 2);
    const log = join(place.project, 'log');
    const both = [start(context, place, env, '6', log), start(context, place, env, '6', log)];
    for (const { ended, text } of both) assert.equal(await ended, 0, text());
    assert.equal(linesOf(log).length, 24);
    assert.equal(most(log), 2);

    await limit(place, env, 1);
    const stuck = join(place.project, 'stuck');
    const holder = start(context, place, env, '1', stuck, 'stay');
    await until(`the holder has the slot: ${holder.text()}`, () => linesOf(stuck).length === 1);
    const next = start(context, place, env, '1', log);
    await until(`the next one waits: ${next.text()}`, async () => {
      const listed = await runProgram(process.execPath, [LAUNCHER, 'task-run', 'ls', '-o', 'json'], {
        cwd: place.project,
        env: { HOME: place.home, OSTINATO_HOME: place.home, ...env },
      });
      return listed.stdout.includes('AwaitingConcurrencySlot');
    });
    holder.child.kill('SIGKILL');
    assert.equal(await next.ended, 0, next.text());
    assert.equal(linesOf(log).length, 26);
  });
}

test('a server that is too busy to say who holds what is asked again: the limit holds', async (context) => {
  const place = makePlace();
  const server = await FlakyServer.start(place.project);
  context.after(() => server.close());
  const env = { OSTINATO_API_URL: server.apiUrl };
  await limit(place, env, 1);
  let refused = 0;
  server.proxy.fate = (_count, { url }) => {
    if (url?.includes('tag_slots/take') !== true || refused >= 20) return { kind: 'pass' };
    refused += 1;
    return { kind: 'answer', status: 503 };
  };
  const log = join(place.project, 'log');
  const both = [start(context, place, env, '4', log), start(context, place, env, '4', log)];
  for (const { ended, text } of both) assert.equal(await ended, 0, text());
  assert.equal(linesOf(log).length, 16);
  assert.deepEqual([most(log), refused], [1, 20]);
});

test('limits are listed and lifted', async () => {
  const place = makePlace();
  const ostinato = async (...words: string[]) =>
    await runProgram(process.execPath, [LAUNCHER, 'concurrency', ...words], {
      cwd: place.project,
      env: { HOME: place.home, OSTINATO_HOME: place.home },
    });
  assert.match((await ostinato('ls')).stdout, /No limits yet/);
  assert.match((await ostinato('create', 'db', '2')).stdout, /At most 2 task runs tagged db at once/);
  assert.match((await ostinato('create', 'db', '3')).stdout, /At most 3 task runs tagged db at once, from now on/);
  assert.deepEqual(JSON.parse((await ostinato('ls', '-o', 'json')).stdout), [
    { tag: 'db', concurrency_limit: 3, active_slots: 0, task_run_ids: [] },
  ]);
  for (const slots of ['-1', '1.5', 'many', '99999999999'])
    assert.notEqual((await ostinato('create', 'db', slots)).exitCode, 0);
  assert.match((await ostinato('delete', 'db')).stdout, /lifted/);
  const again = await ostinato('delete', 'db');
  assert.match(again.stderr, /There is no limit on the tag "db"/);
  assert.equal(again.exitCode, 3);
});

test('a slot that another client has taken over HTTP is taken for our tasks, too', async (context) => {
  const place = makePlace();
  const server = await FlakyServer.start(place.project);
  context.after(() => server.close());
  const env = { OSTINATO_API_URL: server.apiUrl };
  const ask = async (
    path: string,
    body: object,
  ): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> => {
    const answer = await fetch(`${server.apiUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
  await limit(place, env, 1);
  const theirs = { names: ['tag:db', 'tag:other'], slots: 1, mode: 'concurrency', lease_duration: 60 };
  const taken = await ask('/v2/concurrency_limits/increment-with-lease', theirs);
  assert.equal(taken.status, 200, JSON.stringify(taken.json));
  const log = join(place.project, 'log');
  const ours = start(context, place, env, '1', log);
  await until(`ours waits: ${ours.text()}`, async () => {
    const states = await ask('/task_runs/filter', {
      task_runs: { state: { name: { any_: ['AwaitingConcurrencySlot'] } } },
    });
    return Array.isArray(states.json) && states.json.length === 1;
  });
  assert.deepEqual(linesOf(log), []);
  await ask('/v2/concurrency_limits/decrement-with-lease', { lease_id: taken.json['lease_id'] });
  assert.equal(await ours.ended, 0, ours.text());
  assert.equal(linesOf(log).length, 2);
  assert.equal((await ask('/v2/concurrency_limits/increment-with-lease', theirs)).status, 200);
});
