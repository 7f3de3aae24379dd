/** The page of notification channels, in a real browser and in front of a real server. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
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
  assert.doesNotMatch(await page.content(), /hush/);

  const told: string[] = [];
  const receiver = createServer((request, response) => {
    void textOf(request).then((body) => {
      told.push(body);
      if (told.length === 1) response.writeHead(200).end('ok');
      else response.writeHead(404).end('no_team');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  await page.getByRole('button', { name: 'New channel' }).click();
  await dialog.getByLabel('Kind', { exact: true }).selectOption({ label: 'Slack Webhook' });
  await dialog.locator('[data-path="url"] textarea').fill(`http://127.0.0.1:${port}/T0`);
  await dialog.getByLabel('Name').fill('here');
  await dialog.getByRole('button', { name: 'Make the channel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Test the channel here' }).click();
  await rows.filter({ hasText: 'here' }).getByText('The test message was accepted.').waitFor();
  await page.getByRole('button', { name: 'Test the channel here' }).click();
  await rows.filter({ hasText: 'here' }).getByText('The test message was refused.').waitFor();
  await rows
    .filter({ hasText: 'here' })
    .getByText(/no_team|404/)
    .waitFor();
  assert.equal(told.length, 2);
  receiver.close();

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
