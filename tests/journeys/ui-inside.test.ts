/**
 * What the pages show of a run's inside: attempts and waits, what was cached and taken back, maps in one row, and ten
 * thousand runs folded.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import type { Page } from 'playwright-core';

import { buildUi } from '../../scripts/build-ui.ts';
import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';
import { launchBrowser, openPage } from './ui-browser.ts';

const place = makePlace();
await buildUi();
const browser = await launchBrowser();

writeFileSync(
  join(place.project, 'shop.ts'),
  `
import { flow, INPUTS, task, transaction } from 'ostinato';

let tries = 0;
const flaky = task(async () => { tries += 1; if (tries === 1) throw new Error('the till was shut'); return 1; }, { name: 'flaky', retries: 1, retryDelaySeconds: 0.3 });
const price = task(async (of: string) => of.length, { name: 'price', cache: INPUTS, description: 'Looks up a price.', version: 'p9' });
const book = task(async () => 1, { name: 'book', onRollback: () => {} });
const pay = task(async (amount: number) => { if (amount > 0) throw new Error('the card was refused'); }, { name: 'pay' });
const score = task(async (n: number) => { if (n % 20 === 7) throw new Error('no score for ' + n); return n; }, { name: 'score' });
const report = task(async (n: number) => n, { name: 'report' });

export const day = flow(async () => {
  await flaky();
  const first = await price('tea');
  await price('tea');
  await transaction(async () => { await book(); await pay(5); }).catch(() => null);
  await score.map(Array.from({ length: 40 }, (_, n) => n)).catch(() => null);
  await report(first);
}, { name: 'Day', description: 'Everything of a day.', version: '2026.11' });

const stubborn = task(async () => { throw new Error('still shut'); }, { name: 'stubborn', retries: 2, retryDelaySeconds: 600 });
export const waiting = flow(async () => { await stubborn(); }, { name: 'Waiting' });

const tick = task((n: number) => { if (n === 9000) throw new Error('tick 9000 broke'); return n; }, { name: 'tick' });
export const huge = flow(async () => { await report(1); await tick.map(Array.from({ length: 10_100 }, (_, n) => n), { keepValues: false }).catch(() => null); }, { name: 'Huge' });
`,
);

const server = startOstinato(place, ['server', 'start', '--port', '0']);
const url = await until(
  'the server says where it is',
  () => /Ostinato serves at (\S+)/.exec(server.text().stdout + server.text().stderr)?.[1],
);
const env = { OSTINATO_API_URL: `${url}/api` };
after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
});

async function openRun(flowName: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const opened = await openPage(browser, `${url}/runs`);
  await opened.page.locator('.run-row', { hasText: flowName }).first().click();
  await opened.page.locator('.run-facts').first().waitFor();
  return opened;
}

/** The row of the timeline that is spoken after the key. */
async function spokenRows(page: Page, rows: number): Promise<string[]> {
  await page.getByRole('application').focus();
  const spoken = page.locator('.timeline [aria-live]');
  const told: string[] = [];
  for (let at = 0; at < rows; at += 1) {
    const before = told.at(-1) ?? '';
    await page.keyboard.press('ArrowDown');
    told.push(
      await until('the next row is spoken', async () => {
        const text = await spoken.innerText();
        return text !== '' && text !== before && text;
      }),
    );
  }
  return told;
}

