/** A worker of one's own, as the example has it: its runs are run, fail, and are cancelled as those of any other. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';

import { askApi } from '../tests/journeys/ask-api.ts';
import { startOstinato, until, type Background } from '../tests/journeys/background.ts';
import { LAUNCHER, makePlace } from '../tests/journeys/launch.ts';

const EXAMPLE = join(import.meta.dirname, '12-own-worker.ts');
const FLOWS = `
import { getPriority } from 'node:os';
import { writeFileSync } from 'node:fs';
import { flow } from 'ostinato';
export const says = flow(async () => { process.stdout.write('priority ' + getPriority() + '\\n'); }, { name: 'says' });
export const dies = flow(async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); }, { name: 'dies' });
export const stays = flow(async () => {
  writeFileSync('stays', String(process.pid));
  for (;;) await new Promise((resolve) => setTimeout(resolve, 20));
}, { name: 'stays' });
`;
const TEST_MS = 120_000;

let worker: Background;
let env: Record<string, string> = {};
after(async () => {
  worker?.child.kill('SIGKILL');
  await place.ostinato(['server', 'stop']);
});
const place = makePlace();

before(
  async () => {
    const programs = join(place.project, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'ostinato'), `#!/bin/sh\nexec ${process.execPath} ${LAUNCHER} "$@"\n`);
    chmodSync(join(programs, 'ostinato'), 0o755);
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    await place.ostinato(['server', 'start', '--port', '0', '--background']);
    const { stdout } = await place.ostinato(['server', 'status', '--wait', '-o', 'json']);
    env = {
      OSTINATO_API_URL: `${(JSON.parse(stdout) as { url: string }).url}/api`,
      PATH: [programs, process.env['PATH']].join(delimiter),
    };
    worker = startOstinato(place, ['worker', 'start', '--pool', 'night', '--type', EXAMPLE], env);
    await until('the pool is there', () => worker.text().stderr.includes('each in a job of the type nice'));
    for (const name of ['says', 'dies', 'stays']) {
      const flow = await post<{ id: string }>('/flows/', { name });
      const body = { name, flow_id: flow.id, entrypoint: `flows.ts:${name}`, work_pool_name: 'night' };
      await post('/deployments/', { ...body, job_variables: { niceness: 7 } });
    }
  },
  { timeout: TEST_MS },
);

const ask = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  askApi<T>(env['OSTINATO_API_URL'], method, path, body);
const post = <T>(path: string, body: unknown): Promise<T> => ask<T>('POST', path, body);

async function begun(name: string, jobVariables: object = {}): Promise<string> {
  const { id } = await ask<{ id: string }>('GET', `/deployments/name/${name}/${name}`);
  return (await post<{ id: string }>(`/deployments/${id}/create_flow_run`, { job_variables: jobVariables })).id;
}

async function becomes(id: string, type: string): Promise<string> {
  return await until(`run ${id} is ${type}`, async () => {
    const { state } = await ask<{ state: { type: string; message: string | null } }>('GET', `/flow_runs/${id}`);
    return state.type === type && (state.message ?? type);
  });
}

test(
  'its variables are checked by the server, and reach it: those of the run before those of the deployment',
  { timeout: TEST_MS },
  async () => {
    const runs = [await begun('says'), await begun('says', { niceness: 12 })];
    for (const [index, id] of runs.entries()) {
      await becomes(id, 'COMPLETED');
      await until('its output is in the logs', async () => {
        const logs = await post<readonly { message: string }[]>('/logs/filter', {
          logs: { flow_run_id: { any_: [id] } },
        });
        return logs.some(({ message }) => message === `priority ${index === 0 ? 7 : 12}`);
      });
    }
    await assert.rejects(begun('says', { niceness: 40 }), /40|niceness/);
  },
);

test('one that dies is Crashed with the reason; one that is cancelled has ended', { timeout: TEST_MS }, async () => {
  assert.match(await becomes(await begun('dies'), 'CRASHED'), /Its job was ended by the signal SIGKILL/);
  const id = await begun('stays');
  const file = join(place.project, 'stays');
  await until('it runs', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
  await post(`/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING' } });
  await becomes(id, 'CANCELLED');
  await until('its process is gone', () => !existsSync(`/proc/${readFileSync(file, 'utf8')}`));
});

test(
  'a file without a worker, and one that is not there, are refused with what to write',
  { timeout: TEST_MS },
  async () => {
    writeFileSync(join(place.project, 'nothing.ts'), 'export const type = 1;\n');
    for (const [file, why] of [
      ['./nothing.ts', /exports no worker by default[^]*satisfies WorkerKind/],
      ['./nowhere.ts', /There is no file/],
      ['kubernetes', /no worker of the type "kubernetes"[^]*--type \.\/my-worker\.ts/],
    ] as const) {
      const { exitCode, stderr } = await place.ostinato(['worker', 'start', '-p', 'other', '--type', file], { env });
      assert.notEqual(exitCode, 0);
      assert.match(stderr, why);
    }
  },
);
