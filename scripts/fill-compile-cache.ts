/**
 * Lets the command and the server start once, so that the first start of whoever installed this checkout finds every
 * module compiled.
 *
 * Measured on the reference machine: a server's first start in a new home takes 0.3 s instead of 0.7 to 1.1 s. Run by
 * npm with the `prepare` script. What fails here fails silently: the cache is filled by the next start then.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Ten times what it takes on a busy machine. */
const TIMEOUT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'ostinato-prepare-'));
try {
  await start(['version']);
  await start(['server', 'start', '--port', '0'], 'serves at');
  await start(['run', join(root, 'bench', 'programs', 'one-task.ts')]);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Resolves when it has ended; one that goes on is asked to end when it has said the words. */
function start(words: readonly string[], endsAfter?: string): Promise<void> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OSTINATO_|NODE_OPTIONS$|NODE_COMPILE_CACHE$)/.test(name)),
  );
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'bin', 'ostinato.js'), ...words], {
      cwd: folder,
      env: { ...environment, OSTINATO_HOME: join(folder, 'home'), OSTINATO_SERVER_BUILD_PAGES: 'false' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const before = said;
      said += text;
      // Once: a second signal would end it before it has written the cache.
      if (endsAfter !== undefined && said.includes(endsAfter) && !before.includes(endsAfter)) child.kill('SIGTERM');
    });
  });
}
