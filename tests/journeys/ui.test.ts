/** The pages in front of our own server, while real flows run against it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { buildUi } from '../../scripts/build-ui.ts';
import { startOstinato, until } from './background.ts';
import { LAUNCHER, makePlace, runProgram } from './launch.ts';
import { launchBrowser, openPage } from './ui-browser.ts';

const place = makePlace();
await buildUi();
const browser = await launchBrowser();

writeFileSync(
  join(place.project, 'shop.ts'),
  `
import { setTimeout as sleep } from 'node:timers/promises';
import { artifacts, flow, runContext, task } from 'ostinato';

const load = task(async (region: string) => { await sleep(300); runContext()?.logger.info('read ' + region); return [region]; }, { name: 'load' });
const join_ = task(async (parts: string[][]) => parts.flat().length, { name: 'join' });
const publish = task(async (count: number) => { await artifacts.markdown('# Shops\\n\\n**' + count + '** regions', { key: 'shops' }); }, { name: 'publish' });
const refuse = task(async () => { throw new Error('warehouse refused the connection'); }, { name: 'refuse' });

export const inner = flow(async ({ n }: { n: number }) => { await load('inner-' + n); return n; }, { name: 'Inner' });
export const shops = flow(async ({ regions, ratio }: { regions: string[]; ratio: number }) => {
  runContext()?.logger.warning('opening the shops');
  const parts = await Promise.all(regions.map((region) => load(region)));
  await inner({ n: 7 });
  const count = await join_(parts);
  await publish(count);
  await sleep(1500);
  return { count, ratio };
}, { name: 'Shops' });
export const failing = flow(async () => { await refuse(); }, { name: 'Failing' });
export const endless = flow(async () => { for (;;) await load('again'); }, { name: 'Endless' });
`,
);

const server = startOstinato(place, ['server', 'start', '--port', '0']);
const url = await until(
  'the server says where it is',
  () => /Ostinato serves at (\S+)/.exec(server.text().stdout + server.text().stderr)?.[1],
);
const env = { OSTINATO_API_URL: `${url}/api` };
after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
});

test('the server serves the pages, which teach how to begin: what they say to paste makes the first run', async () => {
  const { page, complaints } = await openPage(browser, `${url}/flows`);
  await page.getByRole('heading', { name: 'No run yet' }).waitFor();
  await page.goto(url);
  await page.getByRole('heading', { name: 'No run yet' }).waitFor();
  const way = page.locator('.first-flow article', { hasText: 'TypeScript' });
  const [program = '', command = ''] = await way.locator('pre').allTextContents();
  const { project, home } = makePlace();
  writeFileSync(join(project, 'hello.ts'), program);
  const ended = await runProgram(
    '/bin/sh',
    ['-c', command.replace('npx ostinato', `"${process.execPath}" "${LAUNCHER}"`)],
    { cwd: project, env: { OSTINATO_HOME: home } },
  );
  assert.equal(ended.exitCode, 0, ended.stderr);
  await page.locator('.run-row', { hasText: 'Hello' }).filter({ hasText: 'Completed' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('the greeting names the page of the API: operations to search, to open, to link to, with keys alone too', async () => {
  const docs = /description: (\S+)\)/.exec(server.text().stdout + server.text().stderr)?.[1] ?? '';
  assert.equal(docs, `${url}/docs`);
  const { page, complaints } = await openPage(browser, docs);
  await page.getByRole('region', { name: 'Flow runs', exact: true }).waitFor();
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as { paths: Record<string, object> };
  assert.equal(
    await page.locator('.operation').count(),
    Object.values(paths).flatMap((methods) => Object.keys(methods)).length,
  );

  await page.keyboard.press('/');
  await page.keyboard.type('get flow_runs why');
  await page.waitForURL(/q=/);
  await page.locator('.operation').nth(1).waitFor({ state: 'detached' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const why = page.locator('#explain_flow_run');
  await why.getByText('path', { exact: true }).waitFor();
  assert.match(await why.innerText(), /id\s+path\s*required\s+string \(uuid\)/);
  await why.locator('summary', { hasText: 'because' }).click();
  // Members are shown once the browser has told of the opening, some time after the click.
  await why.getByText('when', { exact: true }).first().waitFor();
  assert.match(
    await why.innerText(),
    /because\s*required\s+array of object[^]*when\s*required\s+string \(date-time\) or null/,
  );
  await why.getByRole('link', { name: /^Link to/ }).click();
  await page.waitForURL(/#explain_flow_run$/);

  await page.goto(`${url}/docs#create_flow_run`);
  await page.locator('#create_flow_run[open]').getByRole('heading', { name: 'Body' }).waitFor();
  const top = (await page.locator('#create_flow_run').boundingBox())?.y ?? -1;
  assert.ok(top >= 0 && top < 450, `it is in sight, not at ${top}`);
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(
    (await page.evaluate<number>('document.body.scrollWidth - innerWidth')) <= 0,
    'nothing is cut off on a phone',
  );
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a run is seen while it runs: in the list, in its timeline, in its logs; then all that it left', async () => {
  const { page, complaints } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row').first().waitFor();
  const running = place.ostinato(
    ['run', 'shop.ts:shops', '--params', '{"regions": ["north", "south"], "ratio": 0.5}'],
    { env },
  );
  const row = page.locator('.run-row', { hasText: 'Shops' });
  await row.filter({ hasText: 'Running' }).waitFor();
  await row.click();
  await page.locator('.run-facts', { hasText: 'Running' }).waitFor();
  await page.getByText('opening the shops').waitFor();
  await page.locator('.run-facts', { hasText: 'Completed' }).waitFor();
  const ended = await running;
  assert.equal(ended.exitCode, 0, ended.stderr);

  await page.getByText('read north').waitFor();
  await page.locator('.timeline-summary', { hasText: '5 completed' }).waitFor();
  await page.getByRole('tab', { name: /^Task runs/ }).click();
  await page.locator('.task-table tbody tr').nth(3).waitFor();
  await page.getByRole('link', { name: /^Inner \// }).waitFor();
  await page.getByRole('tab', { name: /^Artifacts/ }).click();
  await page.locator('.markdown', { hasText: '2 regions' }).waitFor();
  await page.getByRole('tab', { name: /^Parameters/ }).click();
  await page.getByLabel('the parameters', { exact: true }).filter({ hasText: '"ratio": 0.5' }).waitFor();
  await page.getByRole('tab', { name: 'States' }).click();
  await page.locator('.state-history .state-badge').nth(2).waitFor();
  assert.deepEqual(await page.locator('.state-history .state-badge').allInnerTexts(), [
    'Pending',
    'Running',
    'Completed',
  ]);
  await page.getByRole('tab', { name: 'Result' }).click();
  await page.getByText('The value is kept with the run.').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a run that failed says why, and so does the task that it failed by', async () => {
  await place.ostinato(['run', 'shop.ts:failing'], { env });
  const { page } = await openPage(browser, `${url}/runs?states=["FAILED"]`);
  await page.locator('.run-row', { hasText: 'Failing' }).click();
  await page.locator('.why', { hasText: 'warehouse refused the connection' }).waitFor();
  await page.getByRole('tab', { name: /^Task runs/ }).click();
  await page
    .locator('.task-table')
    .getByRole('link', { name: /^refuse/ })
    .click();
  const panel = page.getByRole('complementary', { name: 'Task run' });
  await panel.locator('.state-badge', { hasText: 'Failed' }).first().waitFor();
  await panel.locator('.why', { hasText: 'warehouse refused the connection' }).waitFor();
  await page.context().close();
});

test('a run is cancelled from its page, and its process ends', async () => {
  const running = startOstinato(place, ['run', 'shop.ts:endless'], env);
  after(() => running.child.kill('SIGKILL'));
  const { page } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row', { hasText: 'Endless' }).filter({ hasText: 'Running' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.locator('.run-facts', { hasText: 'Cancelled' }).waitFor();
  assert.notEqual((await running.ended).exitCode, 0);
  await page.context().close();
});

test('a run by a script of the same home that knows of no server is seen too', async () => {
  await place.ostinato(['run', 'shop.ts:inner', '-p', 'n=3']);
  const { page } = await openPage(browser, `${url}/flows`);
  await page.locator('.flow-row', { hasText: 'Inner' }).click();
  await page.locator('.run-row', { hasText: 'Inner' }).first().waitFor();
  await page.context().close();
});
