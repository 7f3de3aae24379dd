/** `prefect transfer` moves what a workspace holds from Prefect's server to ours, and from ours to Prefect's. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { run } from './processes.ts';
import { inFolder } from './script.ts';
import { startOstinato, startPrefect, withServer } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'transferred.py');
const COMMAND_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 900_000;

type Held = Readonly<Record<string, readonly unknown[]>>;

before(async () => await prepareClients(() => undefined), { timeout: TEST_TIMEOUT_MS });

test(
  'what one server holds comes to the other, and a second time nothing is made twice',
  { timeout: TEST_TIMEOUT_MS },
  () =>
    inFolder((folder) =>
      withServer(startPrefect(folder, join(folder, 'template.db')), (prefect) =>
        withServer(startOstinato(folder), async (ostinato) => {
          const home = join(folder, 'client');
          mkdirSync(home);
          const profiles = Object.entries({ prefect, ostinato }).map(
            ([name, { apiUrl }]) => `[profiles.${name}]\nPREFECT_API_URL = "${apiUrl}"\n`,
          );
          writeFileSync(join(home, 'profiles.toml'), `active = "prefect"\n${profiles.join('')}`);
          const python = async (profile: string, ...words: readonly string[]): Promise<string> => {
            const environment = {
              PATH: process.env['PATH'] ?? '',
              HOME: folder,
              TZ: 'UTC',
              NO_COLOR: '1',
              COLUMNS: '200',
              PREFECT_HOME: home,
              PREFECT_PROFILE: profile,
              PREFECT_CLI_PROMPT: 'false',
              DO_NOT_TRACK: '1',
            };
            const program = { command: REFERENCE.python, words, folder, environment };
            const { exitCode, stdout, stderr } = await run(program, COMMAND_TIMEOUT_MS);
            assert.equal(exitCode, 0, `${words.join(' ')}\n${stdout}\n${stderr}`);
            return stdout;
          };
          const held = async (profile: string): Promise<Held> =>
            JSON.parse(await python(profile, PROGRAM, 'tell')) as Held;
          const transfer = (from: string, to: string) =>
            python(from, '-m', 'prefect', 'transfer', '--from', from, '--to', to);

          await python('prefect', PROGRAM, 'make', 'first');
          assert.doesNotMatch(await transfer('prefect', 'ostinato'), /failed/i);
          const first = await held('prefect');
          assert.equal(first['deployments']?.length, 1);
          assert.deepEqual(await held('ostinato'), first);
          // Back again, with what is new there.
          await python('ostinato', PROGRAM, 'make', 'second');
          assert.doesNotMatch(await transfer('ostinato', 'prefect'), /failed/i);
          const both = await held('ostinato');
          assert.equal(both['deployments']?.length, 2);
          assert.deepEqual(await held('prefect'), both);
          assert.doesNotMatch(await transfer('prefect', 'ostinato'), /failed/i);
          assert.deepEqual(await held('ostinato'), both);
        }),
      ),
    ),
);
