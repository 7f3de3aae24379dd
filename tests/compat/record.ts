/**
 * `node tests/compat/record.ts [--check] [2|3] [NAME…]`: runs the scripts against Prefect's own server 3.8.8 and keeps what it recorded in `expected/`.
 * With `--check` nothing is kept: it tells whether Prefect's server says the same again.
 *
 * What is kept is compared with what our server records for the same script. Look at the changes before you commit them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { prepareClients, type ClientVersion } from './clients.ts';
import { drive, expectedPath, findScripts, inFolder, type Script } from './script.ts';
import { startPrefect, withServer } from './servers.ts';

const AT_A_TIME = 2;

const onlyCheck = process.argv.includes('--check');
const words = process.argv.slice(2).filter((word) => word !== '--check');
const clients = (['3', '2'] as const).filter((client): client is ClientVersion => !words.some((word) => word === '2' || word === '3') || words.includes(client));
const names = words.filter((word) => word !== '2' && word !== '3');
const scripts = clients.flatMap(findScripts).filter(({ name }) => names.length === 0 || names.includes(name));

await prepareClients(console.log);
const templates = mkdtempSync(join(tmpdir(), 'ostinato-compat-template-'));
try {
  const template = join(templates, 'prefect.db');
  const [first, ...others] = scripts;
  // The first start makes the database that the others copy.
  if (first !== undefined) await record(first, template);
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    for (let script = others.shift(); script !== undefined; script = others.shift()) await record(script, template);
  }));
} finally {
  rmSync(templates, { recursive: true, force: true });
}

async function record(script: Script, template: string): Promise<void> {
  await inFolder(async (folder) => {
    const startedAt = performance.now();
    const driven = await withServer(startPrefect(folder, template), (server) => drive(script, server.apiUrl, folder, onlyCheck ? 'recorded' : 'none'));
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
    mkdirSync(dirname(expectedPath(script)), { recursive: true });
    writeFileSync(expectedPath(script), report);
    console.log(`✓ ${script.client}/${script.name} (${seconds} s)`);
  });
}
