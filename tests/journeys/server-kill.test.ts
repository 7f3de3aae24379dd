/** The server is killed under load, again and again: what it acknowledged is there, and its callers go on. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { LAUNCHER, makePlace } from './launch.ts';

const KILLS = 4;
const CALLERS = 8;
const ACKNOWLEDGED_BEFORE_KILL = 60;

const { home, project } = makePlace();
let child: ChildProcess | undefined;
after(() => void child?.kill('SIGKILL'));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function startServer(port: number): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, 'server', 'start', '--port', String(port)], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: home, OSTINATO_HOME: home, OSTINATO_SERVER_BUILD_PAGES: 'false' },
    stdio: 'ignore',
  });
}

/** As clients do: the same request again until somebody answers it. */
async function insist(
  url: string,
  init?: RequestInit,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  for (;;) {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
      if (response.status < 500)
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } catch {
      // Nobody is there, or it died while it answered.
    }
    await delay(20);
  }
}

const post = (url: string, body: unknown): ReturnType<typeof insist> =>
  insist(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('every acknowledged write is there after kill -9, and every caller goes on', async () => {
  const port = await freePort();
  const api = `http://127.0.0.1:${port}/api`;
  /** State type by run, as it was acknowledged last. */
  const acknowledged = new Map<string, string>();
  let isOver = false;

  child = startServer(port);
  const flow = await post(`${api}/flows/`, { name: 'under load' });
  const caller = async (): Promise<number> => {
    let rounds = 0;
    while (!isOver) {
      const key = crypto.randomUUID();
      const made = await post(`${api}/flow_runs/`, {
        flow_id: flow.body['id'],
        idempotency_key: key,
        parameters: { key },
      });
      const id = String(made.body['id']);
      acknowledged.set(id, 'PENDING');
      for (const type of ['RUNNING', 'COMPLETED']) {
        const moved = await post(`${api}/flow_runs/${id}/set_state`, {
          state: { type, state_details: { transition_id: crypto.randomUUID() } },
        });
        assert.ok(moved.status === 200 || moved.status === 201, JSON.stringify(moved));
        acknowledged.set(id, String((moved.body['state'] as Record<string, unknown>)['type']));
      }
      rounds += 1;
    }
    return rounds;
  };
  const callers = Array.from({ length: CALLERS }, caller);

  for (let kill = 0; kill < KILLS; kill += 1) {
    const target = acknowledged.size + ACKNOWLEDGED_BEFORE_KILL;
    while (acknowledged.size < target) await delay(5);
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    child = startServer(port);
  }
  const target = acknowledged.size + ACKNOWLEDGED_BEFORE_KILL;
  while (acknowledged.size < target) await delay(5);
  isOver = true;
  const rounds = await Promise.all(callers);
  assert.ok(
    rounds.every((count) => count > 0),
    `callers that got nowhere: ${rounds.join(', ')}`,
  );
  assert.ok(acknowledged.size > KILLS * ACKNOWLEDGED_BEFORE_KILL);

  for (const [id, type] of acknowledged) {
    const read = await insist(`${api}/flow_runs/${id}`);
    assert.equal(read.status, 200, `run ${id} is lost`);
    assert.equal(read.body['state_type'], type, `run ${id}`);
  }
});
