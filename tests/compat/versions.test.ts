/** Each client takes the server for one of its own age or newer: none warns of an older one, and none is refused. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { CLIENT_VERSIONS, CLIENTS, prepareClients } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'small_flow.py');
const TIMEOUT_MS = 120_000;

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

test('no client warns of an older server', () =>
  inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      for (const version of CLIENT_VERSIONS) {
        const environment = {
          PATH: process.env['PATH'] ?? '',
          HOME: folder,
          PREFECT_HOME: join(folder, version),
          PREFECT_API_URL: apiUrl,
          DO_NOT_TRACK: '1',
          NO_COLOR: '1',
        };
        const { exitCode, stdout, stderr } = await run(
          { command: CLIENTS[version].python, words: [PROGRAM], folder, environment },
          TIMEOUT_MS,
        );
        const said = stdout + stderr;
        assert.equal(exitCode, 0, said);
        assert.match(said, /Flow run '[^']+'/, version);
        assert.doesNotMatch(said, /older version|incompatible|upgrade/i, version);
      }
    }),
  ));
