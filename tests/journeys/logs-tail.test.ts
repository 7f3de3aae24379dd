/** The last lines of a long log are asked for as such: nobody reads the rest. */
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import type { FlowRunId, LogId } from '../../src/core/ids.ts';
import type { Instant } from '../../src/core/time.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeFlow, makeFlowRun } from '../conformance/samples.ts';
import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

const LINES = 3000;

test('logs -n 10 reads ten lines, embedded and over HTTP', async (t) => {
  const place = makePlace();
  const ids = createIdSource();
  const storage = openSqliteStorage({ path: join(place.home, 'ostinato.db') });
  const flow = makeFlow('loud');
  await storage.ensureFlow('loud', () => flow);
  const run = makeFlowRun(flow);
  await storage.insertFlowRun(run, []);
  await storage.writeLogs(
    Array.from({ length: LINES }, (_, index) => ({
      id: ids.next<LogId>(),
      name: 'test',
      level: 20,
      message: `line ${index}`,
      timestamp: (1_700_000_000_000_000 + index) as Instant,
      flowRunId: run.id as FlowRunId,
      taskRunId: null,
    })),
  );
  storage.close();
  const expected = Array.from({ length: 10 }, (_, index) => `line ${LINES - 10 + index}`);
  const linesOf = (text: string): string[] => text.split('\n').flatMap((line) => /line \d+/.exec(line)?.[0] ?? []);
  assert.deepEqual(linesOf((await place.ostinato(['flow-run', 'logs', run.id, '-n', '10'])).stdout), expected);

  const server = startOstinato(place, ['server', 'start', '--port', '0']);
  const url = await until('it serves', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1]);
  const asked: string[] = [];
  const answered: number[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const body = Buffer.concat(chunks);
        const passed = request(
          `${url}${incoming.url ?? ''}`,
          { method: incoming.method ?? 'GET', headers: { ...incoming.headers, host: new URL(url).host } },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            let bytes = 0;
            answer
              .on('data', (chunk: Buffer) => {
                bytes += chunk.length;
              })
              .on('end', () => answered.push(bytes))
              .pipe(outgoing);
          },
        );
        if (incoming.url?.includes('/logs/') === true) asked.push(body.toString('utf8'));
        passed.end(body);
      });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  t.after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    server.child.kill('SIGTERM');
    await server.ended;
  });
  const { port } = proxy.address() as AddressInfo;
  const tail = await place.ostinato(['flow-run', 'logs', run.id, '-n', '10'], {
    env: { OSTINATO_API_URL: `http://127.0.0.1:${port}/api` },
  });
  assert.deepEqual(linesOf(tail.stdout), expected, tail.stderr);
  assert.equal(asked.length, 1, 'one question');
  assert.match(asked[0] ?? '', /"direction":\s*"desc",\s*"limit":\s*10/);
  assert.ok(Math.max(...answered) < 20_000, 'and a short answer');
});

test('lines are told in the order in which they were said, also where they were recorded in another', async () => {
  const place = makePlace();
  const ids = createIdSource();
  const storage = openSqliteStorage({ path: join(place.home, 'ostinato.db') });
  const flow = makeFlow('crowd');
  await storage.ensureFlow('crowd', () => flow);
  const run = makeFlowRun(flow);
  await storage.insertFlowRun(run, []);
  await storage.writeLogs(
    [2, 1, 1, 3].map((second, index) => ({
      id: ids.next<LogId>(),
      name: 'test',
      level: 20,
      message: `line ${second}${index}`,
      timestamp: (1_700_000_000_000_000 + second) as Instant,
      flowRunId: run.id as FlowRunId,
      taskRunId: null,
    })),
  );
  storage.close();
  for (const options of [[], ['-n', '4']]) {
    const { stdout } = await place.ostinato(['flow-run', 'logs', run.id, ...options]);
    assert.deepEqual(stdout.match(/line \d+/g), ['line 11', 'line 12', 'line 20', 'line 33'], options.join(' '));
  }
});
