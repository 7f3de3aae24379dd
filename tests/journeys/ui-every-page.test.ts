/**
 * Every page of the route tree, in each width and both schemes of colours, with much and with nothing to show: nothing
 * cut off, nothing in the way, nothing that somebody cannot read.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

import { ROOT } from './launch.ts';
import { openPage } from './ui-browser.ts';
import { makeAutomatedWorld, HOSTILE, type AutomatedWorld } from './ui-automated-world.ts';
import { makeDeployedWorld, type DeployedWorld } from './ui-deployed-world.ts';
import { LONG, makeRichWorld, type RichWorld } from './ui-rich-world.ts';
import { servePages } from './served-pages.ts';

const WIDTHS = [390, 768, 1440] as const;
const SCHEMES = ['light', 'dark'] as const;
/** So high a control is where a finger reaches for it. */
const TOUCH_PIXELS = 40;

const { place, browser, url } = await servePages();

interface Place {
  readonly path: string;
  /** What is there once the page stands. */
  readonly shown: string;
  /** What the tab of the browser is called. */
  readonly title: string;
  /** The page says that there is no such thing, as the server did. */
  readonly isMissing?: boolean;
}

const EMPTY: readonly Place[] = [
  { path: '/runs', shown: '.first-flow', title: 'Runs' },
  { path: '/flows', shown: '.first-flow', title: 'Flows' },
  { path: '/deployments', shown: '.first-flow', title: 'Deployments' },
  { path: '/work-pools', shown: '.command', title: 'Work pools' },
  { path: '/automations', shown: '.first-flow', title: 'Automations' },
  { path: '/notification-channels', shown: '.note', title: 'Notification channels' },
];
const NOWHERE = '00000000-0000-7000-8000-000000000000';

/** By route of the tree: the addresses that are looked at. A route of which none is said fails the test. */
function placesOf(world: RichWorld & DeployedWorld & AutomatedWorld): Readonly<Record<string, readonly Place[]>> {
  const { rich, failing, failedTask, silent, inner, underWay, flow, artifact, daily, paused, long, silentDeployment } =
    world;
  const run = (id: string, title: string, more = '', shown = '.run-facts'): Place => ({
    path: `/runs/flow-run/${id}${more}`,
    shown,
    title,
  });
  const tabs = {
    tasks: '.task-table',
    artifacts: '.artifact',
    parameters: '.json-view',
    result: '.json-view',
    states: '.state-history',
    details: '.facts',
  };
  return {
    '/': [{ path: '/', shown: '.run-row', title: 'Runs' }],
    '/runs': [
      { path: '/runs', shown: '.run-row', title: 'Runs' },
      {
        path: '/runs?states=["FAILED"]&tags=["nightly","region-1"]&name=nobody&span=30d',
        shown: '.note',
        title: 'Runs',
      },
    ],
    '/runs/flow-run/$id': [
      run(rich, `${LONG} – Completed`, '', '.log-line'),
      ...Object.entries(tabs).map(([tab, shown]) => run(rich, `${LONG} – Completed`, `?tab=${tab}`, shown)),
      run(inner, `inner ${LONG} – Completed`, '?tab=tasks', '.task-table'),
      run(failing, 'failing now – Failed', '?tab=states', '.state-history'),
      run(failing, 'failing now – Failed', `?tab=tasks&task=${failedTask}`, '.side-panel .why'),
      run(silent, 'silence – Completed', '', '.logs .note'),
      run(silent, 'silence – Completed', '?tab=artifacts', '.tab-panel .note'),
      run(underWay, `${LONG} – Running`),
      { ...run(NOWHERE, 'No such run', '', '.note'), isMissing: true },
    ],
    '/runs/task-run/$id': [{ path: `/runs/task-run/${failedTask}`, shown: '.why', title: 'refuse-0 – Failed' }],
    '/flows': [{ path: '/flows', shown: '.flow-row', title: 'Flows' }],
    '/flows/flow/$id': [{ path: `/flows/flow/${flow}`, shown: '.run-row', title: 'Runs' }],
    '/artifacts/artifact/$id': [
      { path: `/artifacts/artifact/${artifact}`, shown: '.artifact .markdown', title: 'report' },
    ],
    '/deployments': [
      { path: '/deployments', shown: '.deployment-row', title: 'Deployments' },
      { path: '/deployments?show=paused&name=nobody&pool=local', shown: '.note', title: 'Deployments' },
    ],
    '/deployments/deployment/$id': [
      { path: `/deployments/deployment/${daily}`, shown: '.run-row', title: 'daily' },
      ...['schedules', 'backfills', 'history', 'versions', 'parameters', 'details'].map((view) => ({
        path: `/deployments/deployment/${long}?view=${view}`,
        shown:
          {
            schedules: '.clock-mark',
            backfills: '.note',
            history: '.slot',
            versions: '.version',
            parameters: '.json-view',
            details: '.facts',
          }[view] ?? '',
        title: LONG,
      })),
      { path: `/deployments/deployment/${paused}?view=schedules`, shown: '.schedule', title: 'monthly' },
      { path: `/deployments/deployment/${silentDeployment}`, shown: '.note', title: 'silent' },
      { path: `/deployments/deployment/${NOWHERE}`, shown: '.note', title: 'No such deployment', isMissing: true },
    ],
    '/work-pools': [{ path: '/work-pools', shown: '.pool-row', title: 'Work pools' }],
    '/work-pools/work-pool/$name': [
      { path: '/work-pools/work-pool/local', shown: '.run-row', title: 'local' },
      { path: '/work-pools/work-pool/local?view=queues', shown: '.pool-part', title: 'local' },
      { path: '/work-pools/work-pool/local?view=workers', shown: '.pool-part', title: 'local' },
      { path: '/work-pools/work-pool/cluster', shown: '.hindrance', title: 'cluster' },
      { path: '/work-pools/work-pool/cluster?view=workers', shown: '.note', title: 'cluster' },
      { path: '/work-pools/work-pool/nobody', shown: '.note', title: 'No such work pool', isMissing: true },
    ],
    ...placesOfAutomations(world),
    '/$': [{ path: '/nowhere', shown: '.note', title: 'No such page' }],
    '/docs': [{ path: '/docs#create_flow_run', shown: '.operation[open]', title: 'API' }],
  };
}

