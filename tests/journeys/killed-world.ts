/** A server and two workers of one pool, of which each may be killed and started again; and deployments of runs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

import { startOstinato, until, type Background } from './background.ts';
import type { Place } from './launch.ts';
import { commitFiles, makeRepository } from './pulled-world.ts';
import { RunWitness, WITNESSED_FLOWS } from './run-witness.ts';

export type Kind = 'plain' | 'resumed' | 'pulled';

/** Runs at a time, in the pool and in the queue of one kind. */
const LIMITS = { all: 4, resumed: 1 };
const POOL = 'killed';
const QUEUES: Readonly<Record<Kind, string>> = { plain: 'default', resumed: 'narrow', pulled: 'default' };
/** One has a process that stands ready, one starts them as they come. */
const WORKERS = [
  ['--spare', '1'],
  ['--spare', '0'],
];

export class KilledWorld {
  readonly #place: Place;
  readonly #deployments = new Map<Kind, string>();
  readonly #repository: string;
  #git: (...words: string[]) => string = () => '';
  #packages = 0;
  #port = '0';
  server!: Background;
  readonly workers: Background[] = [];
  readonly witness: RunWitness;
  /** Each server and worker that there was. */
  readonly #all: Background[] = [];

  constructor(place: Place) {
    this.#place = place;
    this.witness = new RunWitness(join(place.project, 'witness'));
    this.#repository = join(place.project, 'repository');
  }

