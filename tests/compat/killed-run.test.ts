/**
 * A run of the real client whose process is killed: ended when its heartbeats stop; until then, what is true is said,
 * and it can be marked.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { prepareClients, REFERENCE } from './clients.ts';
import { run, type Ended } from './processes.ts';
import { startOstinato, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'killed_run.py');
const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');

const folder = mkdtempSync(join(tmpdir(), 'ostinato-killed-run-'));
before(async () => await prepareClients(() => undefined), { timeout: 600_000 });
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

type Wire = Readonly<Record<string, unknown>>;

const post = async (apiUrl: string, path: string, body: unknown): Promise<unknown> =>
  (
    await fetch(apiUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json();

async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await delay(200);
  }
}

/** Runs the flow until its task holds, and kills it. Answers the run as it stood then. */
async function runAndKill(
  apiUrl: string,
  home: string,
  settings: Readonly<Record<string, string>>,
  isBegun: (id: string) => Promise<boolean>,
): Promise<Wire> {
  const child = spawn(REFERENCE.python, [PROGRAM], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      PREFECT_API_URL: apiUrl,
      PREFECT_HOME: join(home, 'prefect'),
      DO_NOT_TRACK: '1',
      ...settings,
    },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  try {
    return await until(async () => {
      assert.equal(child.exitCode, null, 'the program ended by itself');
      const [found] = (await post(apiUrl, '/flow_runs/filter', {
        flow_runs: { state: { type: { any_: ['RUNNING'] } } },
      })) as Wire[];
      if (found === undefined) return null;
      const [task] = (await post(apiUrl, '/task_runs/filter', {
        task_runs: { state: { type: { any_: ['RUNNING'] } } },
      })) as Wire[];
      return task !== undefined && (await isBegun(String(found['id']))) ? found : null;
    });
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

test('with heartbeats: Crashed when they stop, with what was running', { timeout: 300_000 }, async () => {
  const home = mkdtempSync(join(folder, 'beating-'));
  await withServer(startOstinato(home, { OSTINATO_SERVER_SILENT_RUNS_SECONDS: '8' }), async ({ apiUrl }) => {
    const heard = async (id: string): Promise<boolean> =>
      (
        (await post(apiUrl, '/events/filter', {
          filter: { event: { name: ['prefect.flow-run.heartbeat'] }, resource: { id: [`prefect.flow-run.${id}`] } },
        })) as { total: number }
      ).total > 0;
    const { id, name } = await runAndKill(apiUrl, home, { PREFECT_FLOWS_HEARTBEAT_FREQUENCY: '30' }, heard);
    const ended = await until(async () => {
      const state = ((await (await fetch(`${apiUrl}/flow_runs/${String(id)}`)).json()) as { state: Wire }).state;
      return state['type'] === 'CRASHED' ? state : null;
    });
    assert.match(
      String(ended['message']),
      /^Its client has sent no heartbeat for .*: the last one came at .*\. Then ran: "hold-.*" \(since .*\)\.$/,
      String(name),
    );
    const tasks = (await post(apiUrl, '/task_runs/filter', {})) as Wire[];
    assert.deepEqual(
      tasks.map((task) => task['state_type']),
      ['CRASHED'],
    );
  });
});

test(
  'before its heartbeats are missed: it is said that nobody is known who would stop it, and it can be marked',
  { timeout: 300_000 },
  async () => {
    const home = mkdtempSync(join(folder, 'silent-'));
    await withServer(startOstinato(home), async ({ apiUrl }) => {
      const ostinato = (...words: readonly string[]): Promise<Ended> =>
        run(
          {
            command: process.execPath,
            words: [LAUNCHER, ...words],
            folder: home,
            environment: {
              PATH: process.env['PATH'] ?? '',
              HOME: home,
              OSTINATO_HOME: join(home, 'ostinato'),
              OSTINATO_API_URL: apiUrl,
            },
          },
          120_000,
        );
      const first = await runAndKill(apiUrl, home, {}, async () => true);
      const why = await ostinato('why', String(first['id']));
      assert.match(
        why.stdout.replaceAll(/\s+/g, ' '),
        /Another client runs it; its last heartbeat came .* ago\..*flow-run mark \S+ crashed/,
      );
      const asked = await ostinato('flow-run', 'cancel', String(first['id']));
      assert.match(
        asked.stdout,
        /No process is known here that would stop it; else the server marks it Cancelled 5 minutes after.*cancel \S+ --force/,
      );
      assert.match(
        (await ostinato('why', String(first['id']))).stdout.replaceAll(/\s+/g, ' '),
        /no process is known here that would.*--force/,
      );
      const forced = await ostinato('flow-run', 'cancel', String(first['id']), '--force', '--wait');
      assert.match(forced.stdout, / is Cancelled\.$/m);

      const second = await runAndKill(apiUrl, home, {}, async () => true);
      const marked = await ostinato(
        'flow-run',
        'mark',
        String(second['id']),
        'crashed',
        '-m',
        'the machine was taken away',
        '-o',
        'json',
      );
      assert.equal(marked.exitCode, 0, marked.stderr);
      const { state } = (await (await fetch(`${apiUrl}/flow_runs/${String(second['id'])}`)).json()) as { state: Wire };
      assert.deepEqual([state['type'], state['message']], ['CRASHED', 'the machine was taken away']);
      assert.equal((await ostinato('flow-run', 'mark', String(second['id']), 'completed')).exitCode, 4, 'it is over');
      assert.equal((await ostinato('flow-run', 'mark', String(second['id']), 'completed', '--force')).exitCode, 0);
    });
  },
);
