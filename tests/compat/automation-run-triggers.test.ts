/** Triggers on flow runs: those that the real client knows, and ours as it reads, lists and shows them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'run_triggers.py');
const TIMEOUT_MS = 150_000;

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

test('the client makes, reads and changes metric triggers, and reads triggers on the time in a state', () =>
  inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const environment = {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        PREFECT_HOME: join(folder, 'prefect'),
        PREFECT_API_URL: apiUrl,
        DO_NOT_TRACK: '1',
        NO_COLOR: '1',
        COLUMNS: '200',
      };
      const python = async (...words: readonly string[]): Promise<string> => {
        const asked = { command: REFERENCE.python, words, folder, environment };
        const { exitCode, stdout, stderr } = await run(asked, TIMEOUT_MS);
        assert.equal(exitCode, 0, `${words.join(' ')}: ${stdout}${stderr}`);
        return stdout;
      };
      assert.match(await python(PROGRAM), /done/);
      const list = await python('-m', 'prefect', 'automation', 'ls');
      for (const name of ['failures', 'either', 'pending', 'slow']) assert.ok(list.includes(name), list);
      assert.match(await python('-m', 'prefect', 'automation', 'inspect', 'failures'), /successes/);
      assert.match(await python('-m', 'prefect', 'automation', 'inspect', 'slow'), /Proactive/);
    }),
  ));
