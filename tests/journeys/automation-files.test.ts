/** Automations are made from files, changed by them, and written as files: all of a file, or nothing. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { callCommand } from './in-process.ts';
import { makeServedPlace } from './served-place.ts';

const place = makeServedPlace();

interface Report {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
}

const call = (...words: readonly string[]) => callCommand(words, { cwd: place.project, env: place.env });

async function json<T>(...words: readonly string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await call(...words, '-o', 'json');
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as T;
}

function file(name: string, text: string): string {
  writeFileSync(join(place.project, name), text);
  return name;
}

const names = async (): Promise<readonly string[]> =>
  (await json<{ name: string }[]>('automation', 'ls')).map(({ name }) => name);

const OF_SALES = `
name: clean up
trigger:
  type: event
  expect: [prefect.flow-run.Failed]
  match_related: { prefect.resource.role: flow, prefect.resource.name: sales }
  within: 60
actions:
  - type: run-deployment
    deployment: sales/clean-up
    parameters: { run: "{{ flow_run.id }}" }
  - type: pause-work-pool
    work_pool: pool
  - type: pause-work-queue
    work_queue: pool/default
  - type: pause-automation
    automation: other
  - type: call-webhook
    block: webhook/hook
`;

test('names in a file become ids, a file that is applied again changes nothing, and what differs is told', async () => {
  const flow = await place.ask<{ id: string }>('POST', '/flows/', { name: 'sales' });
  const deployment = await place.ask<{ id: string }>('POST', '/deployments/', { name: 'clean-up', flow_id: flow.id });
  const pool = await place.ask<{ id: string; default_queue_id: string }>('POST', '/work_pools/', {
    name: 'pool',
    type: 'process',
  });
  const type = await place.ask<{ id: string }>('GET', '/block_types/slug/webhook');
  const [schema] = await place.ask<{ id: string }[]>('POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type.id] } },
  });
  const block = await place.ask<{ id: string }>('POST', '/block_documents/', {
    name: 'hook',
    data: { method: 'POST', url: 'http://127.0.0.1:1' },
    block_type_id: type.id,
    block_schema_id: schema?.id,
  });
  const other = file('other.json', JSON.stringify({ name: 'other', trigger: { expect: ['x'] }, actions: [] }));
  const [made] = await json<Report[]>('automation', 'create', '-f', other);
  assert.equal((await call('automation', 'create', '-f', other)).exitCode, 4);

  const path = file('sales.yaml', OF_SALES);
  const dry = await json<Report[]>('automation', 'apply', '-f', path, '--dry-run');
  assert.equal(dry[0]?.what, 'created');
  assert.deepEqual(await names(), ['other']);
  const [first] = await json<Report[]>('automation', 'apply', '-f', path);
  const kept = await place.ask<{ updated: string; actions: Record<string, unknown>[] }>(
    'GET',
    `/automations/${first?.id}`,
  );
  assert.deepEqual(
    kept.actions.map((action) => Object.values(action).find((value) => /^[\da-f-]{36}$/.test(String(value)))),
    [deployment.id, pool.id, pool.default_queue_id, made?.id, block.id],
  );

  assert.equal((await json<Report[]>('automation', 'apply', '-f', path))[0]?.what, 'unchanged');
  // Its windows count on.
  assert.equal((await place.ask<{ updated: string }>('GET', `/automations/${first?.id}`)).updated, kept.updated);

  file('sales.yaml', OF_SALES.replace('within: 60', 'within: 90'));
  const changed = await call('automation', 'apply', '-f', path, '--dry-run');
  assert.match(changed.stdout, /clean up would be updated .*\n {2}trigger\.within: 60 → 90/);
  await json('automation', 'apply', '-f', path);
  const { stdout } = await call('automation', 'export', 'clean up');
  assert.match(stdout, /within: 90/);
  const exported = file('exported.yaml', stdout);
  assert.equal((await json<Report[]>('automation', 'apply', '-f', exported))[0]?.what, 'unchanged');

  file('renamed.yaml', stdout.replace('name: clean up', 'name: tidy up'));
  const [renamed] = await json<Report[]>('automation', 'update', 'clean up', '-f', 'renamed.yaml');
  assert.deepEqual(renamed?.changes, [{ path: 'name', from: '"clean up"', to: '"tidy up"' }]);
  assert.deepEqual(await names(), ['other', 'tidy up']);
});

test('of a file in which something is wrong nothing is applied, and each mistake is told with its line', async () => {
  const before = await names();
  const good = JSON.stringify({ name: 'good', trigger: { expect: ['x'] }, actions: [{ type: 'do-nothing' }] });
  const cases: readonly (readonly [string, RegExp])[] = [
    [OF_SALES.replace('sales/clean-up', 'sales/cleanup'), /bad\.yaml:11:5: There is no deployment "sales\/cleanup"/],
    [OF_SALES.replace('pool/default', 'pool/none'), /:16:5: There is no work queue "pool\/none"/],
    [OF_SALES.replace('webhook/hook', 'webhook/hok'), /:20:5: There is no block "webhook\/hok"/],
    [OF_SALES.replace('flow_run.id }}', 'flow_run.id }'), /:12:\d+: The server cannot render "\{\{ flow_run\.id \}": /],
    [
      OF_SALES.replace('type: event', 'type: evnt'),
      /:5:3: There is no trigger of the type "evnt"\. Did you mean "event"/,
    ],
  ];
  for (const [text, expected] of cases) {
    file('bad.yaml', `${good}\n---${text}`);
    for (const command of ['create', 'apply']) {
      const { exitCode, stderr } = await call('automation', command, '-f', 'bad.yaml');
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, expected);
      assert.match(stderr, /nothing was applied/);
    }
  }
  file('twice.yaml', `${good}\n---\n${good}`);
  assert.match((await call('automation', 'apply', '-f', 'twice.yaml')).stderr, /twice\.yaml:3:2: .* a second time/);
  assert.match((await call('automation', 'update', 'other', '-f', 'twice.yaml')).stderr, /more than one automation/);
  assert.match((await call('automation', 'apply', '-f', 'none.yaml')).stderr, /There is no file none\.yaml/);
  file('empty.yaml', 'automations: []');
  assert.match((await call('automation', 'apply', '-f', 'empty.yaml')).stderr, /has no automation/);
  assert.deepEqual(await names(), before);
});
