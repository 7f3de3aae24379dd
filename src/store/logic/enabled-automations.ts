/**
 * The automations that are enabled, as one process knows them.
 *
 * 1. Each change takes a number above that of the change before, in its transaction: where the number is the one that
 *    is known, nothing has changed, and nothing is read. The number is about the time, so that in a database that was
 *    put in the place of another it is another one.
 * 2. What has changed is read alone. What is gone, or was disabled by an older program, shows in the count: then the
 *    ids are compared.
 * 3. Ids and times of changes are compared once a minute, too: whatever has happened to the file meanwhile.
 */

import type { Automation, AutomationId } from '../../core/automation.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Work } from '../driver.ts';
import { readId, type IdValue } from '../id-value.ts';
import { readAutomationRow } from '../nouns/automation.ts';

const COMPARED_US = 60_000_000;

/** What one process knows; the store knows it too, or can do without. */
export interface KnownAutomations {
  readonly byId: Map<AutomationId, Automation>;
  /** The same object as long as none of them has changed; by their ids. */
  automations: readonly Automation[];
  revision: number;
  comparedAt: Instant;
}

export function knownAutomations(): KnownAutomations {
  return { byId: new Map(), automations: [], revision: -1, comparedAt: 0 as Instant };
}

/** In the transaction in which automations are written, before them. @returns the number that their rows get */
export function* nextRevision(db: Statements, now: Instant): Work<number> {
  yield* db.run(
    `INSERT INTO automation_revision (id, revision) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET revision =
      CASE WHEN automation_revision.revision < excluded.revision THEN excluded.revision
      ELSE automation_revision.revision + 1 END`,
    now,
  );
  return yield* newestRevision(db);
}

function* newestRevision(db: Statements): Work<number> {
  const row = yield* db.get<{ readonly revision: number }>('SELECT revision FROM automation_revision WHERE id = 1');
  return row === undefined ? 0 : Number(row.revision);
}

type Row = Parameters<typeof readAutomationRow>[0];

export function* enabledAutomations(
  db: Statements,
  known: KnownAutomations,
  now: Instant,
): Work<readonly Automation[]> {
  // Before the rows: a change that comes in between is read, and once more with the next look.
  const revision = yield* newestRevision(db);
  const isAnother = revision < known.revision;
  const isStale = isAnother || now < known.comparedAt || now - known.comparedAt >= COMPARED_US;
  if (revision === known.revision && !isStale) return known.automations;
  // Whatever is kept in memory of them is about another database.
  if (isAnother) known.byId.clear();
  const changed = yield* db.all<Row & { readonly enabled: number }>(
    'SELECT * FROM automation WHERE revision > ?',
    isAnother ? -1 : known.revision,
  );
  let isChanged = isAnother;
  for (const row of changed) {
    const automation = readAutomationRow(row);
    const before = known.byId.get(automation.id);
    if (automation.isEnabled) known.byId.set(automation.id, automation);
    else known.byId.delete(automation.id);
    isChanged ||= automation.isEnabled || before !== undefined;
  }
  if (isStale || (yield* enabledCount(db)) !== known.byId.size) isChanged = (yield* compare(db, known)) || isChanged;
  if (isStale) known.comparedAt = now;
  known.revision = revision;
  if (isChanged) known.automations = [...known.byId.values()].toSorted(byId);
  return known.automations;
}

function* enabledCount(db: Statements): Work<number> {
  const row = yield* db.get<{ readonly n: number }>('SELECT count(*) AS n FROM automation WHERE enabled = 1');
  return Number(row?.n);
}

/** Answers whether something was not as it is known. */
function* compare(db: Statements, { byId: known }: KnownAutomations): Work<boolean> {
  const heads = yield* db.all<{ readonly id: IdValue; readonly updated_at: number }>(
    'SELECT id, updated_at FROM automation WHERE enabled = 1',
  );
  const there = new Set<AutomationId>();
  let isChanged = false;
  for (const { id: bytes, updated_at: updatedAt } of heads) {
    const id = readId<AutomationId>(bytes);
    there.add(id);
    if (known.get(id)?.updatedAt === Number(updatedAt)) continue;
    const row = yield* db.get<Row>('SELECT * FROM automation WHERE id = ? AND enabled = 1', bytes);
    if (row === undefined) there.delete(id);
    else known.set(id, readAutomationRow(row));
    isChanged = true;
  }
  for (const id of known.keys()) if (!there.has(id) && known.delete(id)) isChanged = true;
  return isChanged;
}

function byId(a: Automation, b: Automation): number {
  return a.id < b.id ? -1 : 1;
}
