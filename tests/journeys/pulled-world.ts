/** A server, a worker, and repositories that deployments pull their code from. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { startOstinato, until, type Background } from './background.ts';
import type { Place } from './launch.ts';

export interface RunSeen {
  readonly id: string;
  readonly state: { readonly type: string; readonly message: string | null };
}

export class PulledWorld {
  readonly place: Place;
  readonly url: string;
  readonly workers: Background[] = [];

  static async open(place: Place): Promise<PulledWorld> {
    await place.ostinato(['server', 'start', '--port', '0', '--background']);
    const { stdout } = await place.ostinato(['server', 'status', '--wait', '-o', 'json']);
    return new PulledWorld(place, `${(JSON.parse(stdout) as { url: string }).url}/api`);
  }

  private constructor(place: Place, url: string) {
    this.place = place;
    this.url = url;
  }

  startWorker(env: Readonly<Record<string, string>> = {}, ...words: string[]): Background {
    const all = ['worker', 'start', '-p', 'default-agent-pool', ...words];
    const worker = startOstinato(this.place, all, { OSTINATO_API_URL: this.url, ...env });
    this.workers.push(worker);
    return worker;
  }

  async close(): Promise<void> {
    for (const { child } of this.workers) child.kill('SIGKILL');
    await this.place.ostinato(['server', 'stop']);
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`);
    return (answer.status === 204 ? null : await answer.json()) as T;
  }

  /** As Prefect's clients make one. @returns its id */
  async deployment(
    name: string,
    fields: {
      readonly entrypoint: string;
      readonly pull_steps?: readonly unknown[];
      readonly job_variables?: Readonly<Record<string, unknown>>;
      readonly path?: string;
      readonly on_crash?: string;
    },
    flowName = name,
  ): Promise<string> {
    const flow = await this.call<{ id: string }>('POST', '/flows/', { name: flowName });
    const body = { name, flow_id: flow.id, work_queue_name: 'default', ...fields };
    return (await this.call<{ id: string }>('POST', '/deployments/', body)).id;
  }

  async ask(deployment: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const body = { state: { type: 'SCHEDULED' }, parameters };
    return (await this.call<{ id: string }>('POST', `/deployments/${deployment}/create_flow_run`, body)).id;
  }

  async ended(id: string): Promise<RunSeen['state']> {
    return await until(`run ${id} has ended`, async () => {
      const { state } = await this.call<RunSeen>('GET', `/flow_runs/${id}`);
      return ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(state.type) && state;
    });
  }

  /** @returns the messages of its logs, in their order, when one of them is as wanted */
  async logs(id: string, wanted: RegExp): Promise<readonly string[]> {
    return await until(`run ${id} says ${wanted}`, async () => {
      const logs = await this.call<readonly { message: string }[]>('POST', '/logs/filter', {
        logs: { flow_run_id: { any_: [id] } },
        sort: 'TIMESTAMP_ASC',
        limit: 200,
      });
      const messages = logs.map(({ message }) => message);
      return messages.some((message) => wanted.test(message)) && messages;
    });
  }

  async completed(id: string): Promise<void> {
    const said = (): string => this.workers.map((worker) => worker.text().stderr + worker.text().stdout).join('\n');
    const state = await this.ended(id).catch((error: Error) => assert.fail(`${error.message}\n${said()}`));
    assert.equal(state.type, 'COMPLETED', `${state.message ?? ''}\n${said()}`);
  }
}

/** A repository with these files. @returns a function for git in it */
export function makeRepository(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
): (...words: string[]) => string {
  mkdirSync(folder, { recursive: true });
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'protocol.file.allow=always', ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...AUTHOR },
    }).trim();
  git('init', '--quiet', '--initial-branch', 'main');
  commitFiles(folder, git, files);
  return git;
}

export function commitFiles(
  folder: string,
  git: (...words: string[]) => string,
  files: Readonly<Record<string, string | Buffer>>,
): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  git('add', '--all', '--force');
  git('commit', '--quiet', '--message', 'more');
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
};
