/** Automations on a database in whose place an older one of the same name was put. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import type { Automation, AutomationId } from '../../src/core/automation.ts';
import { addSeconds } from '../../src/core/time.ts';
import { stepAutomations } from '../../src/orchestrator/automation-triggers/step.ts';
import { hashText } from '../../src/platform/hash.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeEvent, newId, newInstant } from './samples.ts';

function automation(id: AutomationId): Automation {
  const now = newInstant();
  return {
    id,
    name: 'watch',
    description: '',
    isEnabled: true,
    tags: [],
    trigger: '{"type":"event","id":"1","posture":"Reactive","expect":["a"],"threshold":1,"within":0}',
    actions: { always: '[]', onTrigger: '[]', onResolve: '[]' },
    createdAt: now,
    updatedAt: now,
  };
}

test('a look that finds nothing to do is told to nobody, not even to whoever looks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-automations-'));
  const storage = openSqliteStorage({ path: join(folder, 'runs.db'), groupCommits: true });
  try {
    const id = newId<AutomationId>();
    await storage.changeAutomation(id, () => ({ automation: automation(id), answer: null }));
    const step = async () => await stepAutomations({ storage, clock: { now: newInstant } }, hashText);
    await step();
    let told = 0;
    storage.onCommit(() => (told += 1));
    for (let look = 0; look < 3; look += 1) await step();
    assert.equal(told, 0);
    await storage.recordEvents([{ event: { ...makeEvent({ name: 'a' }), labels: {} }, taskRun: null }]);
    assert.equal(told, 1);
    assert.equal((await step())?.answer?.firingCount, 1);
    assert.equal(told, 2);
  } finally {
    storage.close();
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
});

test('what somebody has done to the file is seen: an older copy at once, all else within a minute', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-automations-'));
  const path = join(folder, 'runs.db');
  const storage = openSqliteStorage({ path });
  t.after(() => {
    storage.close();
    rmSync(folder, { recursive: true, maxRetries: 5 });
  });
  const id = newId<AutomationId>();
  await storage.changeAutomation(id, () => ({ automation: automation(id), answer: null }));
  let now = newInstant();
  const step = async () => await stepAutomations({ storage, clock: { now: () => now } }, hashText);
  const record = (name: string) =>
    storage.recordEvents([{ event: { ...makeEvent({ name }), labels: {} }, taskRun: null }]);
  const behind = (sql: string): void => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };
  await step();
  behind(`UPDATE automation_revision SET revision = 7; UPDATE automation SET revision = 7,
    trigger_body = replace(trigger_body, '["a"]', '["c"]')`);
  await record('c');
  assert.equal((await step())?.answer?.firingCount, 1);
  behind('UPDATE automation SET enabled = 0');
  await record('c');
  assert.equal((await step())?.answer?.firingCount, 1);
  now = addSeconds(now, 61);
  assert.equal(await step(), null);
});

test('events that have the numbers of those that are gone are looked at', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-automations-'));
  const path = join(folder, 'runs.db');
  const storage = openSqliteStorage({ path });
  t.after(() => {
    storage.close();
    rmSync(folder, { recursive: true, maxRetries: 5 });
  });
  const id = newId<AutomationId>();
  await storage.changeAutomation(id, () => ({ automation: automation(id), answer: null }));
  const record = (...names: readonly string[]) =>
    storage.recordEvents(names.map((name) => ({ event: { ...makeEvent({ name }), labels: {} }, taskRun: null })));
  const step = async () => await stepAutomations({ storage, clock: { now: newInstant } }, hashText);
  await step();
  await record('b', 'b', 'b');
  assert.equal((await step())?.answer, null);
  // The backup was made before these.
  const database = new DatabaseSync(path);
  database.exec('DELETE FROM event_resource; DELETE FROM event_body; DELETE FROM event');
  database.close();
  await record('a', 'b', 'b');
  assert.equal((await step())?.answer?.firingCount, 1);
});
