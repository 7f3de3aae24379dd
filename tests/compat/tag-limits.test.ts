/** A limit on a tag holds for the real client's tasks and ours together, on our server and on Prefect's own. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';

import { prepareClients, REFERENCE } from './clients.ts';
import { startOstinato, startPrefect, withServer } from './servers.ts';

const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
const OURS = join(import.meta.dirname, '..', 'journeys', 'tag-limits-program.ts');
const THEIRS = join(import.meta.dirname, 'programs', 'tag_limits.py');

/** Half a minute of a server that is busy. */
const TRIES_MAX = 120;

const folder = mkdtempSync(join(tmpdir(), 'ostinato-tag-limits-'));
before(async () => await prepareClients(() => undefined), { timeout: 600_000 });
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

function run(
  context: TestContext,
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | null; readonly text: string }> {
  const child: ChildProcess = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, text })));
}

/** A server that has just started may still be busy with its database: it says so, and clients ask again. */
async function limit(apiUrl: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const made = await fetch(`${apiUrl}/concurrency_limits/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tag: 'db', concurrency_limit: 1 }),
    });
    if (made.ok) return;
    assert.ok(made.status === 503 && tries < TRIES_MAX, await made.text());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

for (const whose of ['ours', "Prefect's"] as const) {
  test(`on ${whose} server: one at a time, whoever runs it`, { timeout: 300_000 }, async (context) => {
    const home = mkdtempSync(join(folder, 'server-'));
    await withServer(whose === 'ours' ? startOstinato(home) : startPrefect(home, TEMPLATE), async ({ apiUrl }) => {
      await limit(apiUrl);
      const log = join(home, 'log');
      const ended = await Promise.all([
        run(context, REFERENCE.python, [THEIRS, '3', log], {
          PREFECT_API_URL: apiUrl,
          PREFECT_HOME: join(home, 'prefect'),
          DO_NOT_TRACK: '1',
        }),
        run(context, process.execPath, [OURS, '4', log], {
          OSTINATO_API_URL: apiUrl,
          OSTINATO_HOME: join(home, 'one'),
        }),
        run(context, process.execPath, [OURS, '4', log], {
          OSTINATO_API_URL: apiUrl,
          OSTINATO_HOME: join(home, 'two'),
        }),
      ]);
      for (const { exitCode, text } of ended) assert.equal(exitCode, 0, text);
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
      assert.equal(lines.length, 22);
      for (const [index, line] of lines.entries()) assert.equal(line.startsWith('+'), index % 2 === 0, lines.join(' '));
    });
  });
}
