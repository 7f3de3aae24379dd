/**
 * The server asks for a secret and keeps those of its users: the real client comes in with it, and nobody else hears of
 * either.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

const AUTH = 'admin:only-we-know-this';
const PLAIN = 's3cr3t-of-the-warehouse';
const PROGRAM = join(import.meta.dirname, 'scripts', 'programs', 'keep_secret.py');
const TIMEOUT_MS = 150_000;

await prepareClients(console.log);

function runClient(folder: string, apiUrl: string, settings: Readonly<Record<string, string>>) {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    PREFECT_HOME: join(folder, 'prefect-home'),
    PREFECT_API_URL: apiUrl,
    PREFECT_CLIENT_MAX_RETRIES: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false',
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    ...settings,
  };
  return run({ command: REFERENCE.python, words: [PROGRAM], folder, environment }, TIMEOUT_MS);
}

async function ask<Answer>(apiUrl: string, path: string, body: object = {}): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from(AUTH).toString('base64')}`,
  };
  return (await (
    await fetch(`${apiUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  ).json()) as Answer;
}

test('the client runs a flow behind an auth string; no secret is in a log, an event, an answer or a file', () =>
  inFolder((folder) =>
    withServer(startOstinato(folder, { OSTINATO_SERVER_AUTH_STRING: AUTH }), async ({ apiUrl, said }) => {
      const ended = await runClient(folder, apiUrl, { PREFECT_API_AUTH_STRING: AUTH });
      assert.equal(ended.exitCode, 0, ended.stderr);
      assert.match(ended.stdout, /masked: \*{8}/);

      const [taskRun] = await recorded(
        async () =>
          await ask<{ name: string; state_name: string }[]>(apiUrl, '/task_runs/filter', {
            task_runs: { state: { type: { any_: ['COMPLETED'] } } },
          }),
      );
      assert.match(taskRun?.name ?? '', /^connect/);
      const [event] = await recorded(
        async () =>
          (
            await ask<{ events: object[] }>(apiUrl, '/events/filter', {
              filter: { event: { name: ['warehouse.opened'] } },
            })
          ).events,
      );
      assert.ok(event, 'events come in behind the auth string');

      const answers = await Promise.all(
        ['/block_documents/filter', '/events/filter', '/logs/filter', '/flow_runs/filter', '/task_runs/filter'].map(
          (path) => ask(apiUrl, path),
        ),
      );
      const malformed = await ask(apiUrl, '/block_documents/', { name: 1 });
      const files = globSync(join(folder, '{ostinato/**,server.db*}')).filter((path) => statSync(path).isFile());
      assert.ok(files.some((path) => path.endsWith('server.db')));
      const texts = [
        said(),
        ended.stdout,
        ended.stderr,
        JSON.stringify([answers, malformed]),
        ...files.map((path) => readFileSync(path, 'latin1')),
      ];
      for (const text of texts)
        for (const secret of [PLAIN, AUTH])
          assert.equal(
            text.includes(secret),
            false,
            text.slice(Math.max(0, text.indexOf(secret) - 300), text.indexOf(secret) + 60),
          );
    }),
  ));

test('a client without the secret, or with a wrong one, is told so and records nothing', () =>
  inFolder((folder) =>
    withServer(startOstinato(folder, { OSTINATO_SERVER_AUTH_STRING: AUTH }), async ({ apiUrl, said }) => {
      for (const settings of [{}, { PREFECT_API_AUTH_STRING: 'admin:guessed' }]) {
        const ended = await runClient(folder, apiUrl, settings as Readonly<Record<string, string>>);
        assert.notEqual(ended.exitCode, 0);
        assert.match(ended.stderr, /401/);
      }
      assert.equal(await ask(apiUrl, '/flow_runs/count'), 0);
      assert.equal(said().includes('admin:guessed'), false);
    }),
  ));

/** What a client reports behind its back comes a moment later. */
async function recorded<Row>(read: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
    const rows = await read();
    if (rows.length > 0) return rows;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [];
}
