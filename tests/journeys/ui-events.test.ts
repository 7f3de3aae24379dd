/** The page of events, in a real browser and in front of a real server. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { askApi } from './ask-api.ts';
import { HOSTILE, makeAutomatedWorld } from './ui-automated-world.ts';
import { goByKey, openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();
const tell = (events: readonly object[]): Promise<unknown> => askApi(`${url}/api`, 'POST', '/events', events);
const sold = (more: object = {}): object => ({
  id: randomUUID(),
  occurred: new Date().toISOString(),
  event: 'depot.sold',
  resource: { 'prefect.resource.id': 'depot.9', 'prefect.resource.name': 'Potsdam' },
  related: [],
  payload: {},
  ...more,
});

test('events: narrowed, folded out to all that they say, followed to their pages, undone by Back', async () => {
  const { failed, failure } = await makeAutomatedWorld(url);
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  await goByKey(page, 'e', `${url}/events`);
  const rows = page.locator('.event-item');
  await rows.first().waitFor();
  await page.getByLabel('Name or its beginning').fill('prefect.flow-run.Failed');
  await page.waitForURL(/name=prefect\.flow-run\.Failed/);
  await page.getByRole('heading', { name: '1 event', exact: true }).waitFor();
  await page.getByLabel('Resource: id or name').fill('nobody');
  await page.getByRole('heading', { name: 'No event matches' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: '1 event', exact: true }).waitFor();
  await page.getByRole('button', { name: 'prefect.flow-run.Failed' }).click();
  await page.getByRole('heading', { name: 'Payload' }).waitFor();
  const inside = page.locator('.event-inside');
  await inside.getByText('the shop refused').first().waitFor();
  await inside.getByRole('link', { name: 'nightly import' }).waitFor();
  await inside.getByRole('link', { name: 'This event alone' }).click();
  await page.waitForURL(`${url}/events?event=${failure}`);
  await page.locator('.event-inside').waitFor();
  assert.equal(await rows.count(), 1);
  await inside.getByRole('button', { name: 'All of this resource' }).click();
  await page.waitForURL(/resource=prefect\.flow-run/);
  await page.locator('.event-item', { hasText: 'prefect.flow-run.Running' }).waitFor();
  await page.locator('.event-resource').getByRole('link', { name: 'import of today' }).first().click();
  await page.waitForURL(`${url}/runs/flow-run/${failed}`);
  await page.goto(`${url}/events?name=prefect.flow-run.`);
  assert.equal(await page.getByRole('button', { name: 'Flow runs' }).getAttribute('aria-pressed'), 'true');
  await page.getByRole('button', { name: 'Automations' }).click();
  await page.locator('.event-item', { hasText: 'prefect.automation.triggered' }).first().waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('what comes while somebody reads is counted, and shown when it is asked for', async () => {
  await tell([sold()]);
  const { page, complaints } = await openPage(browser, `${url}/events?name=depot.&resource=Potsdam`);
  await page.getByRole('heading', { name: '1 event', exact: true }).waitFor();
  await page.locator('.connection[data-connection="live"]').waitFor();
  const hamburg = { 'prefect.resource.id': 'depot.1', 'prefect.resource.name': 'Hamburg' };
  await tell([sold(), sold({ resource: hamburg }), sold({ event: 'other' }), sold()]);
  await page.getByRole('button', { name: '2 new events' }).waitFor();
  assert.equal(await page.locator('.event-item').count(), 1, 'nothing moves by itself');
  await page.getByRole('button', { name: '2 new events' }).click();
  await page.getByRole('heading', { name: '3 events' }).waitFor();
  await page.getByRole('button', { name: /new event/ }).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('texts of others are shown as they are, and numbers as they were written', async () => {
  const id = randomUUID();
  const payload = `{"html":${JSON.stringify(HOSTILE)},"big":1234567890123456789,"price":0.10,"deep":[[{"x":null}]]}`;
  const event = { ...sold({ id, event: HOSTILE, resource: { 'prefect.resource.id': 'x'.repeat(10_000) } }) };
  const answer = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `[${JSON.stringify(event).replace('"payload":{}', `"payload":${payload}`)}]`,
  });
  assert.equal(answer.status, 204);
  const { page, complaints } = await openPage(browser, `${url}/events?event=${id}`, { width: 390 });
  const tree = page.getByRole('group', { name: 'The payload' });
  await tree.getByText('1234567890123456789').waitFor();
  await tree.getByText('0.10').waitFor();
  await tree.getByText(HOSTILE).waitFor();
  assert.equal(await page.evaluate('globalThis.broken'), undefined);
  assert.equal(await page.locator('img').count(), 0);
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('ten thousand events: a page of them, the chart of all, and the last page for one too far', async () => {
  const start = Date.now() - 3_000_000;
  for (let batch = 0; batch < 20; batch += 1)
    await tell(
      Array.from({ length: 500 }, (_, at) =>
        sold({ event: 'many.sold', occurred: new Date(start + (batch * 500 + at) * 250).toISOString() }),
      ),
    );
  const { page, complaints } = await openPage(browser, `${url}/events?name=many.*&span=1h`);
  await page.getByRole('heading', { name: '10,000 events' }).waitFor();
  assert.equal(await page.locator('.event-item').count(), 50);
  const table = await page.locator('caption', { hasText: 'Events over time' }).locator('..').innerText();
  const counted = [...table.matchAll(/([\d,]+) events?\b/g)].map(([, number = '0']) => Number(number.replace(',', '')));
  assert.equal(
    counted.reduce((sum, count) => sum + count, 0),
    10_000,
  );
  await page.getByRole('button', { name: 'Older' }).click();
  await page.waitForURL(/page=2/);
  await page.getByText('51–100 of 10,000').waitFor();
  await page.goto(`${url}/events?name=many.&span=1h&page=99999`);
  await page.waitForURL(/page=200/);
  await page.getByText('9,951–10,000 of 10,000').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});
