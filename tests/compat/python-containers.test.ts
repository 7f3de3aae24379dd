/** A flow in Python, run by our Docker worker with Prefect's client in a container; also when its worker is killed. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { askApi } from '../journeys/ask-api.ts';
import { preparePython } from '../../scripts/python-environment.ts';
import { startEngine } from '../journeys/container-engine.ts';
import { REFERENCE } from './clients.ts';
import { start } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
/** Python takes its time to begin, and more beside other tests. */
const TEST_TIMEOUT_MS = 600_000;
const FLOWS = `
import os, time
from prefect import flow
@flow(name="meets", log_prints=True)
def meets(word: str):
    print("here with", word)
    os.write(1, b"raw output\\n")
    open("/meet/here", "w").close()
    while not os.path.exists("/meet/go"):
        time.sleep(0.05)
`;

before(async () => await preparePython(REFERENCE, () => undefined), { timeout: TEST_TIMEOUT_MS });

test('it runs, its lines are logs once, and the next worker takes it over', { timeout: TEST_TIMEOUT_MS }, async () => {
  // It fetches nothing.
  const engine = await startEngine('127.0.0.1:1');
  // The interpreter of the client's environment may lie outside of /usr.
  const python = dirname(dirname(realpathSync(REFERENCE.python)));
  const volumes = python.startsWith('/usr') ? engine.volumes : [...engine.volumes, `${python}:${python}:ro`];
  try {
    await inFolder((folder) =>
      withServer(startOstinato(folder), async ({ apiUrl }) => {
        const code = join(folder, 'code');
        mkdirSync(code);
        writeFileSync(join(code, 'flows.py'), FLOWS);
        const ask = <T>(method: string, path: string, body?: unknown): Promise<T> =>
          askApi<T>(apiUrl, method, path, body);
        const environment = {
          PATH: process.env['PATH'] ?? '',
          HOME: folder,
          OSTINATO_HOME: join(folder, 'ostinato'),
          OSTINATO_API_URL: apiUrl,
          DOCKER_HOST: engine.address,
        };
        const words = [LAUNCHER, 'worker', 'start', '-p', 'harbour', '--type', 'docker'];
        const startWorker = () => start({ command: process.execPath, words, folder, environment });
        let worker = startWorker();
        const until = async (what: string, is: () => boolean | Promise<boolean>): Promise<void> => {
          while (!(await is())) {
            assert.ok(!worker.hasEnded(), `${what}\n${worker.said()}`);
            await delay(100);
          }
        };
        try {
          await until('the pool is there', () => worker.said().includes('takes the runs of'));
          const flow = await ask<{ id: string }>('POST', '/flows/', { name: 'meets' });
          const { id } = await ask<{ id: string }>('POST', '/deployments/', {
            name: 'd',
            flow_id: flow.id,
            entrypoint: 'flows.py:meets',
            path: '/code',
            work_pool_name: 'harbour',
            job_variables: {
              image: engine.image,
              working_dir: '/code',
              command: `${REFERENCE.python} -m prefect.engine`,
              volumes: [...volumes, `${code}:/code:ro`, `${engine.folder}:/meet`],
              env: { PREFECT_HOME: '/tmp/prefect', PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: 'false' },
            },
          });
          type Run = {
            readonly id: string;
            readonly state: { readonly type: string; readonly message: string | null };
          };
          const run = await ask<Run>('POST', `/deployments/${id}/create_flow_run`, {
            state: { type: 'SCHEDULED' },
            parameters: { word: 'you' },
          });
          const isOver = async (): Promise<Run['state'] | null> => {
            const { state } = await ask<Run>('GET', `/flow_runs/${run.id}`);
            return ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(state.type) ? state : null;
          };
          await until('it runs', async () => {
            assert.equal(await isOver(), null, worker.said());
            return existsSync(join(engine.folder, 'here'));
          });
          worker.kill('SIGKILL');
          await worker.ended;
          worker = startWorker();
          await until('it is taken over', () => /container .* is taken over/.test(worker.said()));
          writeFileSync(join(engine.folder, 'go'), '');
          await until('it is over', async () => (await isOver()) !== null);
          assert.equal((await isOver())?.type, 'COMPLETED', worker.said());
          await until('no container is left', () => engine.containers().length === 0);
          const logs = await ask<readonly { message: string }[]>('POST', '/logs/filter', {
            logs: { flow_run_id: { any_: [run.id] } },
          });
          for (const line of ['here with you', 'raw output'])
            assert.equal(logs.filter(({ message }) => message === line).length, 1, JSON.stringify(logs));
        } finally {
          await worker.stop();
        }
      }),
    );
  } finally {
    await engine.stop();
  }
});
