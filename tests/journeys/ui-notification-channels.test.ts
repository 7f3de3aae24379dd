/** The page of notification channels, in a real browser and in front of a real server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askApi } from './ask-api.ts';
import { makeAutomatedWorld } from './ui-automated-world.ts';
import { openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();

test('channels: the first is made by the schema of its kind, what was sent by one is told, one is deleted', async () => {
  await askApi(`${url}/api`, 'POST', '/block_types/install_system_block_types');
  const { page, complaints } = await openPage(browser, `${url}/automations`);
  await page.getByRole('link', { name: 'Notification channels' }).click();
  await page.waitForURL(`${url}/notification-channels`);
  await page.getByRole('heading', { name: 'No channel yet' }).waitFor();
  await page.getByRole('button', { name: 'New channel' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Kind', { exact: true }).selectOption({ label: 'Slack Webhook' });
  await dialog.locator('[data-path="url"] textarea').fill('https://hooks.example/T0/hush');
  await dialog.getByLabel('Name').fill('Not Allowed');
  await dialog.getByRole('button', { name: 'Make the channel' }).click();
  await dialog.getByText('only contain lowercase letters').waitFor();
  await dialog.getByLabel('Name').fill('alerts');
  await dialog.getByRole('button', { name: 'Make the channel' }).click();
  await dialog.waitFor({ state: 'detached' });
  const rows = page.locator('.channel');
  await rows.filter({ hasText: 'alerts' }).getByText('Slack Webhook').waitFor();
  assert.equal(
    await page.getByRole('button', { name: /^Test/ }).count(),
    0,
    'a server that cannot test offers no test',
  );
  assert.doesNotMatch(await page.content(), /hush/);

  const { hard } = await makeAutomatedWorld(url);
  const team = rows.filter({ hasText: 'team-channel' });
  await team.getByRole('list', { name: 'What was sent by team-channel' }).getByText('Waiting').waitFor();
  await team.getByRole('link').first().click();
  await page.waitForURL(`${url}/automations/automation/${hard}`);
  await page.goBack();
  await page.getByRole('button', { name: 'Delete the channel alerts' }).click();
  await dialog.getByRole('button', { name: 'Delete the channel' }).click();
  await rows.filter({ hasText: 'alerts' }).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await page.context().close();
});
