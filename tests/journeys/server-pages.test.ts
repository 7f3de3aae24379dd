/**
 * `ostinato server start` in a checkout that has no pages yet: it answers at once, and shows them when they are built.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { startOstinato, until } from './background.ts';
import { runProgram, type Ended } from './launch.ts';
import { makePagesCheckout } from './pages-checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-server-pages-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const checkout = makePagesCheckout(folder);

const start = async (settings: Record<string, string>) => {
  const { child, ended, text } = startOstinato(
    { home: join(folder, 'home'), project: folder },
    ['server', 'start', '--port', '0'],
    settings,
    join(checkout, 'bin', 'ostinato.js'),
  );
  const says = (words: RegExp): Promise<RegExpExecArray> => until(`it says ${words}`, () => words.exec(text().stderr));
  const [, url = ''] = await says(/serves at (http:\S+)/);
  return {
    url,
    says,
    stop: async () => {
      child.kill('SIGTERM');
      return (await ended).stderr;
    },
  };
};
const page = async (url: string): Promise<{ status: number; text: string }> => {
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  return { status: answer.status, text: await answer.text() };
};

test('the API answers and the page says that it is being built, until it is there', async () => {
  const server = await start({ OSTINATO_SERVER_BUILD_PAGES: 'true' });
  await server.says(/The pages are being built/);
  assert.equal((await fetch(`${server.url}/api/health`)).status, 200);
  const early = await page(server.url);
  assert.equal(early.status, 503);
  assert.match(early.text, /being built/);
  writeFileSync(join(checkout, 'go-on'), '');
  await server.says(/The pages are built\./);
  assert.deepEqual(await page(`${server.url}/runs`), { status: 200, text: 'the pages' });
  await server.stop();
});

test('with server.build_pages off, nothing is built', async () => {
  rmSync(join(checkout, 'ui', 'dist'), { recursive: true, force: true });
  const server = await start({ OSTINATO_SERVER_BUILD_PAGES: 'false' });
  const { status, text } = await page(server.url);
  assert.equal(status, 503);
  assert.match(text, /not built yet: <code>npm run build:ui/);
  assert.doesNotMatch(await server.stop(), /being built|are built/);
});

test('in the background it says so, too', async () => {
  rmSync(join(checkout, 'ui', 'dist'), { recursive: true, force: true });
  const env = { OSTINATO_HOME: join(folder, 'background'), OSTINATO_SERVER_BUILD_PAGES: 'true' };
  const run = (...words: string[]): Promise<Ended> =>
    runProgram(process.execPath, [join(checkout, 'bin', 'ostinato.js'), 'server', ...words], { cwd: folder, env });
  const started = await run('start', '--background', '--port', '0');
  assert.equal(started.exitCode, 0, started.stderr);
  assert.match(started.stdout, /serves at .*\n(?:.*\n)*The pages are being built/);
  assert.equal((await run('stop')).exitCode, 0);
});
