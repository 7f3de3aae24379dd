/** Flows in Python, deployed by Prefect's client, run by our worker: cold and forked, from a folder and from Git. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { REFERENCE } from './clients.ts';
import { run, start, type Running } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';
import { preparePython } from '../../scripts/python-environment.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
/** Python takes its time to begin, and more beside other tests. */
const COMMAND_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 600_000;

const FLOWS = `
import json, os, sys, threading
from prefect import flow, task
import state
@task
def adds(a, b):
    return a + b
@flow(name="looks", log_prints=True)
def looks(word: str = "you"):
    print(f"hello {word}")
    os.write(1, b"raw output\\n")
    state.seen += 1
    sys.modules["left_behind"] = sys.modules.get("left_behind") or state
    seen = {
        "word": word, "sum": adds(1, 2), "seen": state.seen, "left": os.environ.get("LEFT"), "pid": os.getpid(),
        "job": os.environ.get("JOB"), "folder": os.getcwd(), "threads_at_start": state.threads,
        "command": open("/proc/self/cmdline").read().replace("\\0", " "),
    }
    os.environ["LEFT"] = "behind"
    with open(os.environ["SEEN_FILE"], "a") as file:
        file.write(json.dumps(seen) + "\\n")
@flow(name="dies")
def dies():
    os.kill(os.getpid(), 9)
@flow(name="stays")
def stays():
    import time
    open(os.environ["SEEN_FILE"] + ".stays", "w").write(str(os.getpid()))
    time.sleep(600)
`;
const STATE = 'import threading\nseen = 0\nthreads = threading.active_count()\n';
const DEPLOYS = `
import sys
from prefect import flow
from prefect.runner.storage import GitRepository
source, name = sys.argv[1], sys.argv[2]
of = GitRepository(url=source, name="code") if "://" in source else source
for one in ["looks", "dies", "stays"]:
    flow.from_source(of, entrypoint=f"flows.py:{one}").deploy(
        name=name, work_pool_name="barn", job_variables={"env": {"JOB": name}}, print_next_steps=False, ignore_warnings=True)
`;

interface Seen {
  readonly word: string;
  readonly sum: number;
  readonly seen: number;
  readonly left: string | null;
  readonly pid: number;
  readonly job: string;
  readonly folder: string;
  readonly command: string;
}

before(async () => await preparePython(REFERENCE, () => undefined), { timeout: TEST_TIMEOUT_MS });

interface World {
  readonly worker: Running;
  readonly seen: () => Seen;
  readonly file: string;
  readonly ask: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** @returns the run's id */
  readonly runOf: (name: string, parameters?: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly becomes: (id: string, type: string) => Promise<{ readonly message: string | null }>;
  readonly until: (what: string, is: () => boolean | Promise<boolean>) => Promise<void>;
  readonly logs: (id: string) => Promise<readonly string[]>;
}

async function inWorld(
  settings: Readonly<Record<string, string>>,
  use: (world: World) => Promise<void>,
): Promise<void> {
  await inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const code = join(folder, 'code');
      const file = join(folder, 'seen.jsonl');
      mkdirSync(code);
      writeFileSync(file, '');
      for (const [name, text] of Object.entries({ 'flows.py': FLOWS, 'state.py': STATE }))
        writeFileSync(join(code, name), text);
      writeFileSync(join(folder, 'deploys.py'), DEPLOYS);
      const git = (...words: string[]) => execFileSync('git', words, { cwd: code, stdio: 'pipe', env: GIT });
      git('init', '--quiet');
      git('add', '--all');
      git('commit', '--quiet', '--message', 'flows');
      const environment = {
        PATH: [dirname(REFERENCE.python), dirname(process.execPath), process.env['PATH']].join(delimiter),
        HOME: folder,
        TZ: 'UTC',
        NO_COLOR: '1',
        OSTINATO_HOME: join(folder, 'ostinato'),
        OSTINATO_API_URL: apiUrl,
        PREFECT_API_URL: apiUrl,
        PREFECT_HOME: join(folder, 'prefect-home'),
        PREFECT_CLI_PROMPT: 'false',
        PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: 'false',
        DO_NOT_TRACK: '1',
        SEEN_FILE: file,
        ...settings,
      };
      const words = [LAUNCHER, 'worker', 'start', '-p', 'barn'];
      const worker = start({ command: process.execPath, words, folder, environment });
      const ask: World['ask'] = async (method, path, body) => {
        const answer = await fetch(`${apiUrl}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
        return (answer.status === 204 ? null : await answer.json()) as never;
      };
      const until: World['until'] = async (what, is) => {
        for (const limit = performance.now() + COMMAND_TIMEOUT_MS; !(await is()); await delay(50)) {
          assert.ok(!worker.hasEnded(), `${what}\n${worker.said()}`);
          assert.ok(performance.now() < limit, `${what}\n${worker.said()}`);
        }
      };
      const becomes: World['becomes'] = async (id, type) => {
        type Run = { readonly state: { readonly type: string; readonly message: string | null } };
        let state: Run['state'] = { type: '', message: null };
        await until(`${id} is ${type}`, async () => {
          ({ state } = await ask<Run>('GET', `/flow_runs/${id}`));
          const isOver = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(state.type);
          assert.ok(!isOver || state.type === type, `${state.type}: ${state.message}\n${worker.said()}`);
          return state.type === type;
        });
        return state;
      };
      try {
        await until('the pool is there', () => worker.said().includes('takes the runs of'));
        for (const [source, name] of [
          [code, 'local'],
          [`file://${code}`, 'git'],
        ] as const) {
          const words = [join(folder, 'deploys.py'), source, name];
          const made = await run({ command: REFERENCE.python, words, folder, environment }, COMMAND_TIMEOUT_MS);
          assert.equal(made.exitCode, 0, made.stdout + made.stderr);
        }
        await use({
          worker,
          file,
          ask,
          until,
          becomes,
          seen: () => JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '') as Seen,
          async runOf(name, parameters = {}) {
            const { id } = await ask<{ id: string }>('GET', `/deployments/name/${name}`);
            const body = { state: { type: 'SCHEDULED' }, parameters };
            return (await ask<{ id: string }>('POST', `/deployments/${id}/create_flow_run`, body)).id;
          },
          async logs(id) {
            const body = { logs: { flow_run_id: { any_: [id] } }, sort: 'TIMESTAMP_ASC', limit: 200 };
            return (await ask<readonly { message: string }[]>('POST', '/logs/filter', body)).map(
              ({ message }) => message,
            );
          },
        });
      } finally {
        await worker.stop();
      }
    }),
  );
}

