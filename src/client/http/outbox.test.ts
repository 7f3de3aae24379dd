import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { sampleFlowRun } from '../../core/rules/fixtures/sample.ts';
import { checksum } from '../../platform/hash.ts';
import { MemoryJournals } from '../../testing/memory-journals.ts';
import { Outbox } from './outbox.ts';
import { recoverOutboxes } from './outbox-recovery.ts';
import type { OutboxEntry } from './remote.ts';
import { Unavailable } from './transport.ts';

const unset = (name: string): OutboxEntry => ({
  kind: 'control',
  noun: 'variables',
  method: 'unset',
  args: [name],
  what: name,
});
const nameOf = (entry: OutboxEntry): string => (entry.kind === 'control' ? entry.what : entry.kind);
const gone = (status: number | null = null): Unavailable =>
  new Unavailable('gone', { status, retryAfterMs: null, isAmbiguous: false });
const owner = (processId: string) => ({ processId, pid: 1, host: 'here', startMark: null });

function outboxOf(processId: string, folder: MemoryJournals, fail: (name: string) => Error | null = () => null) {
  const told: string[] = [];
  const refused: string[] = [];
  const outbox = new Outbox({
    folder,
    header: { ...owner(processId), version: 1, store: 'http://there/api' },
    checksum,
    tell: async (entry) => {
      const error = fail(nameOf(entry));
      if (error) throw error;
      told.push(nameOf(entry));
    },
    onRefused: (entry) => refused.push(nameOf(entry)),
    onProblem: (error) => {
      throw error;
    },
  });
  return { outbox, told, refused };
}

async function recover(
  folder: MemoryJournals,
  self: string,
  store = 'http://there/api',
  dead: readonly string[] = ['first'],
  hear: (entry: OutboxEntry) => void = () => {},
) {
  const told: string[] = [];
  const count = await recoverOutboxes({
    folder,
    checksum,
    self: owner(self),
    store,
    isDead: ({ processId }) => dead.includes(processId),
    tell: async (entry) => {
      told.push(nameOf(entry));
      hear(entry);
    },
    onRefused: () => assert.fail(),
    onFound: async () => {},
    onUnfinished: async () => {},
  });
  return { told, count };
}

test('entries are told in order; what was told goes, and the file with the last of them', async () => {
  const folder = new MemoryJournals();
  let up = false;
  const { outbox, told } = outboxOf('first', folder, (name) => (up || name === 'a' ? null : gone()));
  for (const name of ['a', 'b', 'c']) outbox.add(unset(name));
  await assert.rejects(outbox.drain(), Unavailable);
  assert.deepEqual([told, outbox.size, folder.list().length], [['a'], 2, 1]);
  up = true;
  await outbox.drain();
  assert.deepEqual([told, outbox.size, folder.list().length], [['a', 'b', 'c'], 0, 0]);
});

test('what the server will never take is set aside, and holds nothing up', async () => {
  const { outbox, told, refused } = outboxOf('first', new MemoryJournals(), (name) =>
    name === 'b' ? new OstinatoError('bad-input', 'no') : null,
  );
  for (const name of ['a', 'b', 'c']) outbox.add(unset(name));
  await outbox.drain();
  assert.deepEqual([told, refused], [['a', 'c'], ['b']]);
});

test('an entry over which the server fails again and again is set aside; a server that is away is waited for', async () => {
  for (const [status, given] of [
    [500, ['b']],
    [503, []],
    [null, []],
  ] as const) {
    const { outbox, refused } = outboxOf('first', new MemoryJournals(), (name) => (name === 'b' ? gone(status) : null));
    for (const name of ['a', 'b', 'c']) outbox.add(unset(name));
    for (let trial = 0; trial < 50; trial += 1) await outbox.drain().catch(() => undefined);
    assert.deepEqual(refused, given, String(status));
    assert.equal(outbox.size, given.length === 0 ? 2 : 0);
  }
});

test('the next process tells what a dead one had still to tell, once', async () => {
  const folder = new MemoryJournals();
  const { outbox } = outboxOf('first', folder, (name) => (name === 'a' ? null : gone()));
  for (const name of ['a', 'b', 'c']) outbox.add(unset(name));
  await outbox.drain().catch(() => undefined);
  assert.deepEqual(await recover(folder, 'second', 'http://elsewhere/api'), { told: [], count: 0 });
  assert.deepEqual(await recover(folder, 'second', 'http://there/api', []), { told: [], count: 0 });
  assert.deepEqual(await recover(folder, 'second'), { told: ['b', 'c'], count: 2 });
  assert.deepEqual(folder.list(), []);
  assert.deepEqual(await recover(folder, 'third'), { told: [], count: 0 });
});

test('what a program left behind that did not say who runs its runs is told as its own', async () => {
  const folder = new MemoryJournals();
  const { runner: _, ...run } = sampleFlowRun();
  const { outbox } = outboxOf('first', folder, () => gone());
  outbox.add({ kind: 'moved', run: run as FlowRun, states: [run.state] });
  const told: OutboxEntry[] = [];
  await recover(folder, 'second', 'http://there/api', ['first'], (entry) => told.push(entry));
  assert.deepEqual(told, [{ kind: 'moved', run: { ...run, runner: 'ostinato' }, states: [run.state] }]);
});
