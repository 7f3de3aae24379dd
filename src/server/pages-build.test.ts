import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startPagesBuild, type PagesBuild } from './pages-build.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-pages-build-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const PAST = new Date('2026-01-01T00:00:00Z');
/** Builds as the real one does: the pages, then what they were built from. */
const BUILDS = `
import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('ui/dist', { recursive: true });
for (const name of ['index.html', '.built-from']) writeFileSync('ui/dist/' + name, 'built');`;

/** A checkout whose build is this program. */
function checkout(name: string, program: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, 'ui', 'node_modules'), { recursive: true });
  mkdirSync(join(root, 'scripts'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'scripts', 'build-ui.ts'), program);
  for (const path of ['package-lock.json', 'ui/main.tsx', 'ui/index.html']) {
    writeFileSync(join(root, path), '');
    utimesSync(join(root, path), PAST, PAST);
  }
  return root;
}

const notices: string[] = [];
const start = (root: string, program?: string): PagesBuild =>
  startPagesBuild({
    root,
    onNotice: (message) => notices.push(message),
    ...(program === undefined ? {} : { program }),
  });

test('missing pages are built while the server goes on; those that are there are not built again', async () => {
  const root = checkout('missing', BUILDS);
  const build = start(root);
  assert.equal(build.state, 'building');
  await build.ended;
  assert.equal(build.state, 'there');
  assert.match(notices.splice(0).join('\n'), /being built, once.*\nThe pages are built\./);
  const again = start(root);
  assert.equal(again.state, 'there');
  await again.ended;
  assert.deepEqual(notices, []);
});

test('pages that are older than their sources are served until newer ones are there, also when these cannot be built', async () => {
  const root = checkout('older', BUILDS);
  await start(root).ended;
  notices.length = 0;
  utimesSync(join(root, 'ui', 'dist', '.built-from'), PAST, PAST);
  writeFileSync(join(root, 'ui', 'main.tsx'), 'changed');
  const build = start(root);
  assert.equal(build.state, 'there');
  await build.ended;
  assert.match(notices.splice(0).join('\n'), /older than their sources.*\nThe pages are built\./);
  // What lies in ui/ without being a source counts for nothing.
  writeFileSync(join(root, 'ui', 'node_modules', 'a.js'), 'newer');
  await start(root).ended;
  assert.deepEqual(notices, []);
  utimesSync(join(root, 'ui', 'dist', '.built-from'), PAST, PAST);
  writeFileSync(join(root, 'scripts', 'build-ui.ts'), 'process.exit(1)');
  const failing = start(root);
  await failing.ended;
  assert.equal(failing.state, 'there');
  assert.match(notices.splice(0).join('\n'), /could not be built/);
});

test('a build that fails says why and what to type', async () => {
  const build = start(checkout('failing', "console.error('no room left'); process.exitCode = 1;"));
  await build.ended;
  assert.equal(build.state, 'failed');
  assert.match(
    notices.splice(0).join('\n'),
    /could not be built\. Say `npm run build:ui` in the checkout(?:.|\n)*no room left/,
  );
  const unstartable = start(checkout('unstartable', ''), join(folder, 'nowhere'));
  await unstartable.ended;
  assert.equal(unstartable.state, 'failed');
  assert.match(notices.splice(0).join('\n'), /could not be built(?:.|\n)*ENOENT/);
});

test('a server that stops ends the build, with what that has started', async () => {
  const root = checkout(
    'stopped',
    `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
writeFileSync('pids', process.pid + ' ' + child.pid);
setInterval(() => {}, 1000);`,
  );
  const build = start(root);
  while (!existsSync(join(root, 'pids')) || readFileSync(join(root, 'pids'), 'utf8') === '') await pause(10);
  build.stop();
  await build.ended;
  for (const pid of readFileSync(join(root, 'pids'), 'utf8').split(' ').map(Number))
    while (isAlive(pid)) await pause(10);
  assert.doesNotMatch(notices.splice(0).join('\n'), /could not/);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Ended, and not yet waited for by whoever inherited it.
    return !(existsSync(`/proc/${pid}/stat`) && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
}
