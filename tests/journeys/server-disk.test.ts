/**
 * A server whose disk fills up: it stays, says so, confirms nothing that it does not have, and goes on when there is
 * room.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';

import { makeSmallDisk } from './disk-trouble.ts';
import { LAUNCHER } from './launch.ts';

const KILOBYTES = 3000;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

const taskRunEvent = (index: number): string => {
  const state = { type: 'COMPLETED', name: 'Completed', message: 'x'.repeat(500), state_details: {}, data: null };
  const taskRunId = crypto.randomUUID();
  return JSON.stringify({
    id: crypto.randomUUID(),
    occurred: new Date().toISOString(),
    event: 'prefect.task-run.Completed',
    related: [],
    resource: {
      'prefect.resource.id': `prefect.task-run.${taskRunId}`,
      'prefect.resource.name': `t-${index}`,
      'prefect.orchestration': 'client',
    },
    payload: {
      validated_state: state,
      task_run: { name: `t-${index}`, task_key: 't', dynamic_key: taskRunId, tags: ['of-the-full-disk'] },
    },
  });
};

/** A server whose database lies on the disk; answers once it listens. */
async function startOn(
  disk: ReturnType<typeof makeSmallDisk>,
  database: string,
  place: string,
): Promise<{ child: ChildProcess; heard: { said: string } }> {
  const home = join(place, 'home');
  const [program = '', ...words] = disk.around([
    process.execPath,
    LAUNCHER,
    'server',
    'start',
    '--port',
    '0',
    '--database',
    `sqlite:${database}`,
  ]);
  const child = spawn(program, words, {
    cwd: place,
    env: { PATH: process.env['PATH'], HOME: home, OSTINATO_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const heard = { said: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.said += text));
  while (!heard.said.includes('Ctrl-C')) {
    assert.equal(child.exitCode, null, `the server ended: ${heard.said}`);
    await delay(20);
  }
  return { child, heard };
}

test('a server on a disk that fills up', { timeout: 120_000 }, async (t) => {
  const servers: ChildProcess[] = [];
  // Hooks run in this order: the server must be gone before its disk is taken away.
  t.after(async () => {
    for (const server of servers) if (server.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit');
  });
  const place = mkdtempSync(join(tmpdir(), 'ostinato-server-disk-'));
  const folder = join(place, 'disk');
  const disk = makeSmallDisk(folder, KILOBYTES);
  t.after(() => rmSync(place, { recursive: true, force: true, maxRetries: 3 }));
  const { child, heard } = await startOn(disk, join(folder, 'server.db'), place);
  servers.push(child);
  const api = `${/http:\S+/.exec(heard.said)?.[0]}/api`;
  const post = async (path: string, body: unknown): Promise<Answer> => {
    const response = await fetch(api + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as Record<string, unknown>,
    };
  };

  const acknowledged: string[] = [];
  const fill = join(folder, 'fill');
  let refused: Answer;
  for (let index = 0; ; index += 1) {
    const name = `v-${index}`;
    const answer = await post('/variables/', { name, value: 'x'.repeat(4000) });
    if (answer.status !== 201) {
      refused = answer;
      break;
    }
    acknowledged.push(name);
    if (index === 20 && disk.kind === 'tmpfs')
      assert.throws(() => writeFileSync(fill, 'x'.repeat(KILOBYTES * 1024)), /ENOSPC/);
  }
  // A file that may not grow is an I/O error to SQLite.
  const expected = disk.kind === 'tmpfs' ? ['store-full', '3'] : ['store-unavailable', '1'];
  assert.deepEqual([refused.status, refused.body['code'], refused.retryAfter], [503, ...expected]);
  assert.match(String(refused.body['remedy']), /Free some space|Look whether/);
  assert.equal((await fetch(`${api}/variables/name/v-0`)).status, 200, 'what is there can be read');

  const ready = async (): Promise<number> => (await fetch(`${api}/ready`)).status;
  while ((await ready()) !== 503) await delay(100);
  assert.equal((await fetch(`${api}/health`)).status, 200, 'it answers all the same');

  // A client's events: sent, and not confirmed.
  const socket = new WebSocket(api.replace('http', 'ws') + '/events/in');
  await once(socket, 'open');
  for (let index = 0; index < 200; index += 1) socket.send(taskRunEvent(index));
  socket.ping();
  let isConfirmed = false;
  const confirmed = once(socket, 'pong').then(() => (isConfirmed = true));
  while (!heard.said.includes('Events wait')) await delay(20);
  for (let request = 0; request < 30; request += 1)
    assert.equal((await post('/variables/', { name: `late-${request}`, value: 'x'.repeat(4000) })).status, 503);
  assert.equal(isConfirmed, false);

  rmSync(fill, { force: true });
  disk.grow(child.pid);
  while ((await ready()) !== 200) await delay(100);
  await confirmed;
  assert.equal(
    (await post('/task_runs/count', { task_runs: { tags: { all_: ['of-the-full-disk'] } } })).body as unknown,
    200,
  );
  assert.equal((await post('/variables/', { name: 'after', value: 1 })).status, 201);
  assert.equal((await post('/variables/count', {})).body as unknown, acknowledged.length + 1);
  socket.terminate();
  assert.ok(
    heard.said.split('\n').filter((line) => line.includes('server.db ')).length <= 4,
    `many requests fail, few lines say so:\n${heard.said}`,
  );
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
