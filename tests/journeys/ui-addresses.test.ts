/**
 * Addresses of the pages, in a real browser and in front of a real server: whatever they say, wherever they come from,
 * and how one goes on from them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Page } from 'playwright-core';

import { openPage } from './ui-browser.ts';
import { startStandIn } from './ui-stand-in.ts';
import { FLOW, flowRun } from './ui-world.ts';
import { servePages } from './served-pages.ts';

const { browser, url } = await servePages();

async function post(path: string, body: unknown): Promise<string> {
  const answer = await fetch(`${url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return ((await answer.json()) as { id: string }).id;
}

const RUNS = 60;
const flow = await post('/flows/', { name: 'Daily Sales' });
for (let number = 0; number < RUNS - 1; number += 1)
  await post('/flow_runs/', { flow_id: flow, name: `plain-${number}`, state: { type: 'COMPLETED' } });
const why = 'ConnectionError: the warehouse refused\nTraceback (most recent call last):\n  …';
const run = await post('/flow_runs/', {
  flow_id: flow,
  name: 'blue-otter',
  tags: ['nightly'],
  state: { type: 'FAILED', message: why },
});
const tasks = await Promise.all(
  Array.from({ length: 55 }, (_, at) =>
    post('/task_runs/', {
      flow_run_id: run,
      task_key: 'load',
      dynamic_key: `${at}`,
      name: `load-${at}`,
      state: { type: at === 7 ? 'FAILED' : 'COMPLETED' },
    }),
  ),
);
const task = tasks[7] as string;
const artifact = await post('/artifacts/', { key: 'report', type: 'markdown', data: '# Sales', flow_run_id: run });
const deployment = await post('/deployments/', { name: 'nightly', flow_id: flow });
await post('/work_pools/', { name: 'local', type: 'process' });
const automation = await post('/automations/', {
  name: 'watch',
  trigger: { type: 'event', posture: 'Reactive', expect: ['shop.sold'] },
  actions: [],
});
const NOBODY = '0198c1d0-7a2b-7c3d-8e4f-001122334455';

/** Each page, and what stands on it. */
const PAGES: readonly (readonly [path: string, shown: string])[] = [
  ['/', '.run-row'],
  ['/runs', '.run-row'],
  [`/runs/flow-run/${run}`, '.run-facts'],
  [`/runs/task-run/${task}`, '.task-run .run-facts'],
  ['/flows', '.flow-row'],
  [`/flows/flow/${flow}`, '.run-row'],
  [`/artifacts/artifact/${artifact}`, '.markdown'],
  ['/docs', '.operation'],
  ['/deployments', '.deployment-row'],
  [`/deployments/deployment/${deployment}`, '.run-facts'],
  ['/work-pools', '.pool-row'],
  ['/work-pools/work-pool/local', '.run-facts'],
  ['/events', '.event-row'],
  ['/automations', '.automation-row'],
  [`/automations/automation/${automation}`, '.run-facts'],
  ['/automations/create', '.rule-form'],
  [`/automations/automation/${automation}/edit`, '.rule-form'],
  ['/notification-channels', '.note'],
  ['/variables', '.note'],
];
const inApp = async (page: Page, path: string): Promise<void> => {
  await page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
};

