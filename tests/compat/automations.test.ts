/** Automations of the real client: its objects, its deployments with triggers, and its command line. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'automations.py');
const TIMEOUT_MS = 150_000;

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

test('the client makes, reads, changes and deletes automations, and its command line shows them', () =>
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
        const { exitCode, stdout, stderr } = await run(
          { command: REFERENCE.python, words, folder, environment },
          TIMEOUT_MS,
        );
        assert.equal(exitCode, 0, `${words.join(' ')}: ${stdout}${stderr}`);
        return stdout;
      };
      const automation = (...words: readonly string[]) => python('-m', 'prefect', 'automation', ...words);
      const isEnabled = async (): Promise<unknown> => {
        const [shown] = JSON.parse(await automation('inspect', 'watch', '--json')) as [{ readonly enabled: boolean }];
        return shown.enabled;
      };

      assert.match(await python(PROGRAM), /done/);
      const list = await automation('ls');
      for (const name of ['watch', 'on-sales', 'every-night__automation_2']) assert.ok(list.includes(name), list);
      assert.match(await automation('inspect', 'watch'), /second/);
      await automation('pause', 'watch');
      assert.equal(await isEnabled(), false);
      await automation('resume', 'watch');
      assert.equal(await isEnabled(), true);
      assert.match(await automation('delete', 'watch'), /Deleted automation/);
      assert.ok(!(await automation('ls')).includes('watch'));
    }),
  ));
