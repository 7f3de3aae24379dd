/** Backfills on the page of a deployment: looked at beforehand, begun, paused, resumed, aborted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './background.ts';
import { openPage } from './ui-browser.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();

type Row = Readonly<Record<string, unknown>>;
async function post<Answer>(path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${await answer.clone().text()}`);
  return (await answer.json()) as Answer;
}

interface Told {
  readonly state: string;
  readonly progress: Readonly<Record<string, number>>;
}

test('a backfill is shown beforehand, begun, paused and aborted; what is wrong is told', async () => {
  const flow = await post<Row>('/flows/', { name: 'sales' });
  const schedules = [{ schedule: { cron: '0 9 * * *', timezone: 'Europe/Berlin' }, active: false }];
  const deployment = await post<Row>('/deployments/', { name: 'daily', flow_id: flow['id'], schedules });
  const list = () => post<Told[]>('/ostinato/backfills/filter', {});
  const { page, complaints } = await openPage(
    browser,
    `${url}/deployments/deployment/${String(deployment['id'])}?view=backfills`,
  );
  await page.getByText('runs it for slots of a schedule that are past').waitFor();
  await page.getByRole('button', { name: 'Begin a backfill…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Begin a backfill' });
  await dialog.getByLabel('From').fill('2026-03-32');
  await dialog.getByRole('button', { name: 'Show what would run' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'is no time' }).waitFor();
  // Refused with a status, which the browser notes by itself.
  complaints.splice(0);
  await dialog.getByLabel('From').fill('2026-03-28');
  await dialog.getByLabel('To').fill('2026-04-02');
  await dialog.getByLabel('Runs at once').fill('2');
  await dialog.getByRole('button', { name: 'Show what would run' }).click();
  await dialog.getByText('5 slots would run').waitFor();
  await dialog.getByText('2026-03-29 09:00:00').waitFor();
  assert.deepEqual(await list(), [], 'nothing is made by looking');
  await dialog.getByRole('button', { name: 'Begin it' }).click();
  const card = page.getByRole('listitem', { name: /^Backfill / });
  await card.getByText('5 slots: 2 open, 3 waiting').waitFor();
  await card.getByRole('button', { name: /^Pause/ }).click();
  await card.getByText('Paused').waitFor();
  assert.equal((await list())[0]?.state, 'paused');
  await card.getByRole('button', { name: /^Resume/ }).click();
  await card.getByText('Running').waitFor();
  await card.getByRole('button', { name: /^Abort/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Abort', exact: true }).click();
  await card.getByText('Aborted', { exact: true }).waitFor();
  await until('its runs are cancelled', async () => (await list())[0]?.progress['cancelled'] === 5);
  assert.equal(await card.getByRole('button').count(), 0);
  assert.deepEqual(complaints, []);
  await page.context().close();
});
