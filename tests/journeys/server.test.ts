/** The server as its user meets it: started, asked, killed, stopped. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { makePlace } from './launch.ts';

const { home, project, ostinato } = makePlace();
const started: number[] = [];

afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
});

interface Status {
  readonly status: string;
  readonly url: string;
  readonly pid: number;
}

async function start(): Promise<Status> {
  const ended = await ostinato(['server', 'start', '--background', '--port', '0']);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const status = JSON.parse((await ostinato(['server', 'status', '-o', 'json'])).stdout) as Status;
  started.push(status.pid);
  return status;
}

async function post(
  url: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('it starts in the background, is found, answers and stops', async () => {
  const none = await ostinato(['server', 'status']);
  assert.equal(none.exitCode, 1);
  assert.match(none.stdout, /No server runs/);

  const { status, url } = await start();
  assert.equal(status, 'answering');
  assert.equal(await (await fetch(`${url}/api/health`)).json(), true);

  const second = await ostinato(['server', 'start', '--port', '0']);
  assert.equal(second.exitCode, 4);
  assert.match(second.stderr, /runs already at/);

  const stopped = await ostinato(['server', 'stop']);
  assert.equal(stopped.exitCode, 0, stopped.stderr);
  assert.match(stopped.stdout, /has ended/);
  await assert.rejects(fetch(`${url}/api/health`));
  assert.equal((await ostinato(['server', 'stop'])).exitCode, 3);
});

test('its start and its end in good order are told, the end as what follows the start', async () => {
  await start();
  assert.equal((await ostinato(['server', 'stop'])).exitCode, 0);
  const listed = await ostinato(['event', 'ls', '--name', 'ostinato.server.', '-o', 'json']);
  const [stopped, begun] = JSON.parse(listed.stdout) as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual([begun?.['event'], stopped?.['event']], ['ostinato.server.started', 'ostinato.server.stopped']);
  assert.equal(stopped?.['follows'], begun?.['id']);
  assert.deepEqual(stopped?.['resource'], begun?.['resource']);
});

test('what it acknowledged is there after kill -9, and the next one starts', async () => {
  const first = await start();
  const flow = await post(first.url, '/flows/', { name: 'killed' });
  const run = await post(first.url, '/flow_runs/', { flow_id: flow.body['id'], parameters: { x: 1 } });
  assert.equal(run.status, 201);
  process.kill(first.pid, 'SIGKILL');

  const second = await start();
  assert.notEqual(second.pid, first.pid);
  const read = (await (await fetch(`${second.url}/api/flow_runs/${String(run.body['id'])}`)).json()) as Record<
    string,
    unknown
  >;
  assert.equal(read['name'], run.body['name']);
  await ostinato(['server', 'stop']);
});

test('a flow file that runs beside it is seen in it', async () => {
  writeFileSync(
    join(project, 'beside.ts'),
    `import { flow, task } from 'ostinato';\nconst one = task(() => 1, { name: 'one' });\nawait flow(async () => one(), { name: 'beside' })();\n`,
  );
  const { url } = await start();
  const ran = await ostinato(['run', 'beside.ts']);
  assert.equal(ran.exitCode, 0, ran.stderr);
  const flow = await post(url, '/flows/', { name: 'beside' });
  assert.equal(flow.status, 200, 'the flow is known already');
  const listed = JSON.parse((await ostinato(['flow-run', 'ls', '-o', 'json'])).stdout) as { readonly id: string }[];
  const read = (await (await fetch(`${url}/api/flow_runs/${String(listed[0]?.id)}`)).json()) as Record<string, unknown>;
  assert.equal(read['state_type'], 'COMPLETED');
  await ostinato(['server', 'stop']);
});

test('strangers are refused unless it is said', async () => {
  const open = await ostinato(['server', 'start', '--host', '0.0.0.0', '--port', '0']);
  assert.equal(open.exitCode, 2);
  assert.match(open.stderr, /auth string/);
});

test('a port that is taken is said plainly', async () => {
  const { url } = await start();
  const other = await ostinato(['server', 'start', '--port', new URL(url).port], {
    env: { OSTINATO_HOME: `${home}-other` },
  });
  assert.equal(other.exitCode, 4);
  assert.match(other.stderr, /Port \d+ of 127\.0\.0\.1 is in use/);
  await ostinato(['server', 'stop']);
});

test('a closed terminal ends it in good order: its record is gone, and the next one starts', async () => {
  const { pid } = await start();
  process.kill(pid, 'SIGHUP');
  for (const limit = performance.now() + 60_000; ; await sleep(50)) {
    const { stdout } = await ostinato(['server', 'status']);
    if (/No server runs/.test(stdout)) break;
    assert.ok(performance.now() < limit, stdout);
  }
  assert.match(readFileSync(join(home, 'server.log'), 'utf8'), /Stopping: what is under way is answered first/);
});