test('a search that no page understands is as if it were not there: on every page, and the address is mended in its place', async () => {
  const { page, complaints } = await openPage(browser, 'about:blank');
  const all =
    'span=5y&page=-1&states=NOPE&states=[1]&tags={"a":1}&from=9999-01-01&to=0001-01-01&flow=nobody&tab=secrets&task=../../x&level=7&taskTab=[]&name=%00&q=%00&sort=toString&end={}&show=x&pool=%00&view=x&__proto__=1&constructor=x';
  for (const [path, shown] of PAGES) {
    await page.goto(`${url}${path}?${all}`);
    await page.locator(shown).first().waitFor();
    await page.waitForURL((now) => now.search === '' || now.search === `?flow=${flow}`);
  }
  assert.equal(await page.evaluate('history.length'), PAGES.length + 1, 'nothing but the addresses that were typed');
  await page.goto(`${url}/runs`);
  for (const search of [
    'span=5y',
    'states=FAILED&states=x',
    'page=NaN',
    'page=1e999',
    'from=2026-02-31T99:99&to=x',
    'tags=&tags=nightly',
    `name=${'x'.repeat(100_000)}`,
    'tags=[["a"]]&name=a&name=b',
    'from=%2B275760-09-13&to=%2B275760-09-13',
    '%',
    '?&&=&%E0%A4%A',
  ]) {
    await inApp(page, `/runs?${search}`);
    await page.locator('.run-list h2', { hasText: /^[\d,]+ runs?$/ }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, search.slice(0, 40));
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a page behind the last is the last: of runs, and of the task runs of one', async () => {
  const { page, complaints } = await openPage(browser, `${url}/runs?page=99`);
  await page.waitForURL(/\?page=2$/);
  await page.locator('.pager', { hasText: '51–60 of 60' }).waitFor();
  await page
    .locator('.run-row')
    .nth(RUNS - 51)
    .waitFor();
  assert.equal(await page.locator('.run-row').count(), RUNS - 50);
  await page.goto(`${url}/runs?page=99&states=FAILED`);
  await page.waitForURL((now) => !now.search.includes('page'));
  await page.locator('.run-row', { hasText: 'blue-otter' }).waitFor();
  await page.goto(`${url}/runs/flow-run/${run}?tab=tasks&state=COMPLETED&page=1000000`);
  await page.waitForURL(/page=2/);
  await page.locator('.pager', { hasText: '51–54 of 54' }).waitFor();
  const rows = page.locator('.task-table').first().locator('tbody tr');
  await rows.nth(3).waitFor();
  assert.equal(await rows.count(), 4);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('Back undoes a filter, what is typed is one step, and a copied address shows the same', async () => {
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row').first().waitFor();
  await page.getByRole('button', { name: /^Failed/ }).click();
  await page.waitForURL(/states/);
  const field = page.getByRole('searchbox', { name: 'Search by name' });
  for (const [letters, now] of [
    ['bl', 'bl'],
    ['ue-', 'blue-'],
    ['ot', 'blue-ot'],
  ] as const) {
    await field.pressSequentially(letters);
    await page.waitForURL((at) => at.searchParams.get('name') === now);
  }
  await page.getByRole('combobox', { name: 'Order' }).selectOption('name');
  await page.waitForURL(/sort=name/);
  await page.getByRole('combobox', { name: 'Time window' }).selectOption('24h');
  await page.waitForURL(/span=24h/);
  const { page: copy } = await openPage(browser, page.url());
  await copy.locator('.run-row', { hasText: 'blue-otter' }).waitFor();
  assert.equal(await copy.locator('.run-row').count(), 1);
  assert.deepEqual(
    await Promise.all([
      copy.getByRole('searchbox', { name: 'Search by name' }).inputValue(),
      copy.getByRole('combobox', { name: 'Order' }).inputValue(),
      copy.getByRole('combobox', { name: 'Time window' }).inputValue(),
      copy.getByRole('button', { name: /^Failed/ }).getAttribute('aria-pressed'),
    ]),
    ['blue-ot', 'name', '24h', 'true'],
  );
  await copy.context().close();

  const back = async (search: string): Promise<void> => {
    await page.goBack();
    await page.waitForURL((now) => decodeURIComponent(now.search) === search);
  };
  await back('?name=blue-ot&states=["FAILED"]&sort=name');
  await back('?name=blue-ot&states=["FAILED"]');
  await back('?states=["FAILED"]');
  assert.equal(await field.inputValue(), '');
  await back('');
  assert.equal(await page.getByRole('button', { name: /^Failed/ }).getAttribute('aria-pressed'), 'false');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('on the page of a run: tab, table, log level, words and the task beside it are in the address', async () => {
  const { page, complaints } = await openPage(browser, `${url}/runs/flow-run/${run}`);
  await page.getByRole('combobox', { name: 'Level' }).selectOption('40');
  await page.getByRole('combobox', { name: 'Read from' }).selectOption('newest');
  await page.waitForURL(/end=newest/);
  await page.getByRole('tab', { name: /^Task runs/ }).click();
  await page.getByRole('combobox', { name: 'State' }).selectOption('FAILED');
  await page
    .locator('.task-table')
    .getByRole('link', { name: /^load-7/ })
    .click();
  const panel = page.getByRole('complementary', { name: 'Task run' });
  await panel.getByRole('tab', { name: 'Logs' }).click();
  await panel.getByRole('combobox', { name: 'Level' }).selectOption('50');
  await page.waitForURL(/taskLevel=50/);
  const { page: copy } = await openPage(browser, page.url());
  const beside = copy.getByRole('complementary', { name: 'Task run' });
  await beside.getByRole('heading', { name: 'load-7' }).waitFor();
  assert.equal(await beside.getByRole('combobox', { name: 'Level' }).inputValue(), '50');
  assert.equal(await copy.getByRole('combobox', { name: 'State' }).inputValue(), 'FAILED');
  assert.equal(await copy.locator('.task-table tbody tr').count(), 1);
  await copy.getByRole('tab', { name: 'Logs' }).first().click();
  assert.equal(await copy.getByRole('combobox', { name: 'Level' }).first().inputValue(), '40');
  assert.equal(await copy.getByRole('combobox', { name: 'Read from' }).first().inputValue(), 'newest');
  await copy.context().close();
  await page.goBack();
  await page.waitForURL((now) => !now.search.includes('taskLevel'));
  await page.goBack();
  await page.waitForURL((now) => !now.search.includes('taskTab'));
  await page.goBack();
  await panel.waitFor({ state: 'detached' });
  await page.goto(`${url}/flows`);
  await page.getByRole('searchbox', { name: 'Search flows' }).fill('nothing');
  await page.waitForURL(/name=nothing/);
  await page.goBack();
  await page.locator('.flow-row').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a page that breaks says so, and the others go on', async () => {
  const { page } = await openPage(browser, 'about:blank');
  await page.route('**/api/ui/pages/runs', (route) =>
    route.fulfill({ json: { as_of: null, runs: [null], count: 1, history: [{}], has_runs: true } }),
  );
  await page.goto(`${url}/runs`);
  await page.getByRole('heading', { name: 'This page broke' }).waitFor();
  assert.match(await page.getByRole('alert').innerText(), /TypeError: /);
  await page.getByRole('link', { name: 'Flows' }).click();
  await page.locator('.flow-row').waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'This page broke' }).waitFor();
  await page.unroute('**/api/ui/pages/runs');
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.locator('.run-row').first().waitFor();
  await page.context().close();
});

test('what is not here says so, with ways on; what is no id is asked of nobody', async () => {
  const { page, complaints } = await openPage(browser, 'about:blank');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const bad = ['nobody', '..%2F..%2Fadmin%2Fversion', '%00', '%E2%80%AE', '<b>x', 'x'.repeat(3000), `${NOBODY}0`];
  for (const [path, noun] of [
    ['/runs/flow-run/', 'flow run'],
    ['/runs/task-run/', 'task run'],
    ['/flows/flow/', 'flow'],
    ['/deployments/deployment/', 'deployment'],
    ['/artifacts/artifact/', 'artifact'],
  ] as const) {
    await page.goto(url + path + NOBODY);
    await page.getByRole('heading', { name: `This ${noun} is not here` }).waitFor();
    await page.getByText(`no ${noun} with the id ${NOBODY}`).waitFor();
    await page.getByRole('link', { name: /^All / }).waitFor();
    asked.length = 0;
    for (const id of bad) {
      await inApp(page, path + id);
      await page.getByText(new RegExp(`is not the id of an? ${noun}`)).waitFor();
    }
    assert.deepEqual(
      asked.filter((one) => one.startsWith('/api/') && one !== '/api/health'),
      [],
    );
  }
  await page.goto(`${url}/work-pools/work-pool/..%2F..%2Fadmin`);
  await page.getByText('no work pool with the name ../../admin').waitFor();
  await page.goto(`${url}/runs/flow-run/${run}?task=${NOBODY}`);
  await page.getByRole('complementary').getByRole('heading', { name: 'This task run is not here' }).waitFor();
  for (const path of ['/runs/flow-run/%E0%A4%A', '/nothing/of/this?kind=1', '/__proto__']) {
    await inApp(page, '/flows');
    await page.locator('.flow-row').waitFor();
    await inApp(page, path);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  }
  await page.getByRole('link', { name: 'To the runs', exact: true }).click();
  await page.locator('.run-row').first().waitFor();
  await page.goto(`${url}/runs/flow-run/${run.replaceAll('-', '').toUpperCase()}?tab=states`);
  await page.waitForURL(`${url}/runs/flow-run/${run}?tab=states`);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('the search finds flows, runs and task runs by name and id, and goes there by keys alone', async () => {
  const { page, complaints } = await openPage(browser, `${url}/flows`);
  await page.locator('.flow-row').waitFor();
  const words = page.getByRole('combobox', { name: 'Search everything' });
  const find = async (text: string, then: RegExp): Promise<void> => {
    await page.keyboard.press('Control+k');
    await words.waitFor();
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await page.waitForURL(then);
    await words.waitFor({ state: 'detached' });
  };
  await find('otter', new RegExp(`/runs/flow-run/${run}$`));
  await find(task.replaceAll('-', ''), new RegExp(`/runs/task-run/${task}$`));
  await find(run, new RegExp(`/runs/flow-run/${run}$`));
  await find('daily', new RegExp(`/runs\\?flow=${flow}$`));
  await page.keyboard.press('Control+k');
  await words.fill(task.slice(0, 8));
  const options = page.getByRole('listbox', { name: 'Found' }).getByRole('option');
  await options.nth(3).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await options.last().getAttribute('aria-selected'), 'true');
  await words.fill('nothing of this name');
  await page.getByText('Nothing here has such a name or id.').waitFor();
  await page.keyboard.press('Escape');
  await words.waitFor({ state: 'detached' });
  await page.goto(`${url}/runs/flow-run/${NOBODY}`);
  await page.getByRole('button', { name: 'Search for it' }).click();
  assert.equal(await words.inputValue(), NOBODY);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('of 20,000 runs a filter draws those that are shown, and asks once', async () => {
  const { url: many, asked } = await startStandIn({
    flows: [FLOW],
    flowRuns: Array.from({ length: 20_000 }, (_, at) => flowRun(100 + at)),
  });
  const { page, complaints } = await openPage(browser, `${many}/runs`);
  await page.locator('.pager', { hasText: '1–50 of 20,000' }).waitFor();
  const elements = await page.evaluate<number>('document.querySelectorAll("*").length');
  assert.ok(elements < 2500, `${elements} elements`);
  await page.evaluate(`globalThis.drawn = 0; new MutationObserver((changes) => { for (const { addedNodes } of changes) for (const node of addedNodes) {
    if (node instanceof Element) globalThis.drawn += node.querySelectorAll('.run-row').length + (node.matches('.run-row') ? 1 : 0);
  } }).observe(document.body, { childList: true, subtree: true })`);
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('run-199');
  await page.locator('.run-list h2', { hasText: /^111 runs$/ }).waitFor();
  const drawn = await page.evaluate<number>('globalThis.drawn');
  assert.ok(drawn <= 50, `${drawn} rows were drawn for one page`);
  assert.equal(
    asked.filter(({ path, body }) => path === '/ui/pages/runs' && JSON.stringify(body).includes('run-199')).length,
    1,
  );
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a failed row says why, in one line', async () => {
  const { page } = await openPage(browser, `${url}/runs?states=FAILED`);
  assert.equal(await page.locator('.run-row .failure-line').innerText(), 'ConnectionError: the warehouse refused');
  await page.goto(`${url}/flows`);
  assert.equal(await page.locator('.flow-row .failure-line').innerText(), 'ConnectionError: the warehouse refused');
  await page.context().close();
});

test('with the server away from the first request on, every page says since when, and fills when it is back', async () => {
  const { page } = await openPage(browser, 'about:blank');
  // These stand without an answer: the form of a new automation can be filled in meanwhile.
  const alone = new Set(['/variables', '/automations/create']);
  for (const [path, shown] of PAGES.filter(([one]) => !alone.has(one))) {
    await page.context().route('**/api/**', (route) => route.abort());
    await page.goto(url + path);
    const since = await page.locator('.away-banner time').getAttribute('datetime');
    assert.ok(Math.abs(Date.parse(since ?? '') - Date.now()) < 60_000, `${path}: ${since}`);
    await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor();
    await page.context().unroute('**/api/**');
    await page.locator(shown).first().waitFor();
    await page.locator('.away-banner').waitFor({ state: 'detached' });
  }
  await page.context().close();
});
