/** The pages with keys alone, for who hears them, and in the colours and the calm that the reader's system asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Page } from 'playwright-core';

import { until } from './background.ts';
import { launchBrowser, openPage } from './ui-browser.ts';
import { startStandIn } from './ui-stand-in.ts';
import { FLOW, flowRun, graphNode, idOf, logLine, RECENT, stateEvent, taskRun } from './ui-world.ts';

const browser = await launchBrowser();
const RUN = idOf(10);
const TASK = idOf(1000);
const STACK = `ConnectionError: refused\n${Array.from({ length: 30 }, (_, at) => `    at dig (warehouse.ts:${at}:1)`).join('\n')}`;

const at = (ms: number): string => new Date(RECENT + ms).toISOString();
const state = (number: number, type: string, more: object = {}) => ({
  id: idOf(700_000 + number),
  of: TASK,
  type,
  name: type[0] + type.slice(1).toLowerCase(),
  timestamp: at(number * 10),
  message: null,
  data: null,
  state_details: {},
  ...more,
});

function startWorld() {
  return startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(9, { name: 'fine' }), flowRun(10, { name: 'broken', state_type: 'FAILED' })],
    logs: [logLine(1)],
    taskRuns: [taskRun(1000, { name: 'refuse', state_type: 'FAILED' })],
    states: [
      state(1, 'RUNNING'),
      state(2, 'FAILED', {
        message: 'refused',
        failure: { name: 'ConnectionError', message: 'refused', code: null, stack: STACK, fields: null, cause: null },
      }),
    ],
    graphs: {
      [RUN]: {
        start_time: at(0),
        end_time: at(4000),
        root_node_ids: [],
        nodes: [graphNode(1001), graphNode(1000, { label: 'refuse', state_type: 'FAILED' })],
        artifacts: [],
        states: [],
      },
    },
  });
}

interface Focus {
  /** Role and name, as far as a test has to tell controls apart. */
  readonly says: string;
  readonly isInSight: boolean;
  readonly isMarked: boolean;
}

/** What has the focus, and whether somebody sees that it has. */
const FOCUS = `(() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const over = document.elementFromPoint(Math.max(0, box.left + Math.min(box.width, innerWidth) / 2), box.top + Math.min(box.height, 40) / 2);
  const isMarked = [element, element.closest('.tag-field, .search-field')].some((one) => one !== null && getComputedStyle(one).outlineStyle !== 'none' && getComputedStyle(one).outlineWidth !== '0px');
  const isInSight = box.width > 0 && box.bottom > 0 && box.top < innerHeight && over !== null && (element.contains(over) || over.contains(element));
  return { says: (element.getAttribute('role') ?? element.tagName.toLowerCase()) + ' ' + (element.ariaLabel ?? element.textContent).trim().replace(/\\s+/g, ' ').slice(0, 60), isInSight, isMarked };
})()`;

const focus = async (page: Page): Promise<Focus> => await page.evaluate<Focus>(FOCUS);

/** Presses a key again and again. */
async function press(page: Page, key: string, wanted: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    await page.keyboard.press(key);
    const { says } = await focus(page);
    if (wanted.test(says)) return;
    passed.push(says);
  }
  assert.fail(`${key} does not lead to ${wanted}, but past ${passed.join('; ')}`);
}

test('from the home page to the stack of the task that failed, with keys alone', async () => {
  const { url } = await startWorld();
  const { page, complaints } = await openPage(browser, url);
  await page.locator('.run-row').nth(1).waitFor();
  await press(page, 'j', /^a Failed.*broken/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/flow-run/);
  await page.getByRole('application').waitFor();
  await until(
    'the page begins at its content',
    async () => (await page.evaluate<string>('document.activeElement.id')) === 'main',
  );
  await press(page, 'Tab', /^application/);
  const spoken = page.locator('.timeline [aria-live]');
  await page.keyboard.press('ArrowDown');
  await spoken.filter({ hasText: /^refuse, Failed/ }).waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Task run' });
  await panel.getByRole('heading', { name: 'refuse' }).waitFor();
  await press(page, 'Tab', /^tab Details/);
  await press(page, 'ArrowRight', /^tab States/);
  await press(page, 'Tab', /^summary Stack of ConnectionError/);
  await page.keyboard.press('Enter');
  await panel.getByText('at dig (warehouse.ts:29:1)').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  assert.match((await focus(page)).says, /^application/, 'the focus is where it was');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('Tab reaches every control, in sight and marked: first the skip link, which leads to the content', async () => {
  const { url } = await startWorld();
  for (const [path, shown, width] of [
    ['/runs', '.run-row', 1280],
    [`/runs/flow-run/${RUN}`, '.log-line', 1280],
    [`/runs/flow-run/${RUN}?task=${TASK}`, '.side-panel .run-facts', 390],
    ['/flows', '.flow-row', 390],
  ] as const) {
    const { page } = await openPage(browser, url + path, { width });
    await page.locator(shown).first().waitFor();
    await page.waitForLoadState('networkidle');
    // A panel has the focus from the start; everywhere else the first key leads here.
    if (path.includes('task=')) await page.locator('.skip-link').focus();
    else await page.keyboard.press('Tab');
    const passed = [await focus(page)];
    assert.equal(passed[0]?.says, 'a To the content');
    for (;;) {
      await page.keyboard.press('Tab');
      const now = await focus(page);
      if (now.says.startsWith('body') || passed.length > 100) break;
      passed.push(now);
    }
    assert.deepEqual(
      passed.filter(({ isInSight, isMarked }) => !isInSight || !isMarked),
      [],
      `${path}: has the focus, but nobody sees that`,
    );
    const controls = await page
      .locator('a[href], button:enabled, input, select, summary')
      .evaluateAll(
        (all: { checkVisibility(how: object): boolean; tabIndex: number }[]) =>
          all.filter((one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true })).length,
      );
    assert.ok(
      passed.length >= controls,
      `${path}: ${controls} controls, of which Tab reaches ${passed.length}: ${passed.map(({ says }) => says).join('; ')}`,
    );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await page.context().close();
  }
});

test('a dialog keeps the focus, Escape closes it, and the focus is back where it was', async () => {
  const { url } = await startWorld();
  const { page } = await openPage(browser, `${url}/runs`, { width: 390 });
  await page.locator('.run-row').first().waitFor();
  await press(page, 'Tab', /^button Keys/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Keys' });
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /↑\s*↓[^]*timeline: previous, next row/);
  const { width = 0, x = -1 } = (await dialog.boundingBox()) ?? {};
  assert.ok(x >= 0 && x + width <= 390, 'it fits on a phone');
  for (let count = 0; count < 4; count += 1) {
    await page.keyboard.press('Tab');
    // Between its last and its first control the browser's own have their turn.
    assert.ok(
      await page.evaluate(
        'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
      ),
    );
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.match((await focus(page)).says, /^button Keys/);
  await page.context().close();
});

test('a change of state is in the title, and is said', async () => {
  const server = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10, { name: 'nightly', state_type: 'RUNNING' })],
    graphs: {},
  });
  const { page } = await openPage(browser, `${server.url}/runs/flow-run/${RUN}`);
  await until('its state is in the title', async () => (await page.title()) === 'nightly – Running · Ostinato');
  await until('the page listens', () => server.listeners('/api/events/out') > 0);
  const said = page.locator('.run-head [role="status"]');
  assert.equal(await said.innerText(), 'nightly is now: Running');
  server.world.flowRuns = [flowRun(10, { name: 'nightly', state_type: 'FAILED' })];
  server.send('/api/events/out', stateEvent('flow-run', RUN, 'FAILED'));
  await until('the new state is in the title', async () => (await page.title()) === 'nightly – Failed · Ostinato');
  await said.filter({ hasText: 'nightly is now: Failed' }).waitFor({ state: 'attached' });
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.context().close();
});

