/**
 * Environments of Python deployments, made by the real tools from what lies beside their flows: `uv.lock`,
 * `requirements.txt` and `pyproject.toml`, by uv and by pip. The real client runs the flows in them.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { before, test } from 'node:test';

import { REFERENCE } from './clients.ts';
import { start, type Running } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';
import { preparePython } from '../../scripts/python-environment.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
const UV = join(dirname(REFERENCE.python), 'uv');
const TEST_TIMEOUT_MS = 900_000;
/** Python and the tools take their time, and more beside other tests. */
const WAIT_MS = 300_000;

const KINDS = ['uv.lock', 'requirements.txt', 'pyproject.toml'] as const;
type Kind = (typeof KINDS)[number];
const VERSIONS = ['1.0', '2.0'] as const;

const FLOW = `
import sys
import tinypy
from prefect import flow
@flow(name="says", log_prints=True)
def says():
    print(f"says {tinypy.__file__.startswith(sys.prefix)} {tinypy.WORD} {sys.prefix}")
`;

before(async () => await preparePython(REFERENCE, () => undefined), { timeout: TEST_TIMEOUT_MS });

/** A wheel by hand, in a folder that the tools look into instead of asking a registry. */
function makeWheel(wheels: string, name: string, version: string, files: Readonly<Record<string, string>>): void {
  const info = `${name}-${version}.dist-info`;
  const folder = join(wheels, `${name}-${version}`);
  const all: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  all[`${info}/RECORD`] = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const zip = ['-m', 'zipfile', '-c', join(wheels, `${name}-${version}-py3-none-any.whl`), ...readdirSync(folder)];
  execFileSync(REFERENCE.python, zip, { cwd: folder });
}

/** The real client comes along by a wheel that leads to where it is installed: nothing large is copied or fetched. */
function makeWheels(folder: string): string {
  const wheels = join(folder, 'wheels');
  const code = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
  const packages = execFileSync(REFERENCE.python, ['-c', code], { encoding: 'utf8' });
  makeWheel(wheels, 'clientpath', '1.0', { 'clientpath.pth': packages });
  for (const version of VERSIONS) makeWheel(wheels, 'tinypy', version, { 'tinypy.py': `WORD = "tiny ${version}"\n` });
  return wheels;
}

/** A repository of Git with a flow, and what says which packages it needs. */
function makeRepository(folder: string, kind: Kind, version: string, environment: Record<string, string>): string {
  const path = join(folder, `${kind}-${version}`);
  mkdirSync(path);
  writeFileSync(join(path, 'flow.py'), FLOW);
  const needed = [`tinypy==${version}`, 'clientpath==1.0'];
  const project = ['[project]', 'name = "says"', 'version = "0"', 'requires-python = ">=3.9"'];
  if (kind === 'requirements.txt') writeFileSync(join(path, kind), `${needed.join('\n')}\n`);
  else
    writeFileSync(
      join(path, 'pyproject.toml'),
      [...project, `dependencies = ${JSON.stringify(needed)}`, ''].join('\n'),
    );
  if (kind === 'uv.lock') execFileSync(UV, ['lock', '--quiet'], { cwd: path, env: environment });
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: path, stdio: 'pipe', env: { ...environment, ...GIT } });
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'flows');
  return `file://${path}`;
}

const GIT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
};

interface Ended {
  readonly type: string;
  readonly message: string | null;
  readonly logs: readonly string[];
  /** What its flow found: whether the package is of its environment, its word, where the environment lies. */
  readonly found: readonly string[];
}

interface World {
  readonly worker: Running;
  /** Those that are whole. */
  readonly environments: () => readonly string[];
  readonly run: (kind: Kind, version: string) => Promise<Ended>;
}

/** The worker's environment: it finds Python, uv if it is to be there, and packages in a folder alone. */
function prepareTools(folder: string, withUv: boolean, apiUrl: string): Record<string, string> {
  const wheels = makeWheels(folder);
  writeFileSync(join(folder, 'uv.toml'), `no-index = true\nfind-links = [${JSON.stringify(wheels)}]\n`);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // By its own name: a link would not know its packages.
  writeFileSync(join(bin, 'python'), `#!/bin/sh\nexec '${REFERENCE.python}' "$@"\n`);
  chmodSync(join(bin, 'python'), 0o755);
  if (withUv) symlinkSync(UV, join(bin, 'uv'));
  // Where Git lies there may be an uv of the machine's own.
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  symlinkSync(folders.map((path) => join(path, 'git')).find((path) => existsSync(path)) ?? 'git', join(bin, 'git'));
  return {
    PATH: [bin, dirname(process.execPath)].join(delimiter),
    HOME: folder,
    TZ: 'UTC',
    NO_COLOR: '1',
    OSTINATO_HOME: join(folder, 'ostinato'),
    OSTINATO_API_URL: apiUrl,
    OSTINATO_WORKER_WARM_PYTHON: 'false',
    PREFECT_HOME: join(folder, 'prefect-home'),
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: wheels,
    UV_OFFLINE: '1',
    UV_CONFIG_FILE: join(folder, 'uv.toml'),
    UV_CACHE_DIR: join(folder, 'uv-cache'),
    UV_PYTHON_DOWNLOADS: 'never',
    UV_PYTHON: REFERENCE.python,
  };
}