const GIT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
};

test(
  'from a folder and from Git; the second is forked, and finds nothing of the first',
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    await inWorld({ PYTHONDONTWRITEBYTECODE: '1' }, async ({ runOf, becomes, seen, until, worker, logs, file }) => {
      const first = await runOf('looks/local', { word: 'World' });
      await becomes(first, 'COMPLETED');
      const cold = seen();
      assert.deepEqual([cold.word, cold.sum, cold.job, cold.folder.endsWith('/code')], ['World', 3, 'local', true]);
      assert.doesNotMatch(cold.command, / -c /);
      await until('what it wrote is in its logs', async () => (await logs(first)).includes('raw output'));
      await until(`what it said is in its logs, too: ${(await logs(first)).join('\n')}`, async () =>
        (await logs(first)).some((line) => line.includes('hello World')),
      );
      assert.equal((await logs(first)).filter((line) => line.includes('hello World')).length, 1, 'not twice');
      await until('a process stands ready', () => worker.said().includes('A process stands ready for Python'));
      const forked: Seen[] = [];
      for (const name of ['looks/git', 'looks/local', 'looks/git']) {
        await becomes(await runOf(name), 'COMPLETED');
        forked.push(seen());
      }
      for (const one of forked) {
        assert.match(one.command, / -c /, 'forked');
        assert.deepEqual([one.seen, one.left, one.sum], [1, null, 3]);
      }
      assert.deepEqual(
        forked.map(({ job }) => job),
        ['git', 'local', 'git'],
      );
      assert.match(forked[0]?.folder ?? '', /\/worker\/runs\/[0-9a-f-]{36}\/code$/);
      assert.equal(new Set(forked.map(({ pid }) => pid)).size, 3);
      const dead = await becomes(await runOf('dies/git'), 'CRASHED');
      assert.match(dead.message ?? '', /SIGKILL|No process has the id/);
      const staying = await runOf('stays/local');
      await until('it is at work', () => existsSync(`${file}.stays`) && readFileSync(`${file}.stays`, 'utf8') !== '');
      const pid = readFileSync(`${file}.stays`, 'utf8');
      worker.kill('SIGTERM');
      await becomes(staying, 'RUNNING');
      assert.ok(existsSync(`/proc/${pid}`), 'it may finish');
    });
  },
);

test('without warm Python each run starts its own', { timeout: TEST_TIMEOUT_MS }, async () => {
  await inWorld({ OSTINATO_WORKER_WARM_PYTHON: 'false' }, async ({ runOf, becomes, seen, worker }) => {
    for (const name of ['looks/git', 'looks/git']) {
      await becomes(await runOf(name), 'COMPLETED');
      assert.doesNotMatch(seen().command, / -c /);
    }
    assert.ok(!worker.said().includes('A process stands ready for Python'));
  });
});
