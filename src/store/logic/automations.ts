/** Automations, read and written with the resources that they are about or belong to. */

import type { Automation, AutomationId } from '../../core/automation.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes } from '../id-value.ts';
import { readAutomationRow } from '../nouns/automation.ts';
import type { AutomationChange, AutomationStorage } from '../port/automations.ts';
import { dropStateRows } from './automation-state.ts';
import { AUTOMATIONS_CURSOR } from './automation-steps.ts';
import { ensureCursor } from './cursors.ts';
import { nextRevision } from './enabled-automations.ts';
import { insertEvents } from './events.ts';

export function automationsOn(database: Database): AutomationStorage {
  return {
    changeAutomation: (id, change) => database.write((db) => changeAutomation(db, id, change)),
    listRelatedAutomations: (resourceId) => database.read((db) => related(db, resourceId, 0)),
    deleteOwnedAutomations: (resourceId, eventOf) =>
      database.write((db) => deleteOwnedAutomations(db, resourceId, eventOf)),
  };
}

function* related(db: Statements, resourceId: string, ownedAtLeast: 0 | 1): Work<readonly Automation[]> {
  const rows = yield* db.all<Parameters<typeof readAutomationRow>[0]>(
    `SELECT a.* FROM automation_resource r JOIN automation a ON a.id = r.automation_id
    WHERE r.resource_id = ? AND r.owned >= ? ORDER BY a.id`,
    resourceId,
    ownedAtLeast,
  );
  return rows.map(readAutomationRow);
}

function* changeAutomation<Answer>(
  db: Statements,
  id: AutomationId,
  change: (found: Automation | null) => AutomationChange<Answer>,
): Work<Answer> {
  const bytes = lookupBytes(id);
  const found = bytes && (yield* db.one('SELECT * FROM automation WHERE id = ?', readAutomationRow, bytes));
  const { automation, related: resources, owner, event, answer } = change(found);
  if (automation === null) {
    yield* nextRevision(db, found?.updatedAt ?? (0 as Instant));
    yield* remove(db, id);
  } else if (automation !== undefined) {
    const revision = yield* nextRevision(db, automation.updatedAt);
    yield* found === null ? insert(db, automation, revision) : update(db, automation, revision);
    yield* dropStateRows(db, id);
    // It looks at what comes from now on.
    if (automation.isEnabled) yield* ensureCursor(db, AUTOMATIONS_CURSOR, 'newest', automation.updatedAt);
  }
  if (automation) yield* relate(db, automation.id, { owner, resources });
  if (event) yield* insertEvents(db, [event]);
  return answer;
}

function* deleteOwnedAutomations(
  db: Statements,
  resourceId: string,
  eventOf: (gone: Automation) => OutboxEvent,
): Work<number> {
  const gone = yield* related(db, resourceId, 1);
  if (gone.length > 0) yield* nextRevision(db, 0 as Instant);
  for (const { id } of gone) yield* remove(db, id);
  if (gone.length > 0) yield* insertEvents(db, gone.map(eventOf));
  return gone.length;
}

function* remove(db: Statements, id: AutomationId): Work<void> {
  yield* db.run('DELETE FROM automation_resource WHERE automation_id = ?', uuidBytes(id));
  yield* db.run('DELETE FROM automation WHERE id = ?', uuidBytes(id));
  yield* dropStateRows(db, id);
}

function* relate(
  db: Statements,
  id: AutomationId,
  { owner, resources }: { readonly owner: string | undefined; readonly resources: readonly string[] | undefined },
): Work<void> {
  const bytes = uuidBytes(id);
  const write = (resource: string, owned: 0 | 1) =>
    db.run(
      `INSERT INTO automation_resource (automation_id, resource_id, owned) VALUES (?, ?, ?)
      ON CONFLICT (automation_id, resource_id) DO NOTHING`,
      bytes,
      resource,
      owned,
    );
  if (owner !== undefined) yield* write(owner, 1);
  if (resources === undefined) return;
  yield* db.run('DELETE FROM automation_resource WHERE automation_id = ? AND owned = 0', bytes);
  for (const resource of resources) yield* write(resource, 0);
}

function values(
  { name, description, isEnabled, tags, trigger, actions, createdAt, updatedAt }: Automation,
  revision: number,
) {
  const { always, onTrigger, onResolve } = actions;
  return [
    name,
    description,
    isEnabled ? 1 : 0,
    JSON.stringify(tags),
    trigger,
    always,
    onTrigger,
    onResolve,
    createdAt,
    updatedAt,
    revision,
  ];
}

function* insert(db: Statements, given: Automation, revision: number): Work<void> {
  yield* db.run(
    `INSERT INTO automation (id, name, description, enabled, tags, trigger_body, actions, actions_on_trigger,
      actions_on_resolve, created_at, updated_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    uuidBytes(given.id),
    ...values(given, revision),
  );
}

function* update(db: Statements, given: Automation, revision: number): Work<void> {
  yield* db.run(
    `UPDATE automation SET name = ?, description = ?, enabled = ?, tags = ?, trigger_body = ?, actions = ?,
      actions_on_trigger = ?, actions_on_resolve = ?, created_at = ?, updated_at = ?, revision = ?
    WHERE id = ?`,
    ...values(given, revision),
    uuidBytes(given.id),
  );
}
