import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';

import { readRecords, runLines, temporaryFolder, type Recorded } from './fixtures/run-example.ts';

/** A stand-in for the API on this machine. @returns its base URL, and when each request came, in ms */
async function serve(
  context: TestContext,
  answer: (attempt: number) => RequestListener,
): Promise<{ api: string; arrivals: number[]; paths: (string | undefined)[] }> {
  const arrivals: number[] = [];
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    answer(arrivals.push(performance.now()))(request, response);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals, paths };
}

const stars =
  (count: number): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify({ full_name: 'x', stargazers_count: count }));
const failure =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end('sorry');
const body =
  (text: string): RequestListener =>
  (_, response) =>
    void response.end(text);

/** How the one task run of a recorded flow run ended. */
function ended({ flowRuns, taskRuns }: Recorded): Record<string, unknown> {
  assert.deepEqual([flowRuns.length, taskRuns.length], [1, 1]);
  const [flowRun, taskRun] = [flowRuns[0], taskRuns[0]];
  return {
    flow: flowRun?.state.type,
    task: taskRun?.state.type,
    name: taskRun?.state.name,
    attempts: taskRun?.runCount,
  };
}

const script = (api: string): string => `
  import { githubStars } from './02-github-stars.ts';
  const state = await githubStars.state({ repos: ['PrefectHQ/prefect'], api: '${api}' });
  console.log(state.type);`;

describe('GitHub stars', { concurrency: true }, () => {
  test('counts the stars of several repositories', async (t) => {
    const folder = temporaryFolder(t);
    const { api, paths } = await serve(t, () => stars(22_000));
    const { stdout } = await runLines(
      `
      import { githubStars } from './02-github-stars.ts';
      console.log(JSON.stringify(await githubStars({ repos: ['nodejs/node', 'denoland/deno'], api: '${api}' })));`,
      folder,
    );
    assert.match(stdout, /nodejs\/node has 22000 stars!\n/);
    assert.match(stdout, /denoland\/deno has 22000 stars!\n/);
    assert.match(stdout, /\[22000,22000\]/);
    assert.deepEqual(new Set(paths), new Set(['/repos/denoland/deno', '/repos/nodejs/node']));
    const { flowRuns, logs } = await readRecords(folder);
    assert.equal(flowRuns[0]?.flowName, 'GitHub Stars');
    assert.ok(logs.includes('nodejs/node has 22000 stars!'), 'what a task prints is a log record of its run');
  });

  test('a server that fails twice is asked three times', async (t) => {
    const folder = temporaryFolder(t);
    const { api, arrivals } = await serve(t, (attempt) => (attempt <= 2 ? failure(503) : stars(7)));
    const { stdout, stderr } = await runLines(script(api), folder);
    assert.match(stdout, /PrefectHQ\/prefect has 7 stars!\nCOMPLETED/, stderr);
    assert.deepEqual(ended(await readRecords(folder)), {
      flow: 'COMPLETED',
      task: 'COMPLETED',
      name: 'Completed',
      attempts: 3,
    });
    const [first = 0, second = 0, third = 0] = arrivals;
    assert.ok(second - first >= 480 && third - second >= 980, `waited ${second - first} and ${third - second} ms`);
    assert.match(stderr, /HTTP 503/);
  });

  test('it waits as long as Retry-After says', async (t) => {
    const folder = temporaryFolder(t);
    const { api, arrivals } = await serve(t, (attempt) =>
      attempt === 1 ? failure(429, { 'retry-after': '2' }) : stars(7),
    );
    await runLines(script(api), folder);
    assert.deepEqual(ended(await readRecords(folder)), {
      flow: 'COMPLETED',
      task: 'COMPLETED',
      name: 'Completed',
      attempts: 2,
    });
    const waited = (arrivals[1] ?? 0) - (arrivals[0] ?? 0);
    assert.ok(waited >= 1_950 && waited < 10_000, `waited ${waited} ms`);
  });

  for (const [what, text, message] of [
    ['malformed JSON', '<html>Unicorn!</html>', /Unexpected token '<'/],
    ['another JSON', '{"message":"Not what you asked for"}', /PrefectHQ\/prefect: the answer has no stargazers_count/],
  ] as const) {
    test(`${what} fails the run after four attempts, and the message says why`, async (t) => {
      const folder = temporaryFolder(t);
      const { api, arrivals } = await serve(t, () => body(text));
      const { stdout } = await runLines(script(api), folder);
      assert.equal(stdout, 'FAILED\n');
      const recorded = await readRecords(folder);
      assert.deepEqual(ended(recorded), { flow: 'FAILED', task: 'FAILED', name: 'Failed', attempts: 4 });
      assert.equal(arrivals.length, 4);
      assert.match(recorded.taskRuns[0]?.state.message ?? '', message);
      assert.match(recorded.flowRuns[0]?.state.message ?? '', message);
    });
  }

  test('a server that never answers is given up, and the request is ended', async (t) => {
    const folder = temporaryFolder(t);
    let closed = 0;
    const { api, arrivals } = await serve(
      t,
      () => (request) =>
        void request.on('close', () => {
          closed += 1;
        }),
    );
    const { stdout } = await runLines(
      `
      import { flow } from 'ostinato';
      import { getStars } from './02-github-stars.ts';
      const impatient = getStars.with({ timeoutSeconds: 1, retries: 1, retryDelaySeconds: 0 });
      const state = await flow(async () => { await impatient('PrefectHQ/prefect', '${api}'); }, { name: 'Impatient' }).state();
      console.log(state.type, state.message);`,
      folder,
    );
    assert.match(stdout, /^FAILED .*timeout of 1 s/);
    const recorded = await readRecords(folder);
    assert.deepEqual(ended(recorded), { flow: 'FAILED', task: 'FAILED', name: 'TimedOut', attempts: 2 });
    assert.ok(arrivals.length > 0, 'at least one request came through');
    assert.equal(closed, arrivals.length);
  });

  test('a wrong address is refused before the first request', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout } = await runLines(script('not a url'), folder);
    assert.equal(stdout, 'FAILED\n');
    const { flowRuns, taskRuns } = await readRecords(folder);
    assert.match(flowRuns[0]?.state.message ?? '', /api: Invalid URL \(got "not a url"\)/);
    assert.deepEqual(taskRuns, []);
  });
});
