/**
 * What a page costs in a real browser, in front of a real server: bytes until it stands, and requests, also once it
 * listens.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from './background.ts';
import { servePages } from './served-pages.ts';

/** What the pages consist of, with headers, as it comes over the wire. */
const FILE_BYTES_MAX = 150_000;
/** With a part that is opened by the address, whose code comes behind the first paint; and a form. */
const FILE_BYTES_WITH_PART_MAX = 165_000;
/** With the library that reads and writes YAML, which comes with the text alone. */
const FILE_BYTES_WITH_YAML_MAX = 170_000;
/** What they tell of one run, of fifty runs in a list. The description of the API is as long as it is. */
const ANSWER_BYTES_MAX = 15_000;
const API_REQUESTS_MAX = 4;
const FLOWS = 60;
const RUNS_OF_A_FLOW = 5;

const { browser, url } = await servePages();

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

interface Seeded {
  readonly deployment: string;
  readonly automation: string;
  readonly over: string;
  readonly underWay: string;
  readonly task: string;
}

const seeded: Promise<Seeded> = (async () => {
  let over = '';
  let underWay = '';
  for (let at = 0; at < FLOWS; at += 1) {
    const { id: flowId } = await post<{ id: string }>('/flows/', { name: `flow ${at}` });
    for (let number = 0; number < RUNS_OF_A_FLOW; number += 1) {
      const state =
        number === 0
          ? { type: 'RUNNING' }
          : number === 1
            ? { type: 'FAILED', message: 'it broke' }
            : { type: 'COMPLETED' };
      const { id } = await post<{ id: string }>('/flow_runs/', {
        flow_id: flowId,
        parameters: { text: 'x'.repeat(2000) },
        tags: ['nightly'],
        state,
      });
      if (number === 0) underWay = id;
      else over = id;
    }
  }
  const deployment = await seedDeployments();
  const automation = await seedAutomations(deployment);
  const task = await post<{ id: string }>('/task_runs/', {
    flow_run_id: over,
    task_key: 'load',
    dynamic_key: '0',
    state: { type: 'COMPLETED' },
  });
  // What has happened in the last moments is news to a page that is opened now, and it asks again for that.
  const seededAt = Date.now();
  await until('the server is at rest', () => Date.now() - seededAt > 2500);
  return { over, underWay, task: task.id, deployment, automation };
})();

/** A page of them and more, the last with runs. */
async function seedDeployments(): Promise<string> {
  const { id: flowId } = await post<{ id: string }>('/flows/', { name: 'flow 0' });
  await post('/work_pools/', { name: 'local', type: 'process' });
  let last = '';
  for (let at = 0; at < FLOWS; at += 1) {
    const schedules = [{ schedule: { cron: '30 2 * * *', timezone: 'Europe/Berlin' } }];
    last = (
      await post<{ id: string }>('/deployments/', {
        flow_id: flowId,
        name: `deployment ${at}`,
        schedules,
        work_pool_name: 'local',
      })
    ).id;
  }
  for (let number = 0; number < RUNS_OF_A_FLOW; number += 1)
    await post(`/deployments/${last}/create_flow_run`, { state: { type: 'COMPLETED' } });
  return last;
}

/** A page of them and more. */
async function seedAutomations(deployment: string): Promise<string> {
  let last = '';
  for (let at = 0; at < FLOWS; at += 1) {
    const trigger = { type: 'event', posture: 'Reactive', expect: ['shop.sold'], match: { shop: `${at}` } };
    last = (
      await post<{ id: string }>('/automations/', {
        name: `automation ${at}`,
        trigger,
        actions: [{ type: 'run-deployment', deployment_id: deployment }],
      })
    ).id;
  }
  return last;
}

interface Cost {
  readonly fileBytes: number;
  readonly answerBytes: number;
  readonly asked: readonly string[];
}

/** Of a first visit, with nothing kept from earlier. */
async function costOf(path: string, shown: string, isLive: boolean): Promise<Cost> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  const isAnswer = new Map<string, boolean>();
  const bytes = { files: 0, answers: 0 };
  network.on(
    'Network.responseReceived',
    ({ requestId, response }) => void isAnswer.set(requestId, new URL(response.url).pathname.startsWith('/api/')),
  );
  network.on(
    'Network.loadingFinished',
    ({ requestId, encodedDataLength }) =>
      (bytes[isAnswer.get(requestId) === true ? 'answers' : 'files'] += encodedDataLength),
  );
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(`${request.method()} ${pathname}`);
  });
  await page.goto(url + path);
  await page.locator(shown).first().waitFor();
  if (isLive) await page.locator('.connection[data-connection="live"]').waitFor();
  await page.waitForLoadState('networkidle');
  await context.close();
  return { fileBytes: bytes.files, answerBytes: bytes.answers, asked };
}

