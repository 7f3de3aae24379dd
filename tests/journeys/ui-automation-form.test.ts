/** The form of automations, in a real browser and in front of a real server: what is written there is kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askApi } from './ask-api.ts';
import { makeAutomatedWorld } from './ui-automated-world.ts';
import { openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();
type Row = Readonly<Record<string, unknown>>;
const world = makeAutomatedWorld(url);
const idOf = (address: string): string => /automation\/([0-9a-f-]{36})/.exec(address)?.[1] ?? '';
const read = async (id: string): Promise<Row> => await askApi<Row>(`${url}/api`, 'GET', `/automations/${id}`);

test('from a template: what it would look at is told, what is wrong is told by its part, then it is made', async () => {
  await world;
  const { page, complaints } = await openPage(browser, `${url}/automations`);
  await page.getByRole('link', { name: 'New automation' }).click();
  await page.getByRole('link', { name: 'A run fails' }).click();
  await page.waitForURL(/template=failure/);
  const preview = page.getByRole('status', { name: 'What the trigger looks at' });
  await preview.getByText('Each time a flow run fails or crashes').waitFor();
  await preview.getByText('1 event of the last 7 days would count').waitFor();
  await page.getByRole('button', { name: 'Late' }).click();
  await preview.getByText('Each time a flow run fails, crashes or is late').waitFor();
  await page.getByLabel('Events').fill('shop.sold');
  await preview.getByText('Each time “shop.sold” is told').waitFor();
  await preview.getByText('No event of the last 7 days would count').waitFor();
  await page.getByLabel('About').fill('prefect.resource.name: Berlin');
  await preview.getByText('20 events of the last 7 days would count').waitFor();

  const tried = page.getByRole('region', { name: 'What it would have done' });
  await tried.getByLabel('Of which time').selectOption({ label: 'Past 24 hours' });
  await tried.getByRole('button', { name: 'Try it' }).click();
  await tried.getByText('have fired 20 times').waitFor();
  assert.equal(await tried.locator('.firing').count(), 20);
  await page.getByLabel('About').fill('prefect.resource.name: Berlim');
  await tried.getByText('The rule has been changed since.').waitFor();
  await tried.getByRole('button', { name: 'Try it' }).click();
  await tried.getByText('not have fired').waitFor();
  await tried.getByText('Nearest: “Berlin” (20).').waitFor();
  await page.getByLabel('How often').fill('many');
  await tried.getByRole('button', { name: 'Try it' }).click();
  await tried.getByText(/threshold: .*integer/).waitFor();
  await page.getByLabel('How often').fill('1');
  await page.getByLabel('About').fill('prefect.resource.name: Berlin');

  await page.getByLabel('Name', { exact: true }).fill('sold');
  await page.getByLabel('Add an action').selectOption({ label: 'Notify' });
  await page.getByRole('button', { name: 'Make the automation' }).click();
  const action = page.getByRole('group', { name: '1. Notify' });
  await action.locator('.field-problem').first().waitFor();
  await action.getByLabel('By the block').selectOption({ label: 'team-channel' });
  await action.getByLabel('Text').fill('{{ broken');
  await page.getByRole('button', { name: 'Make the automation' }).click();
  await action.getByText('is not a valid template').waitFor();
  await action.getByLabel('Text').fill('{{ event.event }}');
  await page.getByLabel('How often').fill('many');
  await page.getByRole('button', { name: 'Make the automation' }).click();
  await page.getByText(/^threshold: .*integer/).waitFor();
  await page.getByLabel('How often').fill('3');
  await page.getByLabel('Within', { exact: false }).first().fill('5');
  await page.getByLabel('Within: unit').selectOption('minutes');
  await page.getByRole('button', { name: 'Make the automation' }).click();
  await page.waitForURL(/\/automations\/automation\//);
  const kept = await read(idOf(page.url()));
  const { threshold, within, expect, match } = kept['trigger'] as Row;
  assert.deepEqual(
    [kept['name'], threshold, within, expect, match],
    ['sold', 3, 300, ['shop.sold'], { 'prefect.resource.name': 'Berlin' }],
  );
  assert.equal((kept['actions'] as readonly Row[])[0]?.['body'], '{{ event.event }}');
  await page.getByText('When “shop.sold” is told named “Berlin” 3 times within 5 minutes').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('as YAML: both are one rule; a text that is none stays, and numbers keep their digits', async () => {
  const { again } = await world;
  const { page, complaints } = await openPage(browser, `${url}/automations/automation/${again}`);
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.waitForURL(/\/edit$/);
  await page.getByLabel('Name', { exact: true }).fill('again and again');
  await page.getByRole('tab', { name: 'YAML' }).click();
  const text = page.getByLabel('The automation as YAML');
  const before = await text.inputValue();
  assert.match(before, /^name: again and again\n/);
  await text.fill('name: [');
  await page.locator('.field-problem').waitFor();
  await page.getByRole('tab', { name: 'Form' }).click();
  assert.equal(await text.inputValue(), 'name: [', 'what cannot be read stays in sight');
  assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
  await text.fill(before.replace(/parameters:.*\n/, 'parameters: { big: 1234567890123456789, price: 0.10 }\n'));
  await page.getByRole('tab', { name: 'Form' }).click();
  const parameters = await page.getByLabel('Parameters').inputValue();
  assert.match(parameters, /1234567890123456789/);
  await page.getByLabel('Parameters').fill(parameters.replace('0.10', '0.20'));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(`${url}/automations/automation/${again}`);
  await page.getByRole('heading', { name: 'again and again' }).waitFor();
  const answer = await (await fetch(`${url}/api/automations/${again}`)).text();
  assert.match(answer, /"big":1234567890123456789,"price":0\.20/);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('of an event, of another one, and of several triggers', async () => {
  const { failure, hard } = await world;
  const { page, complaints } = await openPage(browser, `${url}/events?event=${failure}`);
  await page.getByRole('link', { name: 'Make an automation of it' }).click();
  await page.waitForURL(`${url}/automations/create?event=${failure}`);
  const preview = page.getByRole('status', { name: 'What the trigger looks at' });
  await preview.getByText('1 event of the last 7 days would count').waitFor();
  await page.getByLabel('When', { exact: true }).selectOption({ label: 'One after the other happens' });
  await preview.getByText('When these happen one after the other within an hour').waitFor();
  await page.getByRole('button', { name: 'Remove trigger 2' }).click();
  await page.getByRole('button', { name: 'Add a trigger' }).click();
  await page.getByRole('group', { name: '2.' }).getByLabel('Events').fill('shop.*');
  await preview.getByText('Each time “shop.*” is told').waitFor();
  await page.getByRole('button', { name: 'Make the automation' }).click();
  await page.waitForURL(/\/automations\/automation\//);
  const kept = await read(idOf(page.url()));
  assert.equal((kept['trigger'] as Row)['type'], 'sequence');

  await page.goto(`${url}/automations/automation/${hard}`);
  await page.getByRole('link', { name: 'Duplicate' }).click();
  await page.getByRole('button', { name: 'Make the automation' }).click();
  await page.waitForURL(/\/automations\/automation\//);
  const copy = await read(idOf(page.url()));
  const first = await read(hard);
  assert.deepEqual([copy['name'], copy['enabled']], [`Copy of ${String(first['name'])}`, false]);
  assert.deepEqual(copy['actions'], first['actions']);
  await page.goto(`${url}/automations/create?event=00000000-0000-4000-8000-00000000dead&template=nobody`);
  await page.getByText('not here any more').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});
