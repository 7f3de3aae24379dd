/** A server that was told to forget: old runs, logs, artifacts and results go, and nothing else. */
import assert from 'node:assert/strict';
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { matching } from '../../src/core/list-query.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import { hashText } from '../../src/platform/hash.ts';
import { ResultFiles } from '../../src/platform/result-files.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeArtifact, makeEvent, makeFlow, makeFlowRun, makeLog, makeState } from '../conformance/samples.ts';
import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

const DAY = 86_400;

async function fill(home: string) {
  const storage = openSqliteStorage({ path: join(home, 'ostinato.db') });
  const flow = makeFlow('sales');
  await storage.ensureFlow('sales', () => flow);
  const now = (Date.now() * 1000) as Instant;
  const made = [];
  for (const days of [100, 10]) {
    const at = addSeconds(now, -days * DAY);
    const run = makeFlowRun(flow, { state: makeState({ type: 'COMPLETED', data: null }, at), endTime: at });
    const artifact = makeArtifact({ flowRunId: run.id, createdAt: at, updatedAt: at });
    await storage.insertFlowRun(run, []);
    await storage.writeLogs([makeLog({ flowRunId: run.id, timestamp: at })]);
    await storage.insertArtifact(artifact, makeEvent());
    made.push({ run, artifact });
  }
  await storage.writeLogs([makeLog({ timestamp: now })]);
  storage.close();
  const text = 'x'.repeat(10_000);
  const key = new ResultFiles(join(home, 'results')).write(hashText(text), text, { sync: false });
  const result = join(home, 'results', key.slice(0, 2), key.slice(2, 4), key);
  utimesSync(result, new Date(Date.now() - 100 * DAY * 1000), new Date(Date.now() - 100 * DAY * 1000));
  return { made, result };
}

interface Left {
  readonly runs: readonly boolean[];
  readonly logs: readonly number[];
  readonly artifacts: readonly boolean[];
  readonly result: boolean;
}

const cases: Record<string, { readonly env: Record<string, string>; readonly left: Left }> = {
  'nothing set': { env: {}, left: { runs: [true, true], logs: [1, 1], artifacts: [true, true], result: true } },
  runs: {
    env: { OSTINATO_RETENTION_RUNS: '90d' },
    left: { runs: [false, true], logs: [0, 1], artifacts: [false, true], result: true },
  },
  logs: {
    env: { OSTINATO_RETENTION_LOGS: '2w' },
    left: { runs: [true, true], logs: [0, 1], artifacts: [true, true], result: true },
  },
  artifacts: {
    env: { OSTINATO_RETENTION_ARTIFACTS: '24h' },
    left: { runs: [true, true], logs: [1, 1], artifacts: [false, false], result: true },
  },
  results: {
    env: { OSTINATO_RETENTION_RESULTS: '90d' },
    left: { runs: [true, true], logs: [1, 1], artifacts: [true, true], result: false },
  },
};

for (const [what, { env, left }] of Object.entries(cases)) {
  test(`retention of ${what}`, async () => {
    const place = makePlace();
    const { made, result } = await fill(place.home);
    const server = startOstinato(place, ['server', 'start', '--port', '0'], env);
    await until('it serves', () => server.text().stderr.includes('Ctrl-C stops it'));
    const look = async (): Promise<Left> => {
      const storage = openSqliteStorage({ path: join(place.home, 'ostinato.db') });
      const [runs, logs, artifacts] = await Promise.all([
        Promise.all(made.map(async ({ run }) => (await storage.readFlowRun(run.id)) !== null)),
        Promise.all(
          made.map(async ({ run }) => (await storage.list('log', { where: matching({ flowRunId: run.id }) })).length),
        ),
        Promise.all(made.map(async ({ artifact }) => (await storage.readArtifact(artifact.id)) !== null)),
      ]);
      storage.close();
      return { runs, logs, artifacts, result: existsSync(result) };
    };
    try {
      if (Object.keys(env).length > 0)
        await until('it has forgotten', async () => JSON.stringify(await look()) === JSON.stringify(left));
    } finally {
      server.child.kill('SIGTERM');
      await server.ended;
    }
    assert.deepEqual(await look(), left);
    assert.doesNotMatch(server.text().stderr, /failed/);
  });
}
