/** A worker of somebody's own in Python, derived from Prefect's `BaseWorker` (3.9), on our server. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { preparePython } from '../../scripts/python-environment.ts';
import { REFERENCE } from './clients.ts';
import { run, start } from './processes.ts';
import { inFolder } from './script.ts';
import { answerOf, clientEnvironment, startOstinato, withServer } from './servers.ts';

/** Python takes its time to begin, and more beside other tests. */
const COMMAND_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 600_000;

const WORKER = `
import asyncio, os, sys
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult
from pydantic import Field

class Shelf(BaseJobConfiguration):
    shelf: str = Field(default="top", json_schema_extra=dict(template="{{ shelf }}"))

class ShelfVariables(BaseVariables):
    shelf: str = Field(default="top", description="Where it is put.")

class ShelfResult(BaseWorkerResult):
    pass

class ShelfWorker(BaseWorker):
    type = "shelf"
    job_configuration = Shelf
    job_configuration_variables = ShelfVariables

    async def run(self, flow_run, configuration, task_status=None):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "prefect.engine",
            env={**os.environ, **configuration.env, "SHELF": configuration.shelf},
        )
        if task_status is not None:
            task_status.started(process.pid)
        code = await process.wait()
        return ShelfResult(identifier=str(process.pid), status_code=code)

if __name__ == "__main__":
    asyncio.run(ShelfWorker(work_pool_name="barn", name="own").start())
`;

const FLOW = `
import os
from prefect import flow
@flow(name="tells", log_prints=True)
def tells():
    print("on the shelf", os.environ["SHELF"])
@flow(name="breaks")
def breaks():
    os._exit(7)
if __name__ == "__main__":
    for one in (tells, breaks):
        one.from_source(source=".", entrypoint="flows.py:" + one.fn.__name__).deploy(
            name="d", work_pool_name="barn", job_variables={"shelf": "third"}, print_next_steps=False, ignore_warnings=True)
`;

before(async () => await preparePython(REFERENCE, () => undefined), { timeout: TEST_TIMEOUT_MS });

test(
  'its pool has its template; its runs are run with their variables, and what breaks is Crashed',
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    await inFolder((folder) =>
      withServer(startOstinato(folder), async ({ apiUrl }) => {
        const work = join(folder, 'work');
        mkdirSync(work);
        writeFileSync(join(work, 'flows.py'), FLOW);
        writeFileSync(join(work, 'worker.py'), WORKER);
        const environment = clientEnvironment(REFERENCE.python, folder, apiUrl);
        const ask = <T>(method: string, path: string, body?: unknown): Promise<T> =>
          answerOf<T>(apiUrl, method, path, body);
        const worker = start({ command: REFERENCE.python, words: ['worker.py'], folder: work, environment });
        const until = async (what: string, is: () => Promise<boolean>): Promise<void> => {
          while (!(await is())) {
            assert.ok(!worker.hasEnded(), `${what}\n${worker.said()}`);
            await delay(100);
          }
        };
        try {
          await until('it is in its pool', async () => {
            const there = await ask<unknown>('POST', '/work_pools/barn/workers/filter', {});
            return Array.isArray(there) && there.length === 1;
          });
          type Pool = {
            readonly type: string;
            readonly base_job_template: { readonly variables: { readonly properties: object } };
          };
          const pool = await ask<Pool>('GET', '/work_pools/barn');
          assert.equal(pool.type, 'shelf');
          assert.ok('shelf' in pool.base_job_template.variables.properties);
          const made = await run(
            { command: REFERENCE.python, words: ['flows.py'], folder: work, environment },
            COMMAND_TIMEOUT_MS,
          );
          assert.equal(made.exitCode, 0, made.stdout + made.stderr);
          type Run = {
            readonly id: string;
            readonly state: { readonly type: string };
            readonly infrastructure_pid: string;
          };
          const ends = async (flow: string, type: string): Promise<Run> => {
            const { id } = await ask<{ id: string }>('GET', `/deployments/name/${flow}/d`);
            const begun = await ask<Run>('POST', `/deployments/${id}/create_flow_run`, {
              state: { type: 'SCHEDULED' },
            });
            let found = begun;
            await until(`${flow} is ${type}`, async () => {
              found = await ask<Run>('GET', `/flow_runs/${begun.id}`);
              return found.state.type === type;
            });
            return found;
          };
          const told = await ends('tells', 'COMPLETED');
          assert.match(told.infrastructure_pid, /^\d+$/);
          await until('it was on its shelf', async () => {
            const logs = await ask<readonly { message: string }[]>('POST', '/logs/filter', {
              logs: { flow_run_id: { any_: [told.id] } },
            });
            return logs.some(({ message }) => message === 'on the shelf third');
          });
          await ends('breaks', 'CRASHED');
        } finally {
          await worker.stop();
        }
      }),
    );
  },
);
