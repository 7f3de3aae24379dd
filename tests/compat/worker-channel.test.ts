/** The worker of Prefect 3.9 over its socket, on our server: it is told of its pool there, and takes its runs. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { CLIENTS, REFERENCE } from './clients.ts';
import { run, start } from './processes.ts';
import { inFolder } from './script.ts';
import { answerOf, clientEnvironment, startOstinato, withServer } from './servers.ts';
import { preparePython } from '../../scripts/python-environment.ts';

const PREFECT = join(dirname(CLIENTS['3.9'].python), 'prefect');
/** Python takes its time to begin, and more beside other tests. */
const COMMAND_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 600_000;

const FLOW = `
from prefect import flow
@flow(name="hello")
def hello(word: str = "you"):
    print(f"hello {word}")
if __name__ == "__main__":
    hello.from_source(source=".", entrypoint="hello.py:hello").deploy(name="d", work_pool_name="barn", print_next_steps=False)
`;

before(async () => await preparePython(REFERENCE, () => undefined), { timeout: TEST_TIMEOUT_MS });

test('prefect worker start: connected, told of the pool, runs a run', { timeout: TEST_TIMEOUT_MS }, async () => {
  await inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const work = join(folder, 'work');
      mkdirSync(work);
      writeFileSync(join(work, 'hello.py'), FLOW);
      const environment = {
        ...clientEnvironment(CLIENTS['3.9'].python, folder, apiUrl),
        PREFECT_LOGGING_LEVEL: 'DEBUG',
      };
      const ask = <T>(path: string, body: unknown = {}): Promise<T> => answerOf<T>(apiUrl, 'POST', path, body);
      const worker = start({
        command: PREFECT,
        words: ['worker', 'start', '-p', 'barn', '-t', 'process', '-n', 'w1'],
        folder: work,
        environment,
      });
      try {
        const until = async (what: string, is: () => Promise<boolean>): Promise<void> => {
          while (!(await is())) {
            assert.ok(!worker.hasEnded(), `${what}\n${worker.said()}`);
            await delay(100);
          }
        };
        await until('the worker is there', async () => {
          const there = await ask<unknown>('/work_pools/barn/workers/filter');
          return Array.isArray(there) && there.length === 1;
        });
        const made = await run(
          { command: CLIENTS['3.9'].python, words: ['hello.py'], folder: work, environment },
          COMMAND_TIMEOUT_MS,
        );
        assert.equal(made.exitCode, 0, made.stderr);
        const [{ id }] = await ask<[{ id: string }]>('/deployments/filter');
        const created = await ask<{ id: string }>(`/deployments/${id}/create_flow_run`, {
          state: { type: 'SCHEDULED' },
        });
        await until('the run is completed', async () => {
          const [found] = await ask<[{ state_type: string }]>('/flow_runs/filter', {
            flow_runs: { id: { any_: [created.id] } },
          });
          return found.state_type === 'COMPLETED';
        });
        await until('its heartbeats come over the socket alone', () =>
          Promise.resolve(
            worker.said().includes('Skipping REST worker heartbeat because the worker channel is healthy'),
          ),
        );
        assert.doesNotMatch(worker.said(), /Worker channel (disabled|unhealthy)/);
      } finally {
        await worker.stop();
      }
    }),
  );
});
