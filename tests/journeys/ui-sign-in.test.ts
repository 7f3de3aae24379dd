/**
 * Signing in with the pages of a real server that asks for an auth string, in a real browser; and what they do while it
 * is away.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import type { Page } from 'playwright-core';

import { buildUi } from '../../scripts/build-ui.ts';
import { startOstinato, until, type Background } from './background.ts';
import { makePlace, type Place } from './launch.ts';
import { launchBrowser, openPage } from './ui-browser.ts';

await buildUi();
const browser = await launchBrowser();

const FLOWS = `
import { flow, task } from 'ostinato';
const wait = task(async () => { await new Promise((resolve) => setTimeout(resolve, 50)); }, { name: 'wait' });
export const quick = flow(async () => 1, { name: 'Quick' });
export const endless = flow(async () => { for (;;) await wait(); }, { name: 'Endless' });
`;

interface Running {
  readonly url: string;
  readonly port: string;
  end(): Promise<void>;
}

/** @param port of one that has ended, so that the pages find it again; `0`: any */
async function startServer(place: Place, auth: string | null, { port = '0', csrf = false } = {}): Promise<Running> {
  const env = {
    ...(auth === null ? {} : { OSTINATO_SERVER_AUTH_STRING: auth }),
    ...(csrf ? { OSTINATO_SERVER_CSRF_PROTECTION: 'true' } : {}),
  };
  const server: Background = startOstinato(place, ['server', 'start', '--port', port], env);
  const url = await until(
    'the server says where it is',
    () => /Ostinato serves at (\S+)/.exec(server.text().stdout + server.text().stderr)?.[1],
  );
  const end = async (): Promise<void> => {
    server.child.kill('SIGTERM');
    await server.ended;
  };
  after(end);
  return { url, port: new URL(url).port, end };
}

async function signIn(page: Page, auth: string): Promise<void> {
  await page.getByRole('dialog', { name: 'Sign in' }).getByLabel('Auth string').fill(auth);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const isLive = (page: Page): Promise<void> => page.locator('.connection[data-connection="live"]').waitFor();
const signedIn = (page: Page): Promise<void> => page.getByRole('dialog').waitFor({ state: 'detached' });

test('sign in: asked by the page and not by the browser, told when it is wrong, kept for the tab, handed to another tab, forgotten on sign-out', async () => {
  const place = makePlace();
  writeFileSync(join(place.project, 'shop.ts'), FLOWS);
  const auth = 'me:pässwörd with:colons';
  const server = await startServer(place, auth);
  await place.ostinato(['run', 'shop.ts:quick'], {
    env: { OSTINATO_API_URL: `${server.url}/api`, OSTINATO_API_AUTH_STRING: auth },
  });
  const { page, complaints } = await openPage(browser, `${server.url}/runs`);
  assert.match(await page.getByRole('dialog', { name: 'Sign in' }).innerText(), /asks for its auth string/);
  await signIn(page, 'me:wrong');
  await page.getByRole('alert').filter({ hasText: 'does not take this auth string' }).waitFor();
  await signIn(page, ` ${auth}`);
  await page.locator('.run-row', { hasText: 'Quick' }).waitFor();
  await signedIn(page);
  await isLive(page);
  assert.equal(
    await page
      .evaluate<string>('JSON.stringify(localStorage) + document.cookie + location.href')
      .then((kept) => kept.includes('wörd')),
    false,
  );

  await page.reload();
  await page.locator('.run-row', { hasText: 'Quick' }).waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0, 'kept for the tab');
  const other = await page.context().newPage();
  await other.goto(`${server.url}/flows`);
  await other.locator('.flow-row', { hasText: 'Quick' }).waitFor();
  await signedIn(other);

  await page.getByRole('button', { name: 'Sign out' }).click();
  for (const one of [page, other]) {
    await one.getByRole('dialog', { name: 'Sign in' }).waitFor();
    assert.equal(await one.evaluate('JSON.stringify(sessionStorage).includes("wörd")'), false);
    assert.equal(await one.getByText('Quick').count(), 0, 'nothing of what was shown is left');
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a password that was changed on the server: the page asks for the new one, and what was pressed meanwhile is done; with CSRF protection too', async () => {
  const place = makePlace();
  writeFileSync(join(place.project, 'shop.ts'), FLOWS);
  const first = await startServer(place, 'me:first', { csrf: true });
  const { page, complaints } = await openPage(browser, `${first.url}/runs`);
  await signIn(page, 'me:first');
  const running = startOstinato(place, ['run', 'shop.ts:endless'], {
    OSTINATO_API_URL: `${first.url}/api`,
    OSTINATO_API_AUTH_STRING: 'me:first',
  });
  after(() => running.child.kill('SIGKILL'));
  await page.locator('.run-row', { hasText: 'Endless' }).filter({ hasText: 'Running' }).click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await isLive(page);

  await first.end();
  await page.locator('.away-banner').waitFor();
  const second = await startServer(place, 'me:second', { port: first.port, csrf: true });
  await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
  await page.getByRole('alert').filter({ hasText: 'does not take the auth string any more' }).waitFor();
  await signIn(page, 'me:first');
  await page.getByRole('alert').filter({ hasText: 'does not take this auth string' }).waitFor();
  await signIn(page, 'me:second');
  await page.getByRole('dialog', { name: 'Sign in' }).waitFor({ state: 'detached' });
  await isLive(page);
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.locator('.run-facts', { hasText: /Cancell/ }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
  await second.end();
});

test('with the server away a page says since when, keeps what it shows, and goes on by itself', async () => {
  const place = makePlace();
  writeFileSync(join(place.project, 'shop.ts'), FLOWS);
  const first = await startServer(place, null);
  await place.ostinato(['run', 'shop.ts:quick'], { env: { OSTINATO_API_URL: `${first.url}/api` } });
  const { page, complaints } = await openPage(browser, `${first.url}/runs`);
  await page.locator('.run-row', { hasText: 'Quick' }).waitFor();
  await isLive(page);
  const before = Date.now();
  await first.end();
  const banner = page.locator('.away-banner');
  await banner.waitFor();
  const since = Date.parse((await banner.locator('time').getAttribute('datetime')) ?? '');
  assert.ok(since >= before - 1000 && since <= Date.now(), 'from the moment that it went');
  assert.equal(await page.locator('.run-row', { hasText: 'Quick' }).count(), 1);
  // A page that is opened from another one meanwhile has nothing to show, and goes on as well.
  await page.getByRole('link', { name: 'Flows' }).click();
  await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor();

  const second = await startServer(place, null, { port: first.port });
  await banner.waitFor({ state: 'detached' });
  await page.locator('.flow-row', { hasText: 'Quick' }).waitFor();
  await isLive(page);
  assert.deepEqual(complaints, []);
  await page.context().close();
  await second.end();
});