function placesOfAutomations({
  again,
  hard,
  off,
  failure,
  hostileEvent,
}: AutomatedWorld): Readonly<Record<string, readonly Place[]>> {
  return {
    '/events': [
      { path: '/events', shown: '.event-row', title: 'Events' },
      { path: `/events?event=${hostileEvent}`, shown: '.json-tree', title: 'Events' },
      { path: `/events?event=${failure}`, shown: '.event-inside', title: 'Events' },
      { path: '/events?name=nobody&text=nothing&span=1h', shown: '.note', title: 'Events' },
    ],
    '/automations': [
      { path: '/automations', shown: '.automation-row', title: 'Automations' },
      { path: '/automations?show=off&name=nobody', shown: '.note', title: 'Automations' },
    ],
    '/automations/automation/$id': [
      { path: `/automations/automation/${again}`, shown: '.receipt', title: 'clean up after a failure' },
      { path: `/automations/automation/${hard}`, shown: '.receipt', title: `${HOSTILE} ${LONG}` },
      { path: `/automations/automation/${hard}?view=rule`, shown: '.json-view', title: `${HOSTILE} ${LONG}` },
      { path: `/automations/automation/${hard}?view=details`, shown: '.facts', title: `${HOSTILE} ${LONG}` },
      { path: `/automations/automation/${off}`, shown: '.note', title: 'stuck for half an hour' },
      { path: `/automations/automation/${NOWHERE}`, shown: '.note', title: 'No such automation', isMissing: true },
    ],
    '/automations/create': [
      { path: '/automations/create', shown: '.rule-preview p + p', title: 'New automation' },
      { path: '/automations/create?template=stuck', shown: '.rule-preview p + p', title: 'New automation' },
      { path: `/automations/create?event=${hostileEvent}`, shown: '.rule-preview p + p', title: 'New automation' },
      { path: `/automations/create?from=${NOWHERE}`, shown: '.hindrance', title: 'New automation', isMissing: true },
    ],
    '/automations/automation/$id/edit': [
      { path: `/automations/automation/${hard}/edit`, shown: '.rule-preview p + p', title: `Edit ${HOSTILE} ${LONG}` },
    ],
    '/notification-channels': [{ path: '/notification-channels', shown: '.receipt', title: 'Notification channels' }],
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FAULTS = stripTypeScriptTypes(readFileSync(join(ROOT, 'ui', 'testing', 'page-faults.ts'), 'utf8')).replaceAll(
  /^export /gm,
  '',
);

async function layoutFaults(page: Page, touchPixels: number | null): Promise<string[]> {
  return await page.evaluate(`(() => { ${FAULTS}; return findPageFaults(${touchPixels}); })()`);
}

/** Contrast, names, roles, headings in order, landmarks: whatever the rules say, however grave. */
async function axeFaults(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(
    'globalThis.axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations.map(
    ({ id, impact, nodes }) =>
      `axe, ${impact}: ${id}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html.slice(0, 160))
        .join(' | ')} (${nodes.length})`,
  );
}

/** Forms that are asked about more than their layout: each scheme, and the narrowest and the widest. */
const HEARD = new Set(['390 light', '1440 dark']);
let pictures = '';

/** @returns what is wrong in any of the six forms; of each that has a fault there is a picture */
async function lookAt(page: Page, { path, shown, title }: Place): Promise<string[]> {
  await page.goto(url + path);
  await page.locator(shown).first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(AXE);
  const called = await page.title();
  const faults = called === `${title} · Ostinato` ? [] : [`${path} is called “${called}”, not “${title}”`];
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      // A canvas is drawn anew once it knows its width.
      await page.evaluate('new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))');
      const found = [
        ...(await layoutFaults(page, width === 390 ? TOUCH_PIXELS : null)),
        ...(HEARD.has(`${width} ${colorScheme}`) ? await axeFaults(page) : []),
      ];
      if (found.length === 0) continue;
      pictures ||= mkdtempSync(join(tmpdir(), 'ostinato-pages-'));
      const picture = join(pictures, `${path.replaceAll(/\W+/g, '-').slice(0, 80)}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: picture });
      faults.push(...found.map((fault) => `${path} at ${width} pixels, ${colorScheme}: ${fault}`), `see ${picture}`);
    }
  }
  return faults;
}

async function lookAtAll(places: readonly Place[]): Promise<string[]> {
  const { page, complaints } = await openPage(browser, 'about:blank');
  const refused: string[] = [];
  page.on('requestfailed', (request) => refused.push(`${request.method()} ${request.url()} failed`));
  page.on(
    'response',
    (response) =>
      void (
        response.status() >= 400 &&
        refused.push(`${response.request().method()} ${response.url()}: ${response.status()}`)
      ),
  );
  const faults: string[] = [];
  for (const one of places) {
    faults.push(...(await lookAt(page, one)));
    const said = [...complaints.splice(0), ...refused.splice(0)];
    if (one.isMissing !== true) faults.push(...said.map((what) => `${one.path}: ${what}`));
  }
  await page.context().close();
  return faults;
}

test('every page, with nothing to show', async () => {
  assert.deepEqual(await lookAtAll(EMPTY), []);
});

test('every page of the route tree, with much to show', async () => {
  const places = placesOf({
    ...(await makeRichWorld(place, url)),
    ...(await makeDeployedWorld(url)),
    ...(await makeAutomatedWorld(url)),
  });
  const { page } = await openPage(browser, `${url}/runs`);
  const routes = await page.evaluate<string[]>(
    'Object.values(globalThis.__TSR_ROUTER__.routesById).filter(({ id }) => id !== "__root__").map(({ fullPath }) => fullPath)',
  );
  await page.context().close();
  assert.deepEqual(
    [...new Set(routes)].sort(),
    Object.keys(places).sort(),
    'each route of the tree has an address that is looked at',
  );
  assert.deepEqual(await lookAtAll(Object.values(places).flat()), []);
});
