/**
 * `node tests/compat/record.ts [--check] [3.9|3.8|2] [NAME…]`: runs the scripts against Prefect's own server, the
 * newest that is known, and keeps what it recorded in `expected/`; of an older 3.x client only what differs from the
 * newest. With `--check` nothing is kept: it tells whether Prefect's server says the same again.
 *
 * What is kept is compared with what our server records for the same script. Look at the changes before you commit
 * them.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { CLIENT_VERSIONS, prepareClients } from './clients.ts';
import { drive, expectedPath, findScripts, inFolder, ownExpectedPath, type Script } from './script.ts';
import { startPrefect, withServer } from './servers.ts';

const AT_A_TIME = 2;

const onlyCheck = process.argv.includes('--check');
const words = process.argv.slice(2).filter((word) => word !== '--check');
const asked = CLIENT_VERSIONS.filter((client) => words.includes(client));
const names = words.filter((word) => !(CLIENT_VERSIONS as readonly string[]).includes(word));
const scripts = (asked.length === 0 ? CLIENT_VERSIONS : asked)
  .flatMap(findScripts)
  .filter(({ name }) => names.length === 0 || names.includes(name));

await prepareClients(console.log);
const templates = mkdtempSync(join(tmpdir(), 'ostinato-compat-template-'));
try {
  const template = join(templates, 'prefect.db');
  const [first, ...others] = scripts;
  // The first start makes the database that the others copy.
  if (first !== undefined) await record(first, template);
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (let script = others.shift(); script !== undefined; script = others.shift()) await record(script, template);
    }),
  );
} finally {
  rmSync(templates, { recursive: true, force: true });
}

async function record(script: Script, template: string): Promise<void> {
  await inFolder(async (folder) => {
    const startedAt = performance.now();
    const driven = await withServer(startPrefect(folder, template), (server) =>
      drive(script, server.apiUrl, folder, onlyCheck ? 'recorded' : 'none'),
    );
    const { exitCode, stdout, stderr, report, difference } = driven;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (exitCode !== 0 || report === null) {
      console.log(`✗ ${script.client}/${script.name} (${seconds} s): exit code ${exitCode}\n${stdout}\n${stderr}`);
      process.exitCode = 1;
      return;
    }
    if (onlyCheck) {
      console.log(`${difference === '' ? '✓' : '✗'} ${script.client}/${script.name} (${seconds} s)\n${difference}`);
      if (difference !== '') process.exitCode = 1;
      return;
    }
    keep(script, report);
    console.log(`✓ ${script.client}/${script.name} (${seconds} s)`);
  });
}

/** What an older client records as the newest does is kept once. */
function keep(script: Script, report: string): void {
  const shared = expectedPath({ client: '3.9', name: script.name });
  const own = ownExpectedPath(script);
  if (script.client === '3.8') rmSync(own, { force: true });
  if (script.client === '3.8' && existsSync(shared) && readFileSync(shared, 'utf8') === report) return;
  const path = script.client === '3.8' ? own : expectedPath(script);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, report);
}
