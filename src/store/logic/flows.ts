/** Flows: named definitions that runs belong to. */

import type { OutboxEvent } from '../../core/event.ts';
import type { Flow } from '../../core/flow-run.ts';
import { chain } from '../../core/maybe-promise.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import type { RunStorage } from '../port.ts';
import { readFlowRow } from '../rows/flow-run.ts';
import { removeDeploymentsOfFlow } from './deployment-removal.ts';
import { insertEvents } from './events.ts';
import { removeFlowRun } from './flow-runs.ts';

const SELECT_FLOW = 'SELECT id, name, tags, labels, description, created_at, updated_at FROM flow';
const BY_NAME = `${SELECT_FLOW} WHERE name = ?`;
const BY_ID = `${SELECT_FLOW} WHERE id = ?`;

export function flowsOn(database: Database): Pick<RunStorage, 'ensureFlow' | 'readFlow' | 'changeFlow'> {
  return {
    // Usually the flow exists, and no lock is needed to read it.
    ensureFlow: (name, make, event) =>
      chain(
        database.read((db) => findFlowByName(db, name)),
        (found) => found ?? database.write((db) => ensureFlow(db, name, make, event)),
      ),
    readFlow(id) {
      const bytes = lookupBytes(id);
      return bytes && database.read((db) => findFlow(db, bytes));
    },
    changeFlow: (id, change) =>
      database.write(function* (db) {
        const bytes = lookupBytes(id);
        const { flow, event, answer } = change(bytes && (yield* findFlow(db, bytes)));
        if (bytes && flow === null) yield* removeFlow(db, bytes);
        else if (bytes && flow) yield* updateFlow(db, bytes, flow);
        if (event) yield* insertEvents(db, [event]);
        return answer;
      }),
  };
}

function* ensureFlow(db: Statements, name: string, make: () => Flow, event?: (flow: Flow) => OutboxEvent): Work<Flow> {
  const found = yield* findFlowByName(db, name);
  if (found) return found;
  const flow = make();
  yield* db.run(
    'INSERT INTO flow (id, name, tags, labels, description, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    uuidBytes(flow.id),
    flow.name,
    JSON.stringify(flow.tags),
    JSON.stringify(flow.labels),
    flow.description ?? null,
    flow.createdAt,
  );
  if (event) yield* insertEvents(db, [event(flow)]);
  return flow;
}

export function findFlowByName(db: Statements, name: string): Work<Flow | null> {
  return db.one(BY_NAME, readFlowRow, name);
}

export function findFlow(db: Statements, id: IdValue): Work<Flow | null> {
  return db.one(BY_ID, readFlowRow, id);
}

function* updateFlow(db: Statements, id: IdValue, flow: Flow): Work<void> {
  // Its runs contain its name.
  db.forgetFlowRun(null);
  yield* db.run(
    'UPDATE flow SET name = ?, tags = ?, labels = ?, description = ?, updated_at = ? WHERE id = ?',
    flow.name,
    JSON.stringify(flow.tags),
    JSON.stringify(flow.labels),
    flow.description ?? null,
    flow.updatedAt ?? null,
    id,
  );
}

function* removeFlow(db: Statements, id: IdValue): Work<void> {
  const runs = yield* db.all<{ readonly id: IdValue }>('SELECT id FROM flow_run WHERE flow_id = ?', id);
  for (const run of runs) yield* removeFlowRun(db, run.id);
  yield* removeDeploymentsOfFlow(db, id);
  yield* db.run('DELETE FROM flow WHERE id = ?', id);
}