test('each state has its own look; attempts and waits are told; a map is one row that opens to what failed', async () => {
  const ended = await place.ostinato(['run', 'shop.ts:day'], { env });
  assert.equal(ended.exitCode, 0, ended.stderr);
  const { page, complaints } = await openRun('Day');
  await page.locator('.run-about', { hasText: 'Everything of a day.' }).waitFor();
  await page.locator('.run-facts', { hasText: 'version 2026.11' }).waitFor();
  const summary = page.locator('.timeline-summary');
  for (const look of ['COMPLETED/Cached', 'COMPLETED/RolledBack', 'FAILED', 'COMPLETED'])
    await summary.locator(`[data-look="${look}"]`).first().waitFor();
  const rows = await spokenRows(page, 6);
  assert.match(rows[0] ?? '', /^flaky.*Completed.*attempt 1 .*awaiting retry .*attempt 2 /);
  assert.match(rows.join('\n'), /price.*Cached/);
  assert.match(rows.join('\n'), /book.*Rolled back/);
  assert.match(rows.join('\n'), /pay.*Failed.*the card was refused/);
  assert.match(rows.join('\n'), /score, 40 runs: 2 failed, 38 completed/);

  await page.getByRole('tab', { name: /^Task runs/ }).click();
  const table = page.locator('.task-table');
  await table.locator('tr', { hasText: 'book' }).locator('[data-look="COMPLETED/RolledBack"]').waitFor();
  await table.locator('tr', { hasText: 'pay' }).locator('.task-reason', { hasText: 'the card was refused' }).waitFor();
  const group = table.locator('.task-group', { hasText: 'score × 40' });
  await group.locator('.task-counts', { hasText: '2 failed, 38 completed' }).waitFor();
  await group.getByRole('button').click();
  const members = table.locator('tr[data-depth="1"]');
  await members.nth(39).waitFor();
  assert.match(await members.nth(0).innerText(), /item 7[\s\S]*no score for 7[\s\S]*Failed/);
  assert.match(await members.nth(1).innerText(), /item 27[\s\S]*no score for 27/);

  await members.nth(1).getByRole('link').click();
  const panel = page.getByRole('complementary', { name: 'Task run' });
  await panel.locator('.run-facts', { hasText: 'item 27: 27' }).waitFor();
  await panel.locator('.attempts .state-message', { hasText: 'no score for 27' }).waitFor();
  const time = panel.locator('.attempts time');
  const local = new Date((await time.getAttribute('datetime')) ?? '').toLocaleTimeString('en-GB', {
    timeZone: 'Europe/Berlin',
  });
  assert.ok((await time.innerText()).includes(local), 'in the time of who reads it');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a cached run names the run that computed it; inputs, description and version are with the task', async () => {
  const { page } = await openRun('Day');
  await page.getByRole('tab', { name: /^Task runs/ }).click();
  await page
    .locator('.task-table tr', { hasText: 'price' })
    .filter({ has: page.locator('[data-look="COMPLETED/Cached"]') })
    .getByRole('link')
    .click();
  const panel = page.getByRole('complementary', { name: 'Task run' });
  await panel.locator('.run-about', { hasText: 'Looks up a price.' }).waitFor();
  const from = panel.locator('.facts > div', { hasText: 'Result from' }).getByRole('link');
  const maker = await from.innerText();
  assert.match(maker, /^price/);
  assert.match(await panel.locator('.facts > div', { hasText: 'Version' }).innerText(), /p9/);
  await from.click();
  await page.getByRole('heading', { level: 1, name: maker }).waitFor();
  await page.locator('.run-facts [data-look="COMPLETED"]').waitFor();
  await page.context().close();
});

test('a retry that is waited for is counted down, beside the attempt that failed', async () => {
  const running = startOstinato(place, ['run', 'shop.ts:waiting'], env);
  after(() => running.child.kill('SIGKILL'));
  const { page } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row', { hasText: 'Waiting' }).click();
  await page.locator('.timeline-summary [data-look="SCHEDULED/AwaitingRetry"]').waitFor();
  assert.match((await spokenRows(page, 1))[0] ?? '', /stubborn.*Awaiting retry.*: attempt 1 .*, awaiting retry /);
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Task run' });
  const ahead = panel.locator('.retry-ahead');
  await ahead.filter({ hasText: /^attempt 2 of 3, next in \d+ m/ }).waitFor();
  const before = await ahead.innerText();
  await until('it is counted down', async () => (await ahead.innerText()) !== before);
  await panel.locator('.attempts li', { hasText: 'Attempt 1' }).filter({ hasText: 'still shut' }).waitFor();
  running.child.kill('SIGKILL');
  await running.ended;
  await page.context().close();
});

test('more than ten thousand runs are folded, which the page says; a group opens in pages, the failed one first', async () => {
  await place.ostinato(['run', 'shop.ts:huge'], { env });
  const { page, complaints } = await openRun('Huge');
  await page.locator('.timeline-folded', { hasText: 'Folded into 2 groups' }).waitFor();
  await page.locator('.timeline-summary', { hasText: '10,101 runs inside' }).waitFor();
  const rows = await spokenRows(page, 2);
  assert.match(rows[1] ?? '', /^tick, 10,100 runs: 1 failed, 10,099 completed/);
  await page.keyboard.press('Enter');
  const spoken = page.locator('.timeline [aria-live]');
  await page.getByRole('application', { name: /53 rows/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await spoken.filter({ hasText: /^tick-.*Failed.*tick 9000 broke/ }).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await page
    .getByRole('complementary', { name: 'Task run' })
    .locator('.run-facts', { hasText: 'item 9,000' })
    .waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: /^Task runs/ }).click();
  await page.locator('.task-group', { hasText: 'tick × 10,100' }).getByRole('button').click();
  await page.locator('tr[data-depth="1"]').nth(50).waitFor();
  await page.getByRole('button', { name: /^Show more of 10,050/ }).click();
  await page.locator('tr[data-depth="1"]').nth(99).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});
