/**
 * The real Python clients run real scripts against our server; what was recorded is what Prefect's own server records
 * for them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { CLIENT_VERSIONS, prepareClients } from './clients.ts';
import { drive, expectedPath, findScripts, inFolder, type Script } from './script.ts';
import { startOstinato, withServer } from './servers.ts';

/** Python waits a good part of the time, so that more scripts than cores run at once. */
const AT_A_TIME = 3;
/** How long a script may wait for the server to have recorded everything; it goes on at once when it has. */
const WAIT_SECONDS = '20';

await prepareClients(console.log);

describe('Python clients', { concurrency: AT_A_TIME }, () => {
  for (const client of CLIENT_VERSIONS) {
    for (const script of findScripts(client)) test(`Prefect ${client}: ${script.name}`, () => compare(script));
  }
});

async function compare(script: Script): Promise<void> {
  await inFolder((folder) =>
    withServer(startOstinato(folder), async (server) => {
      const driven = await drive(script, server.apiUrl, folder, 'recorded', { COMPAT_WAIT_SECONDS: WAIT_SECONDS });
      const said = `${driven.stdout.slice(-6000)}\n${driven.stderr.slice(-6000)}\nThe server:\n${server.said().slice(-3000)}`;
      assert.equal(driven.exitCode, 0, `The script ended with ${driven.exitCode}:\n${said}`);
      assert.ok(driven.report !== null, `The script wrote no report:\n${said}`);
      if (driven.report !== readFileSync(expectedPath(script), 'utf8'))
        assert.fail(`Recorded otherwise than by Prefect's server:\n${driven.difference}`);
    }),
  );
}
