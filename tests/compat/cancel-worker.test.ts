/**
 * Runs that Prefect's own process worker (3.9) has are cancelled on our server, as they wait, run and back off: their
 * process is gone, and their hooks have run.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { preparePython } from '../../scripts/python-environment.ts';
import { REFERENCE } from './clients.ts';
import { run, start } from './processes.ts';
import { inFolder } from './script.ts';
import { answerOf, clientEnvironment, startOstinato, withServer } from './servers.ts';

const PREFECT = join(dirname(REFERENCE.python), 'prefect');
const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
/** Python takes its time to begin, and more beside other tests. */
const COMMAND_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 900_000;

const FLOWS = `
import os
import time
from prefect import flow

def hook(flow, flow_run, state):
    with open("hooks", "a") as file:
        file.write(flow_run.name + " " + state.name + "\\n")

@flow(name="holds", on_cancellation=[hook])
def holds():
    with open("holds", "w") as file:
        file.write(str(os.getpid()))
    while True:
        time.sleep(0.1)

@flow(name="backs-off", retries=2, retry_delay_seconds=3600)
def backs_off():
    with open("backs-off", "w") as file:
        file.write(str(os.getpid()))
    raise ValueError("not yet")

if __name__ == "__main__":
    for made in (holds, backs_off):
        made.from_source(source=".", entrypoint="flows.py:" + made.fn.__name__).deploy(
            name="d", work_pool_name="barn", print_next_steps=False
        )
`;

before(async () => await preparePython(REFERENCE, () => undefined), { timeout: TEST_TIMEOUT_MS });

interface Run {
  readonly id: string;
  readonly name: string;
  readonly state: { readonly type: string; readonly name: string };
}

test(
  'prefect worker start: cancelled while scheduled, running and backing off',
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    await inFolder((folder) =>
      withServer(startOstinato(folder), async ({ apiUrl }) => {
        const work = join(folder, 'work');
        mkdirSync(work);
        writeFileSync(join(work, 'flows.py'), FLOWS);
        const environment = {
          ...clientEnvironment(REFERENCE.python, folder, apiUrl),
          OSTINATO_API_URL: apiUrl,
          OSTINATO_HOME: join(folder, 'ostinato-home'),
        };
        const ask = <T>(method: string, path: string, body?: unknown): Promise<T> =>
          answerOf<T>(apiUrl, method, path, body);
        const worker = start({
          command: PREFECT,
          words: ['worker', 'start', '-p', 'barn', '-t', 'process', '-n', 'w1'],
          folder: work,
          environment,
        });
        const until = async (what: string, is: () => boolean | Promise<boolean>): Promise<void> => {
          while (!(await is())) {
            assert.ok(!worker.hasEnded(), `${what}\n${worker.said()}`);
            await delay(100);
          }
        };
        const begun = async (flow: string, seconds = 0): Promise<Run> => {
          const deployment = await ask<{ id: string }>('GET', `/deployments/name/${flow}/d`);
          const at = new Date(Date.now() + seconds * 1000).toISOString();
          return await ask('POST', `/deployments/${deployment.id}/create_flow_run`, {
            state: { type: 'SCHEDULED', state_details: { scheduled_time: at } },
          });
        };
        const becomes = ({ id }: Run, name: string): Promise<void> =>
          until(`${id} is ${name}`, async () => (await ask<Run>('GET', `/flow_runs/${id}`)).state.name === name);
        const cancel = async ({ id }: Run): Promise<void> => {
          const words = [LAUNCHER, 'flow-run', 'cancel', id];
          const ended = await run({ command: process.execPath, words, folder: work, environment }, COMMAND_TIMEOUT_MS);
          assert.equal(ended.exitCode, 0, ended.stderr);
        };
        const pidIn = (file: string): string | null => {
          const path = join(work, file);
          return existsSync(path) && readFileSync(path, 'utf8') !== '' ? readFileSync(path, 'utf8') : null;
        };
        try {
          await until('the worker is there', async () => {
            const there = await ask<unknown>('POST', '/work_pools/barn/workers/filter', {});
            return Array.isArray(there) && there.length === 1;
          });
          const made = await run(
            { command: REFERENCE.python, words: ['flows.py'], folder: work, environment },
            COMMAND_TIMEOUT_MS,
          );
          assert.equal(made.exitCode, 0, made.stderr);

          const later = await begun('holds', 7200);
          await cancel(later);
          await becomes(later, 'Cancelled');

          const running = await begun('holds');
          await until('it has begun', () => pidIn('holds') !== null);
          await becomes(running, 'Running');
          await cancel(running);
          await becomes(running, 'Cancelled');
          await until('its process is gone', () => !existsSync(`/proc/${pidIn('holds')}`));
          await until('its hook has run', () => existsSync(join(work, 'hooks')));
          assert.match(readFileSync(join(work, 'hooks'), 'utf8'), new RegExp(`^${running.name} Cancell`));

          const waiting = await begun('backs-off');
          await becomes(waiting, 'AwaitingRetry');
          await cancel(waiting);
          await becomes(waiting, 'Cancelled');
          await until('its process is gone', () => !existsSync(`/proc/${pidIn('backs-off')}`));
        } finally {
          await worker.stop();
        }
      }),
    );
  },
);
