/**
 * A run never dies for the server's sake: whatever becomes of the server, the run ends well, and is recorded whole and
 * once.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { until } from './background.ts';
import type { Fate, FlakyProxy } from './flaky-proxy.ts';
import { FlakyServer } from './flaky-server.ts';
import { makePlace, ROOT, type Place } from './launch.ts';
import { matching, ofFlow } from '../../src/core/list-query.ts';

interface Voyage {
  readonly child: ChildProcess;
  readonly place: Place;
  readonly ended: Promise<number | null>;
  text(): string;
  /** Resolves when the program is there. */
  reaches(place: string): Promise<void>;
  /** Lets it go on. */
  leave(place: string): void;
}

function setSail(context: TestContext, place: Place, server: FlakyServer): Voyage {
  const signals = join(place.project, 'signals');
  mkdirSync(signals, { recursive: true });
  const child = spawn(process.execPath, [join(ROOT, 'tests', 'journeys', 'http-program.ts')], {
    cwd: place.project,
    env: {
      PATH: process.env['PATH'],
      HOME: place.home,
      OSTINATO_HOME: place.home,
      OSTINATO_API_URL: server.apiUrl,
      VOYAGE_SIGNALS: signals,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    place,
    ended,
    text: () => text,
    reaches: async (where) =>
      void (await until(`the voyage is at ${where}: ${text}`, () => text.includes(`at ${where}\n`))),
    leave: (where) => writeFileSync(join(signals, where), ''),
  };
}

async function serverFor(context: TestContext, place: Place): Promise<FlakyServer> {
  const server = await FlakyServer.start(place.project);
  context.after(() => server.close());
  return server;
}

async function endsWell({ ended, text }: Voyage): Promise<void> {
  assert.equal(await ended, 0, text());
  assert.match(text(), /result 10\n/);
}

/** Everything the program did, each thing once. */
async function isRecordedOnce(server: FlakyServer): Promise<void> {
  const client = await server.read();
  const runs = await client.list('flow_run');
  assert.deepEqual(runs.map(({ flowName, state }) => `${flowName} ${state.name}`).sort(), [
    'rest Completed',
    'voyage Completed',
  ]);
  const voyage = runs.find(({ flowName }) => flowName === 'voyage');
  const rest = runs.find(({ flowName }) => flowName === 'rest');
  assert.ok(voyage && rest);
  assert.equal(voyage.runCount, 1);
  for (const run of [voyage, rest]) {
    assert.deepEqual(
      (await client.listFlowRunStates(run.id)).map(({ name }) => name),
      ['Pending', 'Running', 'Completed'],
    );
  }
  const tasks = await client.list('task_run', { direction: 'asc', limit: 100 });
  assert.deepEqual(tasks.map(({ taskName, state }) => `${taskName} ${state.name}`).sort(), [
    'climb Completed',
    'rest Completed',
    'sail Completed',
    'sail Completed',
    'sail Completed',
    'sail Completed',
  ]);
  for (const task of tasks) {
    const names = (await client.listTaskRunStates(task.id)).map(({ name }) => name);
    const expected = { climb: ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'Completed'] }[task.taskName] ?? [
      'Pending',
      'Running',
      'Completed',
    ];
    assert.deepEqual(names, expected, task.name);
  }
  assert.equal(rest.parentTaskRunId, tasks.find(({ taskName }) => taskName === 'rest')?.id);
  // Listed in the order of their commits: what was missed while the server was away comes after what was not.
  const said = (await client.list('log', { where: matching({ flowRunId: voyage.id }), limit: 1000 }))
    .toSorted((one, other) => one.timestamp - other.timestamp)
    .map(({ message }) => message)
    .filter((message) => message.startsWith('Ada'));
  assert.deepEqual(said, ['Ada begins', 'Ada ends']);
  assert.deepEqual(
    (await client.control.artifacts.list({})).map(({ key, data }) => `${key} ${String(data)}`),
    ['log # Log'],
  );
  assert.equal((await client.control.variables.read('last_voyage'))?.value, 'Ada');
  assert.deepEqual(
    (await server.events('voyage.logged')).map(({ related }) => related.map((labels) => labels['prefect.resource.id'])),
    [[`prefect.flow-run.${voyage.id}`, `prefect.flow.${voyage.flowId}`]],
  );
  await client.close();
}

function nothingIsLeft({ home }: Place): void {
  for (const folder of ['outbox', 'journals']) {
    if (!existsSync(join(home, folder))) continue;
    const left = readdirSync(join(home, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    assert.deepEqual(left, [], folder);
  }
}

/** Goes through without a stop. */
async function straight(voyage: Voyage): Promise<void> {
  voyage.leave('harbour');
  voyage.leave('island');
  await endsWell(voyage);
}

test('a server that is there: nothing is kept at home', async (context) => {
  const place = makePlace();
  const server = await serverFor(context, place);
  await straight(setSail(context, place, server));
  await isRecordedOnce(server);
  nothingIsLeft(place);
});

test('down at the start, back while the run goes on: it is told what it missed', async (context) => {
  const place = makePlace();
  const server = await serverFor(context, place);
  await server.proxy.goDown();
  const voyage = setSail(context, place, server);
  await voyage.reaches('harbour');
  voyage.leave('harbour');
  await voyage.reaches('island');
  await server.proxy.comeUp();
  await until('the server is told', () => voyage.text().includes('answers again'));
  voyage.leave('island');
  await endsWell(voyage);
  await isRecordedOnce(server);
  nothingIsLeft(place);
});

test('down in the middle, back before the end', async (context) => {
  const place = makePlace();
  const server = await serverFor(context, place);
  const voyage = setSail(context, place, server);
  await voyage.reaches('harbour');
  await server.proxy.goDown();
  voyage.leave('harbour');
  await voyage.reaches('island');
  await server.proxy.comeUp();
  voyage.leave('island');
  await endsWell(voyage);
  await isRecordedOnce(server);
  nothingIsLeft(place);
});

test('down until after the end: the next command records it', async (context) => {
  const place = makePlace();
  const server = await serverFor(context, place);
  const voyage = setSail(context, place, server);
  await voyage.reaches('harbour');
  await server.proxy.goDown();
  await straight(voyage);
  assert.match(voyage.text(), /kept in/);
  const env = { OSTINATO_API_URL: server.apiUrl };
  const tooEarly = await place.ostinato(['sync'], { env });
  assert.equal(tooEarly.exitCode, 5, tooEarly.stderr);
  assert.match(tooEarly.stderr, /does not answer/);
  await server.proxy.comeUp();
  const synced = await place.ostinato(['sync'], { env });
  assert.equal(synced.exitCode, 0, synced.stderr);
  assert.match(synced.stdout, /are recorded by the server/);
  await isRecordedOnce(server);
  nothingIsLeft(place);
  const again = await place.ostinato(['sync'], { env });
  assert.match(again.stdout, /has everything/);
  await isRecordedOnce(server);
});

test('killed while the server is away: another process finds the run and its steps, and continues it', async (context) => {
  const place = makePlace();
  const server = await serverFor(context, place);
  await server.proxy.goDown();
  const voyage = setSail(context, place, server);
  await voyage.reaches('harbour');
  voyage.leave('harbour');
  await voyage.reaches('island');
  voyage.child.kill('SIGKILL');
  await voyage.ended;
  await server.proxy.comeUp();
  const env = { OSTINATO_API_URL: server.apiUrl, VOYAGE_SIGNALS: join(place.project, 'signals') };
  const listed = await place.ostinato(['flow-run', 'ls', '-o', 'json'], { env });
  const runs = JSON.parse(listed.stdout) as {
    readonly id: string;
    readonly flow_name: string;
    readonly state_name: string;
  }[];
  assert.deepEqual(
    runs.map((run) => `${run.flow_name} ${run.state_name}`).sort(),
    ['rest Completed', 'voyage Crashed'],
    listed.stderr,
  );
  voyage.leave('island');
  const id = runs.find((run) => run.flow_name === 'voyage')?.id ?? '';
  const retried = await place.ostinato(['flow-run', 'retry', id], { env });
  assert.equal(retried.exitCode, 0, retried.stderr);
  assert.match(retried.stderr, /4 steps were finished by an earlier attempt/);
  const client = await server.read();
  const voyageRun = (await client.list('flow_run', { where: ofFlow('voyage') }))[0];
  assert.equal(voyageRun?.state.name, 'Completed');
  assert.equal(voyageRun.runCount, 2);
  await client.close();
});

const FATES: Readonly<Record<string, FlakyProxy['fate']>> = {
  'each answer to the making of a run is lost': (_count, { method, url }) =>
    method === 'POST' && url?.endsWith('/ostinato/flow_runs') ? { kind: 'lose-answer' } : { kind: 'pass' },
  'slow answers': () => ({ kind: 'slow', ms: 150 }),
  'every third request is answered with 503 and a pause': (count) =>
    count % 3 === 0 ? { kind: 'answer', status: 503, retryAfterSeconds: 0.2 } : { kind: 'pass' },
  'every third request is one too many (429)': (count) =>
    count % 3 === 0 ? { kind: 'answer', status: 429, retryAfterSeconds: 0.2 } : { kind: 'pass' },
  'a pause that is too long to wait for': (count) =>
    count > 3 && count < 12 ? { kind: 'answer', status: 503, retryAfterSeconds: 3600 } : { kind: 'pass' },
  'every third answer is lost': (count) => (count % 3 === 0 ? { kind: 'lose-answer' } : { kind: 'pass' }),
  'every second answer is lost': (count) => (count % 2 === 0 ? { kind: 'lose-answer' } : { kind: 'pass' }),
  'every third answer is cut in half': (count) => (count % 3 === 0 ? { kind: 'cut-answer' } : { kind: 'pass' }),
  'every third connection is reset': (count) => (count % 3 === 0 ? { kind: 'reset' } : { kind: 'pass' }),
  'all of it, by chance (1)': byChance(1),
  'all of it, by chance (2)': byChance(2),
};

/** Half of the requests pass; the same ones for the same seed. */
function byChance(seed: number): (count: number) => Fate {
  const troubles: readonly Fate[] = [
    { kind: 'lose-answer' },
    { kind: 'cut-answer' },
    { kind: 'reset' },
    { kind: 'slow', ms: 100 },
    { kind: 'answer', status: 503, retryAfterSeconds: 0.1 },
    { kind: 'answer', status: 500 },
    { kind: 'answer', status: 429, retryAfterSeconds: 0.1 },
    { kind: 'answer', status: 502 },
  ];
  return (count) => {
    const drawn = Math.imul(count ^ (seed << 16), 0x9e3779b1) >>> 24;
    return drawn % 2 === 0 ? { kind: 'pass' } : (troubles[(drawn >> 1) % troubles.length] ?? { kind: 'pass' });
  };
}

for (const [what, fate] of Object.entries(FATES)) {
  test(`${what}: the run ends well and is recorded once`, async (context) => {
    const place = makePlace();
    const server = await serverFor(context, place);
    server.proxy.fate = fate;
    const voyage = setSail(context, place, server);
    await straight(voyage);
    server.proxy.fate = () => ({ kind: 'pass' });
    const synced = await place.ostinato(['sync'], { env: { OSTINATO_API_URL: server.apiUrl } });
    assert.equal(synced.exitCode, 0, synced.stderr);
    await isRecordedOnce(server);
    nothingIsLeft(place);
  });
}
