/** The pages of deployments, in a real browser and in front of a real server: what is done there is done. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { goByKey, openPage } from './ui-browser.ts';
import { makeDeployedWorld } from './ui-deployed-world.ts';
import { servePages } from './served-pages.ts';

const { place, browser, url } = await servePages();

type Row = Readonly<Record<string, unknown>>;
const list = async (name: string): Promise<Row[]> =>
  (await (
    await fetch(`${url}/api/deployments/filter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deployments: { name: { any_: [name] } } }),
    })
  ).json()) as Row[];
const read = async (path: string): Promise<Row> => (await (await fetch(`${url}/api${path}`)).json()) as Row;

test('a server without deployments says how to make the first, with commands that do it', async () => {
  const { page, complaints } = await openPage(browser, `${url}/deployments`);
  await page.getByRole('heading', { name: 'No deployment yet' }).waitFor();
  const [code = '', ...commands] = await page.locator('.first-flow pre').allInnerTexts();
  writeFileSync(join(place.project, 'hello.ts'), code);
  const said = (word: string): string => {
    const command = commands.find((one) => one.includes(` ${word} `)) ?? '';
    assert.notEqual(command, '', `a command with ${word}, among ${commands.join('\n')}`);
    return command.trim();
  };
  // As a shell reads them: what is set, the words, and one of them in quotes.
  const run = async (command: string, more: readonly string[] = []) => {
    const [, api = '', words = ''] = /^OSTINATO_API_URL=(\S+) npx ostinato (.+)$/.exec(command) ?? [];
    assert.equal(api, `${url}/api`, command);
    const parts = [...words.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    return await place.ostinato([...parts, ...more], { env: { OSTINATO_API_URL: api } });
  };
  for (const word of ['build', 'apply']) {
    const { exitCode, stderr } = await run(said(word));
    assert.equal(exitCode, 0, stderr);
  }
  await page.reload();
  await page.locator('.deployment-row', { hasText: 'every-morning' }).waitFor();
  await page.getByText('Every day at 09:00, UTC').waitFor();
  const start = said('run').replace(' --watch', '');
  assert.equal((await run(start)).exitCode, 0);
  const worked = await run(commands.find((one) => one.includes('worker start')) ?? '', ['--run-once']);
  assert.equal(worked.exitCode, 0, worked.stderr);
  await page.locator('.deployment-row', { hasText: 'Completed' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

const world = makeDeployedWorld.bind(null, url);

test('a run is made by the form: what does not fit is told by its field, and the run has what was typed', async () => {
  const { daily } = await world();
  const { page, complaints } = await openPage(browser, `${url}/deployments/deployment/${daily}`);
  await page.getByRole('button', { name: 'Run…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Run daily' });
  assert.equal(await dialog.getByLabel('Amount').inputValue(), '12.5', 'what the deployment sets');
  await dialog.getByLabel('Amount').fill('12.50');
  await dialog.getByRole('button', { name: 'Run it' }).click();
  await dialog.getByText('This is required.').waitFor();
  await dialog.getByLabel('Since').fill('2026-11-01');
  await dialog.getByRole('button', { name: 'Write it as JSON' }).click();
  const json = dialog.getByLabel('Parameters as JSON');
  await json.fill((await json.inputValue()).replace('"Berlin"', '7'));
  await dialog.getByRole('button', { name: 'Run it' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'shops.0' }).waitFor();
  await json.fill((await json.inputValue()).replace('7', '"Berlin", "Kyoto"'));
  await dialog.getByLabel('Name of the run').fill('by hand');
  await dialog.getByRole('button', { name: 'Run it' }).click();
  await page.getByRole('link', { name: 'Go to the run' }).click();
  await page.waitForURL(/\/runs\/flow-run\//);
  const text = await (await fetch(`${url}/api/flow_runs/${page.url().split('/').at(-1) ?? ''}`)).text();
  assert.match(text, /"amount":\s?12\.50\b/, 'to the digit');
  const run = JSON.parse(text) as Row;
  assert.deepEqual(
    [run['name'], run['deployment_id'], run['parameters']],
    ['by hand', daily, { amount: 12.5, shops: ['Berlin', 'Kyoto'], mode: 'full', since: '2026-11-01' }],
  );
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a deployment is edited and copied, schedules are added, changed and deleted; what is wrong is told', async () => {
  const [there] = await list('reports');
  const id = String(there?.['id']);
  const { page, complaints } = await openPage(browser, `${url}/deployments/deployment/${id}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Edit…' }).click();
  await dialog.getByLabel('Description').fill('What the shops ask for');
  await dialog.getByLabel('Tags').fill('weekly, shops, weekly');
  await dialog.getByLabel('Runs at once').fill('none');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('A whole number from 1').waitFor();
  await dialog.getByLabel('Runs at once').fill('2');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('What the shops ask for').waitFor();
  const changed = await read(`/deployments/${id}`);
  assert.deepEqual([changed['tags'], (changed['global_concurrency_limit'] as Row)['limit']], [['weekly', 'shops'], 2]);
  await fetch(`${url}/api/deployments/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      on_crash: 'resume',
      concurrency_options: { collision_strategy: 'CANCEL_NEW', key: 'parameters.shop' },
    }),
  });
  await page.getByRole('tab', { name: 'Details' }).click();
  await page.reload();
  const fact = (name: string) => page.locator('.facts > div', { hasText: name }).locator('dd');
  await fact('After a crash').getByText('the run goes on where it stood').waitFor();
  await fact('Concurrency key').getByText('parameters.shop').waitFor();
  await fact('Without a slot').getByText('a run is cancelled').waitFor();

  await page.getByRole('tab', { name: /^Schedules/ }).click();
  await page.getByRole('button', { name: 'Add a schedule…' }).click();
  await dialog.getByLabel('Cron', { exact: false }).fill('0 99 * * *');
  await dialog.getByLabel('Time zone').fill('Asia/Tokyo');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Cron', { exact: false }).fill('0 7 * * *');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Every day at 07:00, Asia/Tokyo').waitFor();
  await page.getByRole('button', { name: 'Edit this schedule: every day at 07:00' }).click();
  await dialog.getByLabel('Kind').selectOption('interval');
  await dialog.getByLabel('Seconds').fill('7200');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Every 2 hours' }).waitFor();
  await page.getByRole('button', { name: 'Delete this schedule: every 2 hours' }).click();
  await dialog.getByRole('button', { name: 'Delete the schedule' }).click();
  await page.getByRole('heading', { name: 'Every 2 hours' }).waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Duplicate…' }).click();
  await dialog.getByLabel('Name of the copy').fill('reports');
  await dialog.getByRole('button', { name: 'Make the copy' }).click();
  await dialog.getByText('has a deployment with this name already').waitFor();
  await dialog.getByLabel('Name of the copy').fill('reports of the north');
  await dialog.getByRole('button', { name: 'Make the copy' }).click();
  await page.getByRole('heading', { name: 'reports of the north' }).waitFor();
  await page.getByText('its schedules make no runs').waitFor();
  const [copy] = await list('reports of the north');
  assert.deepEqual([copy?.['paused'], copy?.['tags']], [true, ['weekly', 'shops']]);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a schedule says what becomes of its slots and what it leaves out; an edit keeps what it does not show', async () => {
  const [{ flow_id: flow } = {} as Row] = await list('reports');
  const policy = {
    catch_up: 'all',
    max_lateness: 3600,
    overlap: 'skip',
    jitter: 600,
    start: '2026-01-01',
    end: '2040-06-30',
  };
  const exclusions = [
    { from: '2030-12-24', to: '2030-12-26', name: 'Christmas', calendar: 'holidays.ics' },
    { from: '2031-05-01', to: '2031-05-01', name: null, calendar: null },
  ];
  const schedule = { cron: '0 9 1 * 1', timezone: 'Europe/Berlin', day_or: false };
  const made = await fetch(`${url}/api/deployments/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'ruled', flow_id: flow, schedules: [{ schedule, ...policy, exclusions }] }),
  });
  const { id } = (await made.json()) as Row;
  const { page, complaints } = await openPage(browser, `${url}/deployments/deployment/${String(id)}?view=schedules`);
  await page
    .getByText(
      'From 2026-01-01 on · until 2040-06-30 · missed runs are all made up for · never more than 1 h late · ' +
        'skipped while an earlier run is under way · with a random delay (jitter) of up to 10 m',
    )
    .waitFor();
  await page.getByText('2 times left out').click();
  await page.getByText('2030-12-24 to 2030-12-26: Christmas (holidays.ics)').waitFor();
  await page.getByRole('button', { name: /^Edit this schedule/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Cron', { exact: false }).fill('30 9 1 * 1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  const [kept = {} as Row] = (await read(`/deployments/${String(id)}`))['schedules'] as Row[];
  assert.deepEqual(kept['schedule'], { ...schedule, cron: '30 9 1 * 1' });
  assert.deepEqual(Object.fromEntries(Object.keys(policy).map((name) => [name, kept[name]])), policy);
  assert.deepEqual(kept['exclusions'], exclusions);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a deployment and each of its schedules are paused and go on, also where another page shows them; it is deleted', async () => {
  const [listed] = await list('daily');
  const path = `/deployments/deployment/${String(listed?.['id'])}`;
  const api = `/deployments/${String(listed?.['id'])}`;
  const { page, complaints } = await openPage(browser, `${url}${path}?view=schedules`);
  const { page: other } = await openPage(browser, `${url}/deployments`);
  const row = other.locator('.deployment-row', { hasText: 'daily' });
  await row.waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
  await page.getByText('its schedules make no runs').waitFor();
  assert.equal((await read(api))['paused'], true);
  await row.filter({ hasText: 'Paused' }).waitFor();
  await page.getByRole('button', { name: 'Resume', exact: true }).first().click();
  await page.getByText('its schedules make no runs').waitFor({ state: 'detached' });
  await row.filter({ hasText: 'Paused' }).waitFor({ state: 'detached' });
  await page.getByText('Clocks jump over 02:30').waitFor();
  await page.getByText('Clocks show 02:30 twice').waitFor();
  await page.getByRole('button', { name: 'Pause this schedule: every day at 02:30' }).click();
  await page.getByRole('button', { name: 'Resume this schedule: every day at 02:30' }).waitFor();
  assert.deepEqual(
    ((await read(api))['schedules'] as Row[]).map(({ active }) => active),
    [false, false],
  );
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete daily?' });
  await dialog.getByText('With it go 2 schedules').waitFor();
  await dialog.getByRole('button', { name: 'Delete the deployment' }).click();
  await page.waitForURL(`${url}/deployments`);
  await row.waitFor({ state: 'detached' });
  await page.goto(url + path);
  await page.getByRole('heading', { name: 'This deployment is not here' }).waitFor();
  await page.getByRole('link', { name: 'All deployments' }).click();
  await page.locator('.deployment-row').first().waitFor();
  assert.deepEqual(complaints, []);
  await Promise.all([page, other].map((one) => one.context().close()));
});

test('what narrows the list is in the address, Back undoes one, and keys alone are enough', async () => {
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  await goByKey(page, 'd', `${url}/deployments`);
  const rows = page.locator('.deployment-row');
  await rows.first().waitFor();
  const all = await rows.count();
  await page.keyboard.press('/');
  await page.keyboard.type('report');
  await page.waitForURL(/name=report/);
  await rows.filter({ hasText: 'silent' }).waitFor({ state: 'detached' });
  const reports = await rows.count();
  await page.getByRole('combobox', { name: 'Which are shown' }).selectOption('paused');
  await page.waitForURL(/show=paused/);
  await page.getByRole('heading', { name: '2 deployments' }).waitFor();
  const { page: copy } = await openPage(browser, page.url());
  await copy.getByRole('heading', { name: '2 deployments' }).waitFor();
  await copy.context().close();
  await page.goBack();
  await page.getByRole('heading', { name: `${reports} deployments` }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: `${all} deployments` }).waitFor();
  await page.goto(`${url}/deployments?pool=local`);
  await page.getByRole('button', { name: 'Show those of all pools' }).click();
  await page.waitForURL(`${url}/deployments`);
  await page.getByRole('heading', { name: `${all} deployments` }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/deployments\/deployment\//);
  await page.goto(`${url}/deployments?page=99`);
  await page.waitForURL(`${url}/deployments`);
  assert.deepEqual(complaints, []);
  await page.context().close();
});