test('an id is copied also where the browser gives a page no clipboard, as it does over plain HTTP', async () => {
  const { url } = await startWorld();
  const { page } = await openPage(browser, `${url}/runs/flow-run/${RUN}`);
  await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })');
  await page.getByRole('button', { name: 'Copy the id' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const field = page.getByRole('searchbox', { name: 'Search in the logs' });
  await field.focus();
  await page.keyboard.press('ControlOrMeta+v');
  assert.equal(await field.inputValue(), RUN);
  await page.context().close();
});

const isDark = (page: Page): Promise<boolean> =>
  page.evaluate('getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).every((part) => part < 60)');

test('the system says light or dark, the switch overrules it; dark from the first paint, before the code of the page is there', async () => {
  const { url } = await startWorld();
  const { page } = await openPage(browser, `${url}/runs`, { colorScheme: 'dark' });
  await page.locator('.run-row').first().waitFor();
  assert.equal(await isDark(page), true);
  await page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await isDark(page), false);
  const themes = page.getByRole('button', { name: /^Colours/ });
  await themes.click();
  await themes.click();
  assert.equal(await isDark(page), true, 'chosen, on a light system');

  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/assets/*.js', async (route) => {
    await held;
    await route.continue();
  });
  const loaded = page.reload();
  await until('styles are there, and nothing else', () =>
    page
      .evaluate<boolean>(
        'getComputedStyle(document.documentElement).getPropertyValue("--bg") !== "" && document.querySelector("#root")?.childElementCount === 0',
      )
      .catch(() => false),
  );
  assert.equal(await isDark(page), true, 'nothing flashes white');
  letGo();
  await loaded;
  await page.locator('.run-row').first().waitFor();
  assert.equal(await isDark(page), true);
  await page.context().close();
});

test('who wants no motion has none', async () => {
  const { url } = await startStandIn({ flows: [FLOW], flowRuns: [flowRun(10, { state_type: 'RUNNING' })] });
  const { page } = await openPage(browser, `${url}/runs`);
  await page.locator('.run-row .state-shape').waitFor();
  const moves = (): Promise<number> => page.evaluate('document.getAnimations().length');
  assert.ok((await moves()) > 0, 'a run that is under way breathes');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.equal(await moves(), 0);
  await page.context().close();
});

test('the strip beside a page, with a scrollbar or without, has the colour of the header', async () => {
  const { url } = await startStandIn({ flows: [FLOW], flowRuns: [] });
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, `${url}/runs`, { colorScheme });
    const { root, track, head } = await page.evaluate<Readonly<Record<'root' | 'track' | 'head', string>>>(`(() => {
      const flat = document.body.appendChild(document.createElement('i'));
      flat.style.background = 'color-mix(in srgb, var(--surface) 88%, var(--bg))';
      const { backgroundColor: root, scrollbarColor: track } = getComputedStyle(document.documentElement);
      return { root, track, head: getComputedStyle(flat).backgroundColor };
    })()`);
    const parts = (text: string): number[] => text.match(/[0-9.]+/g)?.map(Number) ?? [];
    assert.equal(parts(root).length, 3, root);
    // The browser rounds what lies on top of another.
    for (const [index, part] of parts(root).entries())
      assert.ok(Math.abs(part - (parts(head)[index] ?? 0) * 255) < 1, `${root}, ${head}`);
    assert.ok(track.endsWith(root), track);
    await page.context().close();
  }
});
