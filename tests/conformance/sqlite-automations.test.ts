/** Automations on a database in whose place an older one of the same name was put. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import type { AutomationId } from '../../src/core/automation.ts';
import { stepAutomations } from '../../src/orchestrator/automation-triggers/step.ts';
import { hashText } from '../../src/platform/hash.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeEvent, newId, newInstant } from './samples.ts';

test('events that have the numbers of those that are gone are looked at', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-automations-'));
  const path = join(folder, 'runs.db');
  const storage = openSqliteStorage({ path });
  t.after(() => {
    storage.close();
    rmSync(folder, { recursive: true });
  });
  const now = newInstant();
  const id = newId<AutomationId>();
  await storage.changeAutomation(id, () => ({
    automation: {
      id,
      name: 'watch',
      description: '',
      isEnabled: true,
      tags: [],
      trigger: '{"type":"event","id":"1","posture":"Reactive","expect":["a"],"threshold":1,"within":0}',
      actions: { always: '[]', onTrigger: '[]', onResolve: '[]' },
      createdAt: now,
      updatedAt: now,
    },
    answer: null,
  }));
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
