/** Our programs serve deployments on Prefect's own server: its client asks for runs, and sees what became of them. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { CLIENTS, prepareClients } from './clients.ts';
import { run, start, type Program } from './processes.ts';
import { inFolder } from './script.ts';
import { startPrefect, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'our-served-flow.ts');
const PREFECT = join(dirname(CLIENTS['3.9'].python), 'prefect');
const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
const COMMAND_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 600_000;

interface Run {
  readonly id: string;
  readonly name: string;
  readonly state_name: string;
  readonly run_count: number;
  readonly tags: readonly string[];
}

before(async () => await prepareClients(() => undefined), { timeout: TEST_TIMEOUT_MS });

test('what the Python client asks for runs in our program, retries and all', { timeout: TEST_TIMEOUT_MS }, async () => {
  await inFolder((folder) =>
    withServer(startPrefect(folder, TEMPLATE), async ({ apiUrl }) => {
      const environment = {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        TZ: 'UTC',
        NO_COLOR: '1',
        DO_NOT_TRACK: '1',
      };
      const serving = (): ReturnType<typeof start> =>
        start({
          command: process.execPath,
          words: [PROGRAM],
          folder,
          environment: { ...environment, OSTINATO_HOME: join(folder, 'ostinato'), OSTINATO_API_URL: apiUrl },
        });
      const prefect = (...words: string[]): Program => ({
        command: PREFECT,
        words,
        folder,
        environment: { ...environment, PREFECT_API_URL: apiUrl, PREFECT_HOME: join(folder, 'prefect-home') },
      });
      const both = [serving(), serving()];
      const ask = async <T>(path: string, body?: unknown): Promise<T> => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
        const answer = await fetch(`${apiUrl}${path}`, body === undefined ? {} : init);
        assert.equal(answer.status, 200, path);
        return (await answer.json()) as T;
      };
      try {
        while (!both.every((each) => each.said().includes('Ctrl-C ends'))) {
          for (const each of both) assert.ok(!each.hasEnded(), each.said());
          await delay(100);
        }
        const words = ['deployment', 'run', 'unsteady/served', '-p', 'word=hello', '--tag', 'asked'];
        const { exitCode, stdout, stderr } = await run(prefect(...words), COMMAND_TIMEOUT_MS);
        assert.equal(exitCode, 0, stdout + stderr);
        const runs = async (): Promise<readonly Run[]> => await ask<readonly Run[]>('/flow_runs/filter', {});
        while (!(await runs()).some(({ tags, state_name: name }) => tags.includes('asked') && name === 'Completed')) {
          for (const each of both) assert.ok(!each.hasEnded(), each.said());
          await delay(200);
        }
        const [found] = (await runs()).filter(({ tags }) => tags.includes('asked'));
        assert.deepEqual([found?.state_name, found?.run_count], ['Completed', 2]);
        assert.deepEqual([...(found?.tags ?? [])].sort(), ['asked', 'nightly', 'served']);
        const states = await ask<readonly { readonly name: string; readonly timestamp: string }[]>(
          `/flow_run_states/?flow_run_id=${found?.id}`,
        );
        assert.deepEqual(
          states.toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1)).map(({ name }) => name),
          ['Scheduled', 'Pending', 'Running', 'AwaitingRetry', 'Running', 'Completed'],
        );
        const begun = both.flatMap((each) => each.said().match(/begins with hello/g) ?? []);
        assert.equal(begun.length, 2, 'one program, two attempts');
      } finally {
        const ended = await Promise.all(both.map((each) => each.stop()));
        assert.deepEqual(
          ended.map(({ exitCode }) => exitCode),
          [0, 0],
        );
      }
      const deployment = await ask<{ readonly paused: boolean; readonly schedules: readonly unknown[] }>(
        '/deployments/name/unsteady/served',
      );
      assert.deepEqual([deployment.paused, deployment.schedules.length], [true, 1]);
    }),
  );
});
