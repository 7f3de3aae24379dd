/** The pages in a real browser, in situations that a real server does not bring about on demand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launchBrowser, openPage } from './ui-browser.ts';
import { startStandIn } from './ui-stand-in.ts';
import { FLOW, changeEvent, flowRun, graphNode, idOf, logLine, stateEvent, taskRun } from './ui-world.ts';

const browser = await launchBrowser();
const RUN = idOf(10);

test('a server without runs teaches how to make the first', async () => {
  const { url } = await startStandIn();
  const { page, complaints } = await openPage(browser, url);
  await page.getByRole('heading', { name: 'No run yet' }).waitFor();
  assert.match(await page.locator('.first-flow').innerText(), new RegExp(`PREFECT_API_URL=${url}/api python hello.py`));
  assert.equal(new URL(page.url()).pathname, '/runs');
  assert.deepEqual(complaints, []);
});

test('keys: skip link, search, rows, help; and the theme is kept', async () => {
  const { url } = await startStandIn({ flows: [FLOW], flowRuns: [flowRun(10), flowRun(11, { state_type: 'FAILED' })] });
  const { page } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row').nth(1).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate<string>('document.activeElement.textContent'), 'To the content');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  assert.match(await page.evaluate<string>('document.activeElement.textContent'), /Failed.*run-11.*daily sales/);
  await page.keyboard.press('k');
  assert.match(await page.evaluate<string>('document.activeElement.textContent'), /Completed.*run-10/);
  await page.keyboard.press('/');
  assert.equal(await page.evaluate<string>('document.activeElement.ariaLabel'), 'Search by name');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  const themes = page.getByRole('button', { name: /^Colours/ });
  await themes.click();
  assert.equal(await background(), light, 'light, as the system is');
  await themes.click();
  assert.notEqual(await background(), light);
  await page.reload();
  await page.locator('.run-row').first().waitFor();
  assert.notEqual(await background(), light, 'the choice was kept');
});

test('filters are in the address, and in what the server is asked', async () => {
  const { url, asked } = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10), flowRun(11, { state_type: 'FAILED' })],
  });
  const { page } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row').nth(1).waitFor();
  await page.getByRole('button', { name: /^Failed/ }).click();
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('run-1');
  await page.getByRole('textbox', { name: 'Add a tag to the filter' }).fill('nightly');
  await page.keyboard.press('Enter');
  await page.waitForURL(/nightly/);
  await page.waitForURL(/FAILED/);
  await page.waitForURL(/name=run-1/);
  await page.locator('.run-row').nth(1).waitFor({ state: 'detached' });
  await page.locator('.run-row').first().waitFor();
  await page.reload();
  await page.locator('.run-row').first().waitFor();
  assert.equal(await page.getByRole('button', { name: /^Failed/ }).getAttribute('aria-pressed'), 'true');
  const last = asked.findLast(({ path }) => path === '/ui/pages/runs')?.body as { flow_runs: Record<string, unknown> };
  assert.deepEqual(
    { ...last.flow_runs, expected_start_time: null },
    {
      expected_start_time: null,
      name: { like_: 'run-1' },
      tags: { all_: ['nightly'] },
      state: { type: { any_: ['FAILED'] } },
      parent_task_run_id: { is_null_: true },
    },
  );
});

test('a row changes by push, and after a break of the connection', async () => {
  const server = await startStandIn({ flows: [FLOW], flowRuns: [flowRun(10, { state_type: 'RUNNING' })] });
  const { page } = await openPage(browser, `${server.url}/runs`);
  await page.locator('.run-row', { hasText: 'Running' }).waitFor();
  await page.locator('.connection[data-connection="live"]').waitFor();
  server.world.flowRuns = [flowRun(10, { state_type: 'COMPLETED' })];
  server.send('/api/events/out', stateEvent('flow-run', RUN, 'COMPLETED'));
  await page.locator('.run-row', { hasText: 'Completed' }).waitFor();

  server.world.flowRuns = [flowRun(10, { name: 'renamed' }), flowRun(12)];
  server.send('/api/events/out', changeEvent('flow-run', RUN, 'updated'));
  await page.locator('.run-row', { hasText: 'renamed' }).waitFor();
  server.world.flowRuns = [flowRun(12)];
  server.send('/api/events/out', changeEvent('flow-run', RUN, 'deleted'));
  await page.locator('.run-row', { hasText: 'renamed' }).waitFor({ state: 'detached' });

  server.breakStreams();
  await page.locator('.connection[data-connection="down"]').waitFor();
  server.world.flowRuns = [flowRun(11, { name: 'made-meanwhile' }), ...server.world.flowRuns];
  await page.locator('.run-row', { hasText: 'made-meanwhile' }).waitFor();
  assert.equal(await page.locator('.connection').innerText(), 'Live');
});

test('a timeline of 4,000 task runs: folded, opened, one picked with the keyboard, and drawn fast', async () => {
  const calls = Array.from({ length: 4000 }, (_, at) =>
    graphNode(1000 + at, at === 2500 ? { state_type: 'FAILED' } : {}),
  );
  const collect = graphNode(20, {
    label: 'collect',
    start_time: calls.at(-1)?.[1]['end_time'],
    parents: calls.map(([id]) => ({ id })),
  });
  const { url } = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10)],
    taskRuns: [taskRun(1000)],
    graphs: {
      [RUN]: {
        start_time: calls[0]?.[1]['start_time'],
        end_time: null,
        root_node_ids: [],
        nodes: [...calls, collect],
        artifacts: [],
        states: [],
      },
    },
  });
  const { page, complaints } = await openPage(browser, `${url}/runs/flow-run/${RUN}`);
  const timeline = page.getByRole('application');
  await timeline.waitFor();
  const spoken = page.locator('.timeline [aria-live]');
  await timeline.focus();
  await page.keyboard.press('ArrowDown');
  await spoken.filter({ hasText: /^load, 4,000 runs: 1 failed, 3,999 completed/ }).waitFor({ state: 'attached' });
  assert.equal(await page.locator('canvas').count(), 1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await spoken.filter({ hasText: /^load-3500, Failed, 500 ms/ }).waitFor({ state: 'attached' });
  await page.keyboard.press('ArrowDown');
  await spoken.filter({ hasText: /^load-1000, Completed, 500 ms/ }).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await page.getByRole('complementary', { name: 'Task run' }).getByRole('heading', { name: 'load-1000' }).waitFor();
  assert.match(page.url(), new RegExp(`task=${idOf(1000)}`));
  await page.keyboard.press('Escape');
  await page.getByRole('complementary').waitFor({ state: 'detached' });

  const elements = await page.evaluate<number>('document.querySelectorAll("*").length');
  assert.ok(elements < 700, `${elements} elements: the timeline is not drawn on a canvas`);
  const canvasHeight = await page.evaluate<number>('document.querySelector("canvas").height');
  assert.ok(canvasHeight < 1200, 'the canvas is as high as what is seen, not as the rows');
  assert.deepEqual(complaints, []);
});

test('a flood of events is drawn together, and asked about seldom', async () => {
  const nodes = Array.from({ length: 2000 }, (_, at) =>
    graphNode(1000 + at, { state_type: 'RUNNING', end_time: null }),
  );
  const graph = {
    start_time: nodes[0]?.[1]['start_time'],
    end_time: null,
    root_node_ids: [],
    nodes,
    artifacts: [],
    states: [],
  };
  const server = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10, { state_type: 'RUNNING' })],
    graphs: { [RUN]: graph },
  });
  const { page, complaints } = await openPage(browser, `${server.url}/runs/flow-run/${RUN}`);
  await page.locator('.timeline-summary', { hasText: '2,000 running' }).waitFor();
  while (server.listeners('/api/events/out') === 0) await page.waitForTimeout(50);
  const before = server.asked.length;
  server.world.graphs = {
    [RUN]: {
      ...graph,
      nodes: nodes.map(([id, node]) => [id, { ...node, state_type: 'COMPLETED', end_time: node['start_time'] }]),
    },
  };
  for (const [id] of nodes) server.send('/api/events/out', stateEvent('task-run', id, 'COMPLETED'));
  await page.locator('.timeline-summary', { hasText: '2,000 completed' }).waitFor();
  const asked = server.asked.slice(before).map(({ path }) => path);
  assert.ok(asked.length < 200, `${asked.length} requests for 2,000 events`);
  assert.deepEqual(complaints, []);
});

test('logs: 5,000 lines of which few are in the page, search, level, live lines and their task', async () => {
  const logs = Array.from({ length: 5000 }, (_, at) =>
    logLine(
      at,
      at === 4321 ? { level: 40, message: 'disk is full, see https://docs.example/disk', task_run_id: idOf(1000) } : {},
    ),
  );
  const server = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10, { state_type: 'RUNNING' })],
    logs,
    taskRuns: [taskRun(1000)],
    graphs: {
      [RUN]: {
        start_time: null,
        end_time: null,
        root_node_ids: [],
        nodes: [graphNode(1000)],
        artifacts: [],
        states: [],
      },
    },
  });
  const { page } = await openPage(browser, `${server.url}/runs/flow-run/${RUN}`);
  await page.getByText('line 4999', { exact: true }).waitFor();
  assert.ok((await page.locator('.log-line').count()) < 120);
  while (server.listeners('/api/logs/out') === 0) await page.waitForTimeout(50);
  const log = (number: number, message: string) => ({
    type: 'log',
    log: logLine(number, { message }),
    position: `${number}.x`,
  });
  server.send('/api/logs/out', log(5000, 'came just now'));
  await page.getByText('came just now').waitFor();

  // Behind its last line it goes on after a break: of more lines than it would read again none is missing.
  server.breakStreams();
  while (!server.positions('/api/logs/out').includes('5000.x')) await page.waitForTimeout(50);
  server.send('/api/logs/out', { type: 'resumed', complete: true });
  server.send('/api/logs/out', log(5001, 'came during the break'));
  await page.getByText('came during the break').waitFor();

  await page.getByRole('combobox', { name: 'Read from' }).selectOption('first');
  await page.getByText('line 0', { exact: true }).waitFor();
  await page.getByRole('combobox', { name: 'Level' }).selectOption('40');
  await page.locator('.log-line[data-tone="error"]').waitFor();
  assert.equal(await page.locator('.log-line').count(), 1);
  assert.equal(await page.locator('.log-line a').getAttribute('href'), 'https://docs.example/disk');
  await page.getByRole('searchbox', { name: 'Search in the logs' }).fill('FULL');
  await page.locator('.log-line mark', { hasText: 'full' }).waitFor();
  await page.locator('.log-line').getByRole('button', { name: 'load-1000' }).click();
  await page.getByRole('complementary', { name: 'Task run' }).waitFor();
});

test('why: told where the server explains, and nothing where it does not', async () => {
  const explanation = {
    run_id: RUN,
    kind: 'flow_run',
    name: 'run-10',
    headline: 'It failed because load-3 raised ConnectionError.',
    because: [{ fact: 'load-3\u202E used its 3 attempts.', when: '2026-11-22T18:00:00.000000Z' }],
    next: 'ostinato flow-run retry run-10',
  };
  const graph = { start_time: null, end_time: null, root_node_ids: [], nodes: [], artifacts: [], states: [] };
  const { url } = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10, { state_type: 'FAILED' }), flowRun(11)],
    graphs: { [RUN]: graph, [idOf(11)]: graph },
    explanations: { [RUN]: explanation },
  });
  const { page } = await openPage(browser, `${url}/runs/flow-run/${RUN}`);
  await page.getByText(String.raw`load-3\u202e used its 3 attempts.`).waitFor();
  await page.locator('.why', { hasText: 'Next: ostinato flow-run retry run-10' }).waitFor();
  assert.match(
    await page.locator('.why').innerText(),
    /Why\?\s*It failed because load-3 raised ConnectionError\.[^]*Next: ostinato flow-run retry run-10/,
  );
  await page.goto(`${url}/runs/flow-run/${idOf(11)}`);
  await page.getByText('Nothing ran inside').waitFor();
  assert.equal(await page.locator('.why').count(), 0);
});

test('a server with an auth string is asked with it, over HTTP and over the stream', async () => {
  const server = await startStandIn({ flows: [FLOW], flowRuns: [flowRun(10)], authString: 'me:seçret' });
  const { page } = await openPage(browser, `${server.url}/runs`);
  const field = page.getByRole('textbox', { name: 'Auth string' });
  await field.fill('me:wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The server does not take this auth string.').waitFor();
  await field.fill('me:seçret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.run-row', { hasText: 'run-10' }).waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  while (server.listeners('/api/events/out') === 0) await page.waitForTimeout(50);
  assert.equal(await page.evaluate('JSON.stringify(localStorage).includes("seçret")'), false, 'kept for the tab only');
});

test('nothing is cut off at a width of 360 pixels', async () => {
  const long = 'a-run-with-a-name-that-is-quite-a-bit-longer-than-the-screen-of-a-phone';
  const { url } = await startStandIn({
    flows: [FLOW],
    flowRuns: [
      flowRun(10, {
        name: long,
        tags: ['nightly', 'finance', 'europe', 'important'],
        parameters: { path: long.repeat(3) },
      }),
    ],
    logs: [logLine(1, { message: long.repeat(4) })],
    graphs: {
      [RUN]: {
        start_time: null,
        end_time: null,
        root_node_ids: [],
        nodes: [graphNode(1000)],
        artifacts: [],
        states: [],
      },
    },
  });
  for (const path of [
    '/runs',
    `/runs/flow-run/${RUN}`,
    `/runs/flow-run/${RUN}?tab=parameters`,
    `/runs/flow-run/${RUN}?tab=details`,
    '/flows',
  ]) {
    const { page } = await openPage(browser, url + path, { width: 360, height: 740 });
    await page.locator('.run-row, .run-head, .flow-row').first().waitFor();
    const wide = await page.evaluate<number>(
      'Math.max(document.body.scrollWidth, document.documentElement.scrollWidth) - innerWidth',
    );
    assert.ok(wide <= 0, `${path} is ${wide} pixels too wide`);
    await page.context().close();
  }
});