async function inWorld(withUv: boolean, use: (world: World) => Promise<void>): Promise<void> {
  await inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const environment = prepareTools(folder, withUv, apiUrl);
      const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
        const answer = await fetch(`${apiUrl}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
        return (await answer.json()) as T;
      };
      const worker = start({
        command: process.execPath,
        words: [LAUNCHER, 'worker', 'start', '-p', 'barn'],
        folder,
        environment,
      });
      const until = async <T>(what: string, look: () => Promise<T | false>): Promise<T> => {
        for (const limit = performance.now() + WAIT_MS; ; await delay(100)) {
          const found = await look();
          if (found !== false) return found;
          assert.ok(!worker.hasEnded(), `${what}\n${worker.said()}`);
          assert.ok(performance.now() < limit, `${what}\n${worker.said()}`);
        }
      };
      try {
        await until('the pool is there', () => Promise.resolve(worker.said().includes('takes the runs of')));
        const flow = await ask<{ id: string }>('POST', '/flows/', { name: 'says' });
        const deployments = new Map<string, Promise<{ readonly id: string }>>();
        const deployment = (kind: Kind, version: string): Promise<{ readonly id: string }> => {
          const name = `${kind}-${version}`;
          const made =
            deployments.get(name) ??
            ask<{ id: string }>('POST', '/deployments/', {
              name,
              flow_id: flow.id,
              entrypoint: 'flow.py:says',
              work_pool_name: 'barn',
              pull_steps: [
                {
                  'prefect.deployments.steps.git_clone': {
                    repository: makeRepository(folder, kind, version, environment),
                  },
                },
              ],
            });
          deployments.set(name, made);
          return made;
        };
        const shelf = join(folder, 'ostinato', 'worker', 'environments');
        await use({
          worker,
          environments: () =>
            existsSync(shelf) ? readdirSync(shelf).filter((name) => existsSync(join(shelf, name, 'ready.json'))) : [],
          async run(kind, version) {
            const { id } = await deployment(kind, version);
            const run = await ask<{ id: string }>('POST', `/deployments/${id}/create_flow_run`, {
              state: { type: 'SCHEDULED' },
            });
            const state = await until(`${kind} ${version} has ended`, async () => {
              const { state: now } = await ask<{ state: Omit<Ended, 'logs' | 'found'> }>('GET', `/flow_runs/${run.id}`);
              return ['COMPLETED', 'FAILED', 'CRASHED'].includes(now.type) && now;
            });
            const body = { logs: { flow_run_id: { any_: [run.id] } }, sort: 'TIMESTAMP_ASC', limit: 200 };
            const logs = await until(`what ${kind} ${version} said has come`, async () => {
              const lines = (await ask<readonly { message: string }[]>('POST', '/logs/filter', body)).map(
                ({ message }) => message,
              );
              const isWhole = state.type === 'CRASHED' || lines.some((line) => line.startsWith('says '));
              return isWhole && lines;
            });
            const [, own = '', word = '', prefix = ''] =
              /^says (\w+) (tiny \S+) (.+)$/m.exec(logs.find((line) => line.startsWith('says ')) ?? '') ?? [];
            return { ...state, logs, found: [own, word, prefix] };
          },
        });
      } finally {
        await worker.stop();
      }
    }),
  );
}

test('by uv: each kind and version at once has its own, and finds it again', { timeout: TEST_TIMEOUT_MS }, async () => {
  await inWorld(true, async ({ run, environments }) => {
    const wanted = KINDS.flatMap((kind) => VERSIONS.map((version) => ({ kind, version })));
    const all = () => Promise.all(wanted.map(async ({ kind, version }) => await run(kind, version)));
    const first = await all();
    for (const [at, { type, message, logs, found }] of first.entries()) {
      const { kind, version } = wanted[at] ?? assert.fail();
      assert.equal(type, 'COMPLETED', `${kind} ${version}: ${message}\n${logs.join('\n')}`);
      assert.deepEqual(found.slice(0, 2), ['True', `tiny ${version}`], kind);
      assert.match(
        logs.join('\n'),
        new RegExp(`Environment [0-9a-f]{8} of ${kind.replace('.', '\\.')} is made, by uv`),
      );
    }
    const places = (ended: readonly Ended[]) => ended.map(({ found }) => found[2]);
    assert.equal(new Set(places(first)).size, wanted.length);
    assert.equal(environments().length, wanted.length);
    const second = await all();
    assert.deepEqual(places(second), places(first));
    for (const { logs } of second)
      assert.match(logs.join('\n'), /Environment [0-9a-f]{8} of \S+ was there: ready after/);
    assert.equal(environments().length, wanted.length);
  });
});

test('by pip where there is no uv, which alone reads a uv.lock', { timeout: TEST_TIMEOUT_MS }, async () => {
  await inWorld(false, async ({ run, environments }) => {
    const kinds = ['requirements.txt', 'pyproject.toml'] as const;
    const ended = await Promise.all(kinds.map(async (kind, at) => await run(kind, VERSIONS[at] ?? '1.0')));
    for (const [at, { type, message, logs, found }] of ended.entries()) {
      assert.equal(type, 'COMPLETED', `${kinds[at]}: ${message}\n${logs.join('\n')}`);
      assert.deepEqual(found.slice(0, 2), ['True', `tiny ${VERSIONS[at]}`]);
      assert.match(logs.join('\n'), /is made, by venv and pip/);
    }
    assert.equal(environments().length, kinds.length);
    const refused = await run('uv.lock', '1.0');
    assert.equal(refused.type, 'CRASHED');
    assert.match(refused.message ?? '', /uv\.lock can be installed by uv alone, and there is none/);
    const lacking = await run('requirements.txt', '3.0');
    assert.equal(lacking.type, 'CRASHED', lacking.logs.join('\n'));
    assert.match(lacking.message ?? '', /Environment [0-9a-f]{8} of requirements\.txt failed: exit code 1/);
    assert.equal(environments().length, kinds.length, 'nothing half is left');
  });
});
