/**
 * The practice of deployments in Python, as `examples/python` says it. A deployment is built to a file, applied, and
 * run by an agent that listens to its queue: by the commands of Prefect 2, verbatim, on our server (Prefect's own of
 * today refuses what they send). And a program of Prefect 3 serves its own flow.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { CLIENTS, prepareClients } from './clients.ts';
import { run, start, type Ended, type Program } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'python');
const PROGRAM = join(EXAMPLES, 'prefect-demo.py');
const PREFECT = join(dirname(CLIENTS['2'].python), 'prefect');
/** Python takes its time to begin, and more beside other tests. */
const COMMAND_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 600_000;

interface Run {
  readonly id: string;
  readonly state_name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly work_pool_name: string | null;
  readonly work_queue_name: string | null;
  readonly infrastructure_pid: string | null;
}

before(async () => await prepareClients(() => undefined), { timeout: TEST_TIMEOUT_MS });

test('prefect deployment build, apply, agent start', { timeout: TEST_TIMEOUT_MS }, async () => {
  await inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const work = join(folder, 'work');
      mkdirSync(work);
      copyFileSync(PROGRAM, join(work, 'prefect-demo.py'));
      const command = (...words: string[]): Program => ({
        command: PREFECT,
        words,
        folder: work,
        environment: environmentOf(apiUrl, folder),
      });
      const done = async (...words: string[]): Promise<string> => {
        const { exitCode, stdout, stderr }: Ended = await run(command(...words), COMMAND_TIMEOUT_MS);
        assert.equal(exitCode, 0, `${words.join(' ')}\n${stdout}\n${stderr}`);
        return stdout;
      };
      await done('deployment', 'build', '--name', 'demo-deployment-sales', 'prefect-demo.py:main_flow_sales');
      assert.ok(existsSync(join(work, 'main_flow_sales-deployment.yaml')));
      await done('deployment', 'apply', 'main_flow_sales-deployment.yaml');
      await done('deployment', 'run', 'main-flow-sales/demo-deployment-sales');
      await done('deployment', 'run', 'main-flow-sales/demo-deployment-sales', '-p', 'minimum=1000');
      const agent = start(command('agent', 'start', '-q', 'default'));
      try {
        const ask = async <T>(path: string, body: unknown = {}): Promise<T> => await post<T>(`${apiUrl}${path}`, body);
        const runs = async () => await ask<readonly Run[]>('/flow_runs/filter');
        while (!(await runs()).every(({ state_name: name }) => name === 'Completed' || name === 'Failed')) {
          assert.ok(!agent.hasEnded(), agent.said());
          await delay(200);
        }
        const ended = (await runs()).toSorted((a, b) => (a.state_name < b.state_name ? -1 : 1));
        assert.deepEqual(
          ended.map((each) => [each.state_name, each.parameters, each.work_pool_name, each.work_queue_name]),
          [
            ['Completed', {}, 'default-agent-pool', 'default'],
            ['Failed', { minimum: 1000 }, 'default-agent-pool', 'default'],
          ],
        );
        assert.ok(ended.every(({ infrastructure_pid: pid }) => pid !== null));
        const [deployment] = await ask<readonly Readonly<Record<string, unknown>>[]>('/deployments/filter');
        assert.deepEqual([deployment?.['status'], deployment?.['work_queue_name']], ['READY', 'default']);
      } finally {
        await agent.stop();
      }
    }),
  );
});

test('a program of Prefect 3 that serves its flow', { timeout: TEST_TIMEOUT_MS }, async () => {
  const { python } = CLIENTS['3.9'];
  await inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const environment = environmentOf(apiUrl, folder);
      const program = start({ command: python, words: [join(EXAMPLES, 'serve.py')], folder, environment });
      try {
        const words = ['deployment', 'run', 'greet/hourly', '-p', 'name=World', '--watch'];
        const isThere = async (): Promise<boolean> =>
          (await fetch(`${apiUrl}/deployments/name/greet/hourly`)).status === 200;
        while (!(await isThere())) {
          assert.ok(!program.hasEnded(), program.said());
          await delay(200);
        }
        const command = join(dirname(python), 'prefect');
        const asked = await run({ command, words, folder, environment }, COMMAND_TIMEOUT_MS);
        assert.equal(asked.exitCode, 0, asked.stdout + asked.stderr + program.said());
        const runs = await post<readonly (Run & { readonly tags: readonly string[] })[]>(`${apiUrl}/flow_runs/filter`, {
          flow_runs: { state: { type: { any_: ['COMPLETED'] } } },
        });
        assert.deepEqual(
          runs.map(({ parameters, tags }) => [parameters, tags]),
          [[{ name: 'World' }, ['python']]],
        );
      } finally {
        await program.stop();
      }
    }),
  );
});

function environmentOf(apiUrl: string, folder: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TZ: 'UTC',
    NO_COLOR: '1',
    PREFECT_API_URL: apiUrl,
    PREFECT_HOME: join(folder, 'prefect-home'),
    PREFECT_CLI_PROMPT: 'false',
    PREFECT_AGENT_QUERY_INTERVAL: '1',
    DO_NOT_TRACK: '1',
  };
}

async function post<T>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, url);
  return (await answer.json()) as T;
}
