/** The pages of work pools, in a real browser and in front of a real server: what is done there is done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goByKey, openPage } from './ui-browser.ts';
import { makeDeployedWorld } from './ui-deployed-world.ts';
import { servePages } from './served-pages.ts';

const { place, browser, url } = await servePages();

type Row = Readonly<Record<string, unknown>>;
const read = async (path: string): Promise<Row> => (await (await fetch(`${url}/api${path}`)).json()) as Row;

test('a server without pools says how to make the first, with a command that does it', async () => {
  const { page, complaints } = await openPage(browser, `${url}/work-pools`);
  const command = await page.locator('.command code').innerText();
  const [, api = '', words = ''] = /^OSTINATO_API_URL=(\S+) npx ostinato (.+)$/.exec(command) ?? [];
  assert.equal(api, `${url}/api`);
  const worked = await place.ostinato([...words.split(' '), '--run-once'], { env: { OSTINATO_API_URL: api } });
  assert.equal(worked.exitCode, 0, worked.stderr);
  await page.reload();
  await page.locator('.pool-row', { hasText: 'local' }).click();
  await page.waitForURL(`${url}/work-pools/work-pool/local`);
  await fetch(`${url}/api/work_pools/local`, { method: 'DELETE' });
  await page.getByRole('heading', { name: 'This work pool is not here' }).waitFor();
  await page.getByRole('link', { name: 'All work pools' }).click();
  await page.getByRole('heading', { name: 'No work pool yet' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a pool and its queues: paused and resumed, limits and priority changed, deleted; what its workers do now', async () => {
  await makeDeployedWorld(url);
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  await goByKey(page, 'w', `${url}/work-pools`);
  const rows = page.locator('.pool-row');
  await rows.filter({ hasText: 'cluster' }).filter({ hasText: '3 late runs' }).waitFor();
  await rows.filter({ hasText: 'local' }).filter({ hasText: '3 runs under way' }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('nothing is taken from it').waitFor();
  assert.equal((await read('/work_pools/local'))['is_paused'], true);
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByText('nothing is taken from it').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Edit…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Runs at once').fill('many');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('A whole number from 0').waitFor();
  await dialog.getByLabel('Runs at once').fill('7');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('3 runs under way of 7 at most').first().waitFor();

  await page.getByRole('tab', { name: /^Workers/ }).click();
  await page.waitForURL(/view=workers/);
  await page.getByText('Last heard of').first().waitFor();
  await page.getByRole('list', { name: 'Runs under way' }).getByRole('link', { name: 'epoch-7' }).waitFor();

  await page.getByRole('list', { name: 'What box-1 does now' }).getByRole('link', { name: 'epoch-7' }).waitFor();

  await page.getByRole('tab', { name: /^Queues/ }).click();
  await page.getByRole('button', { name: 'Pause the queue urgent' }).click();
  await page.getByRole('button', { name: 'Resume the queue urgent' }).click();
  await page.getByRole('button', { name: 'Pause the queue urgent' }).waitFor();
  await page.getByRole('button', { name: 'Edit the queue urgent' }).click();
  await dialog.getByLabel('Priority').fill('2');
  await dialog.getByLabel('Runs at once').fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { priority, concurrency_limit: limit } = await read('/work_pools/local/queues/urgent');
  assert.deepEqual([priority, limit], [2, null]);
  assert.equal(await page.getByRole('button', { name: 'Delete the queue default' }).count(), 0);
  await page.getByRole('button', { name: 'Delete the queue urgent' }).click();
  await dialog.getByRole('button', { name: 'Delete the queue' }).click();
  await page.getByRole('button', { name: 'Edit the queue urgent' }).waitFor({ state: 'detached' });

  await page.goBack();
  await page.waitForURL(/view=workers/);
  await page.getByRole('link', { name: /^\d deployments?$/ }).click();
  await page.waitForURL(`${url}/deployments?pool=local`);
  await page.locator('.deployment-row').first().waitFor();
  await page.goto(`${url}/work-pools/work-pool/cluster`);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.getByRole('button', { name: 'Delete the work pool' }).click();
  await page.waitForURL(`${url}/work-pools`);
  await rows.filter({ hasText: 'cluster' }).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await page.context().close();
});