  async open(): Promise<void> {
    const { project } = this.#place;
    writeFileSync(join(project, 'flows.ts'), WITNESSED_FLOWS);
    writeFileSync(this.witness.path, '');
    this.#git = makeRepository(this.#repository, { 'flows.ts': WITNESSED_FLOWS, ...this.#packedPackage() });
    await this.startServer();
    await this.call('POST', '/work_pools/', { name: POOL, type: 'process', concurrency_limit: LIMITS.all });
    await this.call('POST', `/work_pools/${POOL}/queues`, { name: 'narrow', concurrency_limit: LIMITS.resumed });
    const clone = { 'prefect.deployments.steps.git_clone': { repository: `file://${this.#repository}` } };
    const says = `echo pull $OSTINATO__FLOW_RUN_ID $$ >> ${this.witness.path}; sleep 0.2`;
    const script = { 'prefect.deployments.steps.run_shell_script': { shell: true, script: says } };
    for (const kind of ['plain', 'resumed', 'pulled'] as const) {
      const flow = await this.call<{ id: string }>('POST', '/flows/', { name: kind });
      const { id } = await this.call<{ id: string }>('POST', '/deployments/', {
        name: kind,
        flow_id: flow.id,
        work_pool_name: POOL,
        work_queue_name: QUEUES[kind],
        entrypoint: `flows.ts:${kind}`,
        job_variables: { working_dir: project, env: { WITNESS: this.witness.path, LIMITS: JSON.stringify(LIMITS) } },
        ...(kind === 'pulled' ? { pull_steps: [clone, script], job_variables: this.#pulledVariables() } : {}),
        ...(kind === 'resumed' ? { on_crash: 'resume' } : {}),
      });
      this.#deployments.set(kind, id);
    }
    for (const [index] of WORKERS.entries()) this.startWorker(index);
  }

  #pulledVariables(): unknown {
    return { env: { WITNESS: this.witness.path, LIMITS: JSON.stringify(LIMITS) } };
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  /** A package that lies packed in the repository: no registry is asked. What it installs says so. */
  #packedPackage(): Record<string, Buffer> {
    const [folder, at] = [join(this.#place.project, 'tiny'), join(this.#place.project, 'uses')];
    for (const path of [folder, at]) mkdirSync(path, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'tiny', version: '1.0.0' }));
    const env = { PATH: process.env['PATH'], HOME: this.#place.home, npm_config_offline: 'true' };
    execFileSync('npm', ['pack', '--silent', '--pack-destination', at], { cwd: folder, env });
    const install = `echo install $OSTINATO__FLOW_RUN_ID $$ >> ${this.witness.path}; sleep 0.2`;
    const program = { name: 'flows', version: '1.0.0', type: 'module', scripts: { install } };
    const file = join(at, 'package.json');
    writeFileSync(file, JSON.stringify({ ...program, dependencies: { tiny: 'file:tiny-1.0.0.tgz' } }));
    execFileSync('npm', ['install', '--silent', '--package-lock-only'], { cwd: at, env });
    return Object.fromEntries(
      ['package.json', 'package-lock.json', 'tiny-1.0.0.tgz'].map((name) => [name, readFileSync(join(at, name))]),
    );
  }

  /** The next run that is pulled finds no environment for what it needs. */
  needsNewPackages(): void {
    this.#packages += 1;
    const changed = ['package.json', 'package-lock.json'].map((name) => {
      const json = JSON.parse(readFileSync(join(this.#repository, name), 'utf8')) as {
        version: string;
        packages?: Record<string, { version: string }>;
      };
      json.version = `1.0.${this.#packages}`;
      if (json.packages?.['']) json.packages[''].version = json.version;
      return [name, JSON.stringify(json)] as const;
    });
    commitFiles(this.#repository, this.#git, Object.fromEntries(changed));
  }

  async startServer(): Promise<void> {
    this.server = startOstinato(this.#place, ['server', 'start', '--port', this.#port]);
    this.#all.push(this.server);
    const url = await until('it serves', () => /serves at (http:\S+)/.exec(this.server.text().stderr)?.[1]);
    this.#port = new URL(url).port;
  }

  startWorker(index: number): void {
    const words = ['worker', 'start', '-p', POOL, '--name', `w${index}`, '--poll', '1s', ...(WORKERS[index] ?? [])];
    const started = startOstinato(this.#place, words, { OSTINATO_API_URL: this.#url });
    this.workers[index] = started;
    this.#all.push(started);
  }

  close(): void {
    for (const { child } of this.#all) child.kill('SIGKILL');
  }

  /** As somebody who asks again while the server is away. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let time = 0; ; time += 1) {
      const headers = { 'content-type': 'application/json' };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(this.#url + path, { method, headers, ...sent }).catch(() => null);
      if (answer !== null && answer.status < 500) {
        assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`);
        return (answer.status === 204 ? null : await answer.json()) as T;
      }
      assert.ok(time < 1000, `${method} ${path} was not answered: ${this.server.text().stderr}`);
      await pause(50);
    }
  }

  /** @returns the id of the run */
  async ask(kind: Kind, word: string, millis: number): Promise<string> {
    const body = { state: { type: 'SCHEDULED' }, parameters: { word, millis }, idempotency_key: word };
    const path = `/deployments/${this.#deployments.get(kind)}/create_flow_run`;
    return (await this.call<{ id: string }>('POST', path, body)).id;
  }

  async holders(): Promise<readonly unknown[]> {
    const asked = [
      { what: 'work-pool', name: POOL },
      { what: 'work-queue', name: `${POOL}/narrow` },
    ];
    const answers = asked.map(
      async (ask) => (await this.call<{ holders: unknown[] }>('POST', '/ostinato/limits/holders', ask)).holders,
    );
    return (await Promise.all(answers)).flat();
  }

  /** What is in the database: whether it is whole, and how many leases of slots there are. */
  readDatabase(): { readonly integrity: unknown; readonly leases: unknown; readonly active: unknown } {
    const db = new DatabaseSync(join(this.#place.home, 'ostinato.db'), { readOnly: true });
    try {
      const one = (sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0];
      return {
        integrity: one('PRAGMA integrity_check'),
        leases: one('SELECT count(*) FROM concurrency_lease'),
        active: one('SELECT count(*) FROM flow_run WHERE end_time IS NULL'),
      };
    } finally {
      db.close();
    }
  }

  /** Why a run is where it is, for a test that fails. */
  async why(id: string): Promise<string> {
    return (await this.#place.ostinato(['why', id], { env: { OSTINATO_API_URL: this.#url } })).stdout;
  }

  /** What servers and workers have said, for a test that fails. */
  said(): string {
    return this.#all.map(({ text }) => `${text().stderr}${text().stdout}`.slice(-3000)).join('\n----\n');
  }
}
