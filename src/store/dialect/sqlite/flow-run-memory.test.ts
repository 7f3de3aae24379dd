import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { makeEvent, makeFlow, makeFlowRun, makeState } from '../../../../tests/conformance/samples.ts';
import type { Flow, FlowRun } from '../../../core/flow-run.ts';
import type { OutboxEvent } from '../../../core/event.ts';
import { openSqliteStorage, type SqliteStorage } from './index.ts';

const NEWEST = {
  where: { op: 'and', of: [] },
  sort: [{ field: 'id', direction: 'desc' }],
  limit: 200,
  offset: 0,
} as const;

interface Stored {
  readonly storage: SqliteStorage;
  readonly path: string;
  readonly flow: Flow;
  readonly list: () => Promise<readonly FlowRun[]>;
}

async function open(context: TestContext, groupCommits = false): Promise<Stored> {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-memory-'));
  const path = join(folder, 'ostinato.db');
  const storage = openSqliteStorage({ path, groupCommits });
  context.after(() => {
    storage.close();
    rmSync(folder, { recursive: true });
  });
  const flow = await storage.ensureFlow('f', () => makeFlow('f'));
  return { storage, path, flow, list: async () => await storage.find('flow_run', NEWEST) };
}

test('a run that has not changed is the same object, and cannot be changed', async (context) => {
  const { storage, flow, list } = await open(context);
  await storage.insertFlowRun(makeFlowRun(flow), []);
  const [first] = await list();
  const [second] = await list();
  assert.equal(first, second);
  assert.ok(Object.isFrozen(first));
});

test('a run that was moved, changed or deleted here is read anew', async (context) => {
  const { storage, flow, list } = await open(context);
  const { run } = await storage.insertFlowRun(makeFlowRun(flow), []);
  await list();
  const state = makeState({ type: 'RUNNING' });
  await storage.changeFlowRun(run.id, {}, (found) => ({
    run: { ...(found as FlowRun), state },
    states: [state],
    answer: null,
  }));
  assert.equal((await list())[0]?.state.type, 'RUNNING');
  await storage.changeFlowRun(run.id, {}, (found) => ({ run: { ...(found as FlowRun), name: 'other' }, answer: null }));
  assert.equal((await list())[0]?.name, 'other');
  await storage.changeFlow(flow.id, (found) => ({ flow: { ...(found as Flow), name: 'g' }, answer: null }));
  assert.equal((await list())[0]?.flowName, 'g');
  await storage.deleteFlowRun(run.id, makeEvent());
  assert.deepEqual(await list(), []);
  // Its row number may be given to the next.
  const next = await storage.insertFlowRun(makeFlowRun(flow, { name: 'next' }), []);
  assert.deepEqual(
    (await list()).map(({ id, name }) => [id, name]),
    [[next.run.id, 'next']],
  );
});

test('what was taken back is as it was', async (context) => {
  const { storage, flow, list } = await open(context, true);
  const { run } = await storage.insertFlowRun(makeFlowRun(flow, { name: 'first' }), []);
  await list();
  const bad = { id: 'no id' } as unknown as OutboxEvent;
  await assert.rejects(
    Promise.resolve(
      storage.changeFlowRun(run.id, {}, (found) => ({
        run: { ...(found as FlowRun), name: 'second' },
        events: [bad],
        answer: null,
      })),
    ),
  );
  assert.deepEqual(
    (await list()).map(({ name }) => name),
    ['first'],
  );
});

test('what another connection has committed is seen', async (context) => {
  const { storage, path, flow, list } = await open(context);
  const { run } = await storage.insertFlowRun(makeFlowRun(flow), []);
  await list();
  const other = openSqliteStorage({ path });
  context.after(() => other.close());
  await other.changeFlowRun(run.id, {}, (found) => ({
    run: { ...(found as FlowRun), tags: ['theirs'] },
    answer: null,
  }));
  assert.deepEqual((await list())[0]?.tags, ['theirs']);
});

test('runs with long texts are not kept, and more runs than it keeps are all answered', async (context) => {
  const { storage, flow, list } = await open(context);
  const long = await storage.insertFlowRun(
    makeFlowRun(flow, { parameters: { kind: 'foreign', text: JSON.stringify({ x: 'y'.repeat(10_000) }) } }),
    [],
  );
  const [first] = await list();
  const [second] = await list();
  assert.equal(first?.id, long.run.id);
  assert.notEqual(first, second);
  for (let index = 0; index < 1100; index += 1) await storage.insertFlowRun(makeFlowRun(flow), []);
  const seen = new Set<string>();
  for (let offset = 0; offset < 1200; offset += 200)
    for (const { id } of await storage.find('flow_run', { ...NEWEST, offset })) seen.add(id);
  assert.equal(seen.size, 1101);
});
