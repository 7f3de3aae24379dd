/** Artifacts in a real browser, also those of somebody with bad intentions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launchBrowser, openPage } from './ui-browser.ts';
import { startStandIn } from './ui-stand-in.ts';
import { FLOW, flowRun, idOf } from './ui-world.ts';

const browser = await launchBrowser();

const RUN = idOf(10);

const artifact = (number: number, type: string, data: unknown) => ({
  id: idOf(number),
  key: `a-${number}`,
  type,
  created: new Date().toISOString(),
  updated: '',
  description: null,
  data,
  flow_run_id: RUN,
  task_run_id: null,
});
const EMPTY_GRAPH = { start_time: null, end_time: null, root_node_ids: [], nodes: [], artifacts: [], states: [] };

/** All that a text can be made of to run something, in the spellings that browsers forgive. */
const HOSTILE = [
  '# Hi',
  '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>',
  '[run](javascript:window.hurt=1) ![p](https://a.example/p.png)',
  '<a href="javascript:window.hurt=1">x</a>',
  '[a](JaVaScRiPt:window.hurt=1) [b](java\tscript:window.hurt=1) [c](&#106;avascript:window.hurt=1) [d](data:text/html,<script>1</script>) [e](vbscript:x) [f](data:image/svg+xml,<svg/onload=1>)',
  '[g](data:image/png;base64,AAAA) [h](//evil.example/x) [i](https://evil.example/i "t\\" onclick=\\"window.hurt=1") <https://evil.example/j> https://evil.example/k',
  '[l]: javascript:window.hurt=1\n\n[l]',
  '<svg onload="window.hurt=1"><script>window.hurt=1</script></svg>',
  '<iframe srcdoc="<script>parent.hurt=1</script>"></iframe>',
  '<style>body{display:none}</style>',
  '<form action="https://evil.example"><input name=a></form>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hurt=1&gt;">',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '![q](javascript:window.hurt=1) ![x" onerror="window.hurt=1](https://evil.example/x.png) ![s](data:image/svg+xml,<svg/onload=1>)',
  '`<script>window.hurt=1</script>`',
  '| a |\n|:-:|\n| <b onclick="window.hurt=1">x</b> |',
].join('\n\n');

test('artifacts of somebody with bad intentions do nothing', async () => {
  const { url } = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10)],
    graphs: { [RUN]: EMPTY_GRAPH },
    artifacts: [
      artifact(1, 'markdown', HOSTILE),
      artifact(2, 'table', '[{"<b>": "<script>window.hurt=1</script>", "n": 1.50}]'),
      artifact(3, 'link', '[go](javascript:window.hurt=1)'),
      artifact(4, 'image', 'javascript:window.hurt=1'),
      artifact(5, 'progress', 40),
    ],
  });
  const { page, complaints } = await openPage(browser, `${url}/runs/flow-run/${RUN}?tab=artifacts`);
  await page.locator('.markdown h1', { hasText: 'Hi' }).waitFor();
  assert.equal(await page.evaluate('globalThis.hurt'), undefined);
  assert.equal(
    await page
      .locator(
        [
          'script',
          'svg:not(.icon)',
          'iframe',
          'style',
          'form',
          'math',
          'base',
          'meta',
          'img',
          '[onerror]',
          '[onclick]',
          '[style]',
        ]
          .map((what) => `.markdown ${what}`)
          .join(),
      )
      .count(),
    0,
  );
  const links = await page
    .locator('.artifact a[href]')
    .evaluateAll((found: { protocol: string; target: string; rel: string }[]) =>
      found.map(({ protocol, target, rel }) => `${protocol} ${target} ${rel}`),
    );
  assert.deepEqual([...new Set(links)].sort(), [
    'http: _blank noopener noreferrer',
    'https: _blank noopener noreferrer',
  ]);
  assert.equal(await page.locator('.markdown th[align="center"]').count(), 1);
  assert.match(await page.locator('.artifact table').last().innerText(), /1\.50/);
  assert.equal(await page.getByRole('progressbar').getAttribute('value'), '40');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a picture of elsewhere is named by its host, and is not asked for before the reader does; one that is in the text is shown', async () => {
  const dot =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const text = `![chart](https://pictures.example/chart.png) ![](//other.example:8443/x.gif) ![dot](${dot})\n\n[![badge](https://badges.example/b.svg)](https://links.example/)\n\n![same](/favicon.svg?tracked)`;
  const { url } = await startStandIn({
    flows: [FLOW],
    flowRuns: [flowRun(10)],
    graphs: { [RUN]: EMPTY_GRAPH },
    artifacts: [
      artifact(1, 'markdown', text),
      artifact(2, 'image', 'https://images.example/i.png'),
      artifact(3, 'image', dot),
    ],
  });
  const { page, complaints } = await openPage(browser, 'about:blank');
  const left: string[] = [];
  page.context().on('request', (request) => {
    if (!request.url().startsWith('data:') && (!request.url().startsWith(url) || request.url().includes('tracked')))
      left.push(new URL(request.url()).host);
  });
  await page
    .context()
    .route(/\.example/, (route) =>
      route.fulfill({ contentType: 'image/png', body: Buffer.from(dot.split(',')[1] ?? '', 'base64') }),
    );
  await page.goto(`${url}/runs/flow-run/${RUN}?tab=artifacts`);
  await page.getByRole('img', { name: 'dot' }).waitFor();
  await page.getByRole('img', { name: 'a-3' }).waitFor();
  await page.waitForLoadState('networkidle');
  assert.deepEqual(left, []);
  const notes = await page.locator('.picture-note strong').allInnerTexts();
  assert.deepEqual(
    notes.sort(),
    ['badges.example', 'images.example', 'other.example:8443', 'pictures.example', new URL(url).host].sort(),
  );

  await page.getByRole('button', { name: 'Load the picture “chart” from pictures.example' }).click();
  await page.getByRole('img', { name: 'chart' }).waitFor();
  assert.deepEqual(left, ['pictures.example']);
  await page.getByRole('button', { name: 'Load the picture “badge” from badges.example' }).click();
  await page.getByRole('img', { name: 'badge' }).waitFor();
  await page.getByRole('button', { name: 'Load the picture “a-2” from images.example' }).click();
  await page.getByRole('img', { name: 'a-2' }).waitFor();
  assert.deepEqual(
    left,
    ['pictures.example', 'badges.example', 'images.example'],
    'and the link around it was not followed',
  );
  assert.equal(page.context().pages().length, 1);
  assert.deepEqual(complaints, []);
  await page.context().close();
});