function bytesMaxOf(path: string): number {
  if (path.endsWith('view=rule')) return FILE_BYTES_WITH_YAML_MAX;
  return /[?&](?:tab|task)=|\/(?:create|edit)$/.test(path) ? FILE_BYTES_WITH_PART_MAX : FILE_BYTES_MAX;
}

test('every page: few bytes until it stands, few requests, none of them twice when it begins to listen', async (t) => {
  const { over, underWay, task, deployment, automation } = await seeded;
  const pages: readonly (readonly [path: string, shown: string, isLive?: boolean])[] = [
    ['/runs', '.run-row', true],
    ['/runs?states=["FAILED"]&name=a&span=30d&tags=["nightly"]', '.filters', true],
    ['/flows', '.flow-row', true],
    [`/runs/flow-run/${over}`, '.run-facts', true],
    [`/runs/flow-run/${underWay}`, '.run-facts', true],
    [`/runs/flow-run/${over}?task=${task}`, 'aside .run-facts', true],
    ...['tasks', 'artifacts', 'parameters', 'result', 'states', 'details'].map(
      (tab) => [`/runs/flow-run/${over}?tab=${tab}`, '.run-facts', true] as const,
    ),
    [`/runs/task-run/${task}`, '.run-facts'],
    ['/deployments', '.deployment-row', true],
    [`/deployments/deployment/${deployment}`, '.run-row', true],
    [`/deployments/deployment/${deployment}?view=schedules`, '.schedule', true],
    [`/deployments/deployment/${deployment}?view=backfills`, '.note', true],
    [`/deployments/deployment/${deployment}?view=history`, '.tab-panel :is(.slot, .note)', true],
    [`/deployments/deployment/${deployment}?view=versions`, '.tab-panel :is(.version, .note)', true],
    ['/work-pools', '.pool-row', true],
    ['/work-pools/work-pool/local', '.run-row', true],
    ['/work-pools/work-pool/local?view=queues', '.pool-part', true],
    ['/events', '.event-row', true],
    ['/automations', '.automation-row', true],
    [`/automations/automation/${automation}`, '.note', true],
    [`/automations/automation/${automation}?view=rule`, '.json-view', true],
    ['/automations/create', '.rule-preview a'],
    [`/automations/automation/${automation}/edit`, '.rule-preview p + p'],
    ['/notification-channels', '.note', true],
    ['/docs', '.operation'],
  ];
  for (const [path, shown, isLive = false] of pages) {
    await t.test(path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]+/g, 'ID'), async () => {
      const { fileBytes, answerBytes, asked } = await costOf(path, shown, isLive);
      assert.ok(fileBytes > 20_000, `${fileBytes} bytes: that cannot be all`);
      assert.ok(fileBytes <= bytesMaxOf(path), `${fileBytes} bytes of files until it stands`);
      if (path !== '/docs') assert.ok(answerBytes <= ANSWER_BYTES_MAX, `${answerBytes} bytes of answers`);
      t.diagnostic(`${path}: ${fileBytes} bytes of files, ${answerBytes} of ${asked.length} answers`);
      assert.ok(asked.length > 0 && asked.length <= API_REQUESTS_MAX, `${asked.length} requests: ${asked.join(', ')}`);
      assert.deepEqual(asked, [...new Set(asked)], 'nothing is asked twice');
    });
  }
});

test('a second visit brings nothing but what has changed: files are kept, and the page that names them is only asked about', async () => {
  await seeded;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/runs`);
  await page.locator('.run-row').first().waitFor();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  const came = new Map<string, string>();
  network.on('Network.responseReceived', ({ requestId, response }) => {
    if (!response.fromDiskCache) came.set(requestId, new URL(response.url).pathname);
  });
  network.on('Network.requestServedFromCache', ({ requestId }) => void kept.add(requestId));
  const kept = new Set<string>();
  // Another tab, as a link leads to: a reload would ask for more.
  await page.goto(`${url}/flows`);
  await page.locator('.flow-row').first().waitFor();
  const again = [...came].filter(([id, path]) => !kept.has(id) && /\/assets\/(?:index|jsx-runtime)-/.test(path));
  assert.deepEqual(again, []);
  await context.close();
});
