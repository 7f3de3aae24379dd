/** The core of what the real client does, on a server whose database is PostgreSQL. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { startPostgres, type PostgresServer } from '../conformance/postgres-server.ts';
import { CLIENTS, prepareClients } from './clients.ts';
import { run } from './processes.ts';
import { startOstinato, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'core_flow.py');

const folder = mkdtempSync(join(tmpdir(), 'ostinato-on-postgres-'));
let database: PostgresServer;
before(
  async () => {
    database = await startPostgres();
    await prepareClients(() => undefined);
  },
  { timeout: 600_000 },
);
after(async () => {
  await database.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

type Wire = Readonly<Record<string, unknown>>;

/** Until the server has heard all that the client tells of. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await delay(100);
  }
}

test(
  'a flow with mapped tasks, a retry, a limit, a tag with a limit and a subflow; all of it is there after a restart',
  { timeout: 300_000 },
  async () => {
    const url = database.createDatabase();
    const attempts = join(folder, 'attempts');
    const post = async (apiUrl: string, path: string, body: unknown): Promise<unknown> => {
      const response = await fetch(apiUrl + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
      return await response.json();
    };
    const statesOfTasks = async (apiUrl: string): Promise<readonly string[]> =>
      ((await post(apiUrl, '/task_runs/filter', {})) as Wire[])
        .map(
          (task) =>
            `${String(task['name']).replace(/-.*/, '')} ${String(task['state_type'])} ${String(task['run_count'])}`,
        )
        .sort();
    const expected = [
      ...Array.from({ length: 6 }, () => 'double COMPLETED 1'),
      'child COMPLETED 1',
      'flaky COMPLETED 2',
    ].sort();

    await withServer(startOstinato(folder, {}, url), async ({ apiUrl }) => {
      await post(apiUrl, '/variables/', { name: 'factor', value: 10 });
      await post(apiUrl, '/v2/concurrency_limits/', { name: 'narrow', limit: 2 });
      await post(apiUrl, '/concurrency_limits/', { tag: 'narrow-tag', concurrency_limit: 2 });
      const { exitCode, stdout, stderr } = await run(
        {
          command: CLIENTS['3.9'].python,
          words: [PROGRAM],
          folder,
          environment: {
            PATH: process.env['PATH'] ?? '',
            HOME: folder,
            PREFECT_API_URL: apiUrl,
            PREFECT_HOME: join(folder, 'prefect'),
            DO_NOT_TRACK: '1',
            ATTEMPTS_FILE: attempts,
          },
        },
        200_000,
      );
      assert.equal(exitCode, 0, stdout + stderr);
      assert.match(stdout, /^result 300$/m);
      assert.equal(readFileSync(attempts, 'utf8'), 'xx');
      // The client tells of its tasks by events, some of which may come after its end.
      await until(async () =>
        (await statesOfTasks(apiUrl)).filter((state) => state.includes(' COMPLETED ')).length === expected.length
          ? true
          : null,
      );
      assert.deepEqual(await statesOfTasks(apiUrl), expected);
      const limits = (await post(apiUrl, '/v2/concurrency_limits/filter', {})) as Wire[];
      assert.deepEqual(limits.map((limit) => `${String(limit['name'])} ${String(limit['active_slots'])}`).sort(), [
        'narrow 0',
        'tag:narrow-tag 0',
      ]);
    });

    await withServer(startOstinato(folder, {}, url), async ({ apiUrl }) => {
      assert.deepEqual(await statesOfTasks(apiUrl), expected);
      const runs = (await post(apiUrl, '/flow_runs/filter', { sort: 'START_TIME_ASC' })) as Wire[];
      assert.deepEqual(
        runs.map((each) => each['state_type']),
        ['COMPLETED', 'COMPLETED'],
      );
      const flaky = ((await post(apiUrl, '/task_runs/filter', {})) as Wire[]).find(({ name }) =>
        String(name).startsWith('flaky'),
      );
      const states = (await (
        await fetch(`${apiUrl}/task_run_states/?task_run_id=${String(flaky?.['id'])}`)
      ).json()) as Wire[];
      assert.deepEqual(
        states.map(({ name }) => name),
        ['Pending', 'Running', 'Retrying', 'Completed'],
      );
      const logs = (await post(apiUrl, '/logs/filter', {
        logs: { flow_run_id: { any_: [runs[0]?.['id']] } },
      })) as Wire[];
      assert.ok(logs.some(({ message }) => message === 'begins with 6'));
      const [artifact] = (await post(apiUrl, '/artifacts/filter', {})) as Wire[];
      assert.equal(artifact?.['data'], '30');
      const { total } = (await post(apiUrl, '/events/filter', {
        filter: { event: { name: ['prefect.flow-run.Completed'] } },
      })) as { readonly total: number };
      assert.equal(total, 2);
    });
  },
);
