/** The pages of automations, in a real browser and in front of a real server: what is done there is done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './background.ts';
import { askApi } from './ask-api.ts';
import { HOSTILE, makeAutomatedWorld } from './ui-automated-world.ts';
import { goByKey, openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();
type Row = Readonly<Record<string, unknown>>;
const ask = <T = Row>(method: string, path: string, body?: unknown): Promise<T> =>
  askApi<T>(`${url}/api`, method, path, body);

test('a server without automations says what they are for', async () => {
  const { page, complaints } = await openPage(browser, `${url}/automations?page=7&show=off`);
  await page.getByRole('heading', { name: 'No automation yet' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('automations: in words, switched off and on, found again by Back, told live, deleted', async () => {
  const { again, failed } = await makeAutomatedWorld(url);
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  await goByKey(page, 'o', `${url}/automations`);
  const rows = page.locator('.automation-row');
  const row = rows.filter({ hasText: 'clean up after a failure' });
  await row.getByText('Each time a flow run of the flow “nightly import” fails or crashes').waitFor();
  await row.getByText('Run the deployment “nightly import/clean-up”').waitFor();
  await row.getByText('1 time in the last day').waitFor();
  await rows.filter({ hasText: HOSTILE }).getByText('came to nothing').waitFor();

  const isOn = async () => (await ask('GET', `/automations/${again}`))['enabled'];
  const toggle = page.getByRole('switch', { name: 'Automation clean up after a failure' });
  await toggle.click();
  await until('it is off', async () => (await isOn()) === false);
  await page.getByLabel('Which are shown').selectOption('off');
  await page.waitForURL(`${url}/automations?show=off`);
  await rows.filter({ hasText: 'nothing for an hour' }).waitFor({ state: 'detached' });
  assert.equal(await rows.count(), 2);
  await page.getByLabel('Search by name').fill('CLEAN');
  await page.waitForURL(/name=CLEAN/);
  await until('one row is left', async () => (await rows.count()) === 1);
  await page.goBack();
  await page.goBack();
  await page.waitForURL(`${url}/automations`);
  await rows.filter({ hasText: 'nothing for an hour' }).waitFor();
  await toggle.click();
  await until('it is on', async () => (await isOn()) === true);

  await row.getByRole('link').click();
  await page.waitForURL(`${url}/automations/automation/${again}`);
  const firings = page.locator('.firing');
  await firings.getByText('Done').waitFor();
  await firings.getByRole('link', { name: 'import of today' }).click();
  await page.waitForURL(`${url}/runs/flow-run/${failed}`);
  const acted = page.getByRole('list', { name: 'Automations that acted because of it' });
  await acted.getByRole('link', { name: 'clean up after a failure' }).click();
  await page.waitForURL(`${url}/automations/automation/${again}`);
  await firings.getByRole('link', { name: 'import of today' }).waitFor();
  const run = await ask('POST', '/flow_runs/', {
    flow_id: (await ask('GET', `/flow_runs/${failed}`))['flow_id'],
    name: 'import of tomorrow',
    state: { type: 'RUNNING' },
  });
  await ask('POST', `/flow_runs/${String(run['id'])}/set_state`, { state: { type: 'CRASHED' } });
  await firings.getByRole('link', { name: 'import of tomorrow' }).waitFor();
  await page.getByRole('heading', { name: '2 firings' }).waitFor();

  await page.getByRole('tab', { name: 'YAML' }).click();
  await page.waitForURL(/view=rule/);
  const text = await page.getByLabel('The automation as YAML').innerText();
  assert.match(text, /^name: clean up after a failure\n/);
  assert.doesNotMatch(text, /created|after: \[\]/);
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Delete the automation' }).click();
  await page.waitForURL(`${url}/automations`);
  await row.waitFor({ state: 'detached' });
  assert.equal((await fetch(`${url}/api/automations/${again}`)).status, 404);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('texts of others are shown as they are, and do nothing', async () => {
  const [{ id } = { id: '' }] = await ask<readonly { id: string; name: string }[]>(
    'POST',
    '/automations/filter',
    {},
  ).then((all) => all.filter(({ name }) => name.startsWith(HOSTILE)));
  for (const path of ['/automations', `/automations/automation/${id}`, `/automations/automation/${id}?view=rule`]) {
    const { page, complaints } = await openPage(browser, url + path);
    await page.getByText(HOSTILE).first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.evaluate('globalThis.broken'), undefined);
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});

test('one that is gone meanwhile is told as that, on its switch and on its page', async () => {
  const trigger = { type: 'event', posture: 'Reactive', expect: ['shop.sold'] };
  const { id } = await ask('POST', '/automations/', { name: 'short-lived', trigger, actions: [] });
  const { page } = await openPage(browser, `${url}/automations/automation/${String(id)}`);
  await page.getByText('It only tells that it fired').waitFor();
  await ask('DELETE', `/automations/${String(id)}`);
  await page.getByRole('heading', { name: 'This automation is not here' }).waitFor();
  await page.getByRole('link', { name: 'All automations' }).click();
  await page.waitForURL(`${url}/automations`);
  await page.context().close();
});
