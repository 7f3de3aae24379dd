/** Versions of a deployment, the history of its schedules, the search: in a real browser, on a real server. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();

type Row = Readonly<Record<string, unknown>>;

async function send(method: string, path: string, body?: unknown): Promise<Row> {
  const answer = await fetch(`${url}/api${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? {} : ((await answer.json()) as Row);
}

let id = '';

before(async () => {
  const apply = async (tag: string, cron: string): Promise<void> => {
    const deployment = {
      flow_name: 'sales',
      name: 'nightly',
      tags: [tag],
      parameters: { region: 'eu' },
      schedules: [{ schedule: { cron, timezone: 'Europe/Berlin' }, slug: 'night', catch_up: 'all' }],
      source: { by: 'ada@desk', file: 'sales.yaml', git_commit: 'c0ffee1234567890', git_branch: 'main' },
    };
    const { deployments } = await send('POST', '/ostinato/deployments/apply', { deployments: [deployment] });
    id = String((deployments as Row[])[0]?.['id']);
  };
  await apply('first', '0 2 * * *');
  await apply('second', '0 3 * * *');
  await send('PATCH', `/deployments/${id}`, { description: 'by hand' });
  await send('POST', `/deployments/${id}/schedule`, {});
});

test('versions: what was changed by hand, in what two differ, and the way back, which asks first', async () => {
  const { page, complaints } = await openPage(browser, `${url}/deployments/deployment/${id}`);
  await page.getByRole('tab', { name: 'Versions' }).click();
  const drift = page.getByRole('region', { name: 'Changed by hand' });
  await drift.getByText('Changed by hand since version 2').waitFor();
  assert.match(await drift.locator('.difference').innerText(), /description[^]*nothing|description[^]*by hand/);
  const rows = page.locator('.version');
  assert.equal(await rows.count(), 2);
  assert.match(await rows.first().innerText(), /Version 2[^]*sales\.yaml[^]*by ada@desk[^]*on main/);

  const compare = page.getByRole('region', { name: 'Compare two versions' });
  // What the page shows first is not "now" beside "now".
  await compare.locator('.difference').first().waitFor();
  await compare.getByLabel('From').selectOption('2');
  await compare.getByLabel('From').selectOption('1');
  await compare.getByLabel('To').selectOption('2');
  await page.waitForURL(/from=1&to=2/);
  await compare.locator('.difference', { hasText: 'tags' }).waitFor();
  assert.match(
    await compare.locator('.difference', { hasText: 'tags' }).innerText(),
    /Version 1[^]*\["first"\][^]*Version 2[^]*\["second"\]/,
  );
  await compare.locator('.difference', { hasText: 'schedule night' }).waitFor();

  await page.getByRole('button', { name: 'Roll back to version 1' }).click();
  const dialog = page.getByRole('dialog', { name: 'Roll nightly back to version 1?' });
  await dialog.locator('.difference', { hasText: 'tags' }).waitFor();
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  assert.deepEqual((await send('GET', `/deployments/${id}`))['tags'], ['second'], 'nothing without the second word');
  await page.getByRole('button', { name: 'Roll back to version 1' }).click();
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.locator('.version', { hasText: 'Back to version 1' }).waitFor();
  assert.deepEqual((await send('GET', `/deployments/${id}`))['tags'], ['first']);
  await page.getByText('It is as version 3 made it.').waitFor();
  await page.reload();
  await compare.locator('.difference', { hasText: 'tags' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('history: each time of a schedule with what became of it', async () => {
  // A rollback has taken back what was made ahead.
  await send('POST', `/deployments/${id}/schedule`, {});
  const { page, complaints } = await openPage(browser, `${url}/deployments/deployment/${id}?view=history`);
  const first = page.locator('.slot').first();
  await first.waitFor();
  assert.match(await first.innerText(), /\d{4}-\d{2}-\d{2} \d{2}:00[^]*Europe\/Berlin[^]*Not known yet/);
  assert.ok((await page.locator('.slot').getByRole('link').count()) > 0, 'the run that it makes');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('the search finds deployments and work pools by their names, and leads there', async () => {
  await send('POST', '/work_pools/', { name: 'night shift', type: 'process' });
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  // Keys that come before the page has drawn itself are nobody's.
  await page.getByRole('button', { name: /^Search/ }).waitFor();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search everything' });
  await field.fill('night');
  await page.getByRole('option', { name: /Work pool.*night shift/ }).waitFor();
  await page.getByRole('option', { name: /Deployment.*nightly.*sales/ }).click();
  await page.waitForURL(`**/deployments/deployment/${id}`);
  await page.getByRole('heading', { name: 'nightly' }).waitFor();
  await page.keyboard.press('Control+k');
  await field.fill('shift');
  await page.getByRole('option', { name: /Work pool.*night shift/ }).click();
  await page.getByRole('heading', { name: 'night shift' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});
