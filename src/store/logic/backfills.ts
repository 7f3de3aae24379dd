/** Backfills: how they are made, and how they and their slots change. */

import type { Backfill, BackfillId } from '../../core/backfills/backfill.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { FIRST_ID, idOrNull, lookupBytes, readId, uuidBytes } from '../id-value.ts';
import { readBackfillRow, type BackfillBody, type BackfillRow } from '../nouns/backfill.ts';
import type { BackfillChange, BackfillFacts, BackfillStorage } from '../port/backfills.ts';
import {
  countSlots,
  findSlotRuns,
  insertSlots,
  listOpenSlots,
  listSlots,
  nextWaiting,
  writeSlot,
} from './backfill-slots.ts';
import { findFacts } from './deployments.ts';
import { insertEvents } from './events.ts';
import { findByIdempotencyKey, writeFlowRun } from './flow-runs.ts';

export function backfillsOn(database: Database): BackfillStorage {
  return {
    insertBackfill: (given, slots, events, endedKept) =>
      database.write(function* (db) {
        const there = yield* find(db, given.id);
        if (there !== null) return { backfill: there, created: false };
        if ((yield* db.get('SELECT 1 FROM backfill WHERE name = ?', given.name)) !== undefined)
          throw new OstinatoError('conflict', `There is a backfill with the name "${given.name}" already.`, {
            remedy: 'Give it another name, or none.',
          });
        yield* insert(db, given);
        yield* insertSlots(db, given.deploymentId, slots);
        yield* removeEnded(db, given, endedKept);
        yield* insertEvents(db, events);
        return { backfill: given, created: true };
      }),
    changeBackfill: (backfillId, waitingMax, change) =>
      database.write((db) => changeBackfill(db, backfillId, waitingMax, change)),
    listUnsettledBackfills: (after, limit) =>
      database.read(function* (db) {
        const from = after === null ? FIRST_ID : uuidBytes(after);
        const rows = yield* db.all<Pick<BackfillRow, 'id'>>(
          'SELECT id FROM backfill WHERE settled = 0 AND id > ? ORDER BY id LIMIT ?',
          from,
          limit,
        );
        return rows.map((row) => readId<BackfillId>(row.id));
      }),
    readBackfill: (backfillId, waitingMax) => database.read((db) => factsOf(db, backfillId, waitingMax)),
    countBackfillSlots: (ids) => database.read((db) => countSlots(db, ids)),
    listBackfillSlots: (backfillId, page) => database.read((db) => listSlots(db, backfillId, page)),
    findSlotRuns: (owner, dueAt) => database.read((db) => findSlotRuns(db, owner, dueAt, null)),
  };
}

function* find(db: Statements, backfillId: BackfillId): Work<Backfill | null> {
  const bytes = lookupBytes(backfillId);
  return bytes && (yield* db.one('SELECT * FROM backfill WHERE id = ?', readBackfillRow, bytes));
}

function* changeBackfill<Answer>(
  db: Statements,
  backfillId: BackfillId,
  waitingMax: number,
  change: (facts: BackfillFacts) => BackfillChange<Answer>,
): Work<Answer> {
  const { answer, ...changes } = change(yield* factsOf(db, backfillId, waitingMax));
  // Of a run that somebody else has made under the key of a slot, the slot has that one.
  const instead = new Map<FlowRunId, FlowRunId>();
  for (const run of changes.runs ?? []) {
    const there = yield* findByIdempotencyKey(db, run);
    if (there === null) yield* writeFlowRun(db, run);
    else instead.set(run.id, there.id);
  }
  for (const slot of changes.slots ?? []) {
    const { flowRunId } = slot;
    yield* writeSlot(db, flowRunId === null ? slot : { ...slot, flowRunId: instead.get(flowRunId) ?? flowRunId });
  }
  if (changes.cancelWaiting)
    yield* db.run(
      `UPDATE backfill_slot SET state = 'cancelled', reason = ?, decided_at = ?
      WHERE backfill_id = ? AND state = 'waiting'`,
      changes.cancelWaiting.reason,
      changes.cancelWaiting.at,
      uuidBytes(backfillId),
    );
  if (changes.backfill) yield* update(db, changes.backfill);
  yield* insertEvents(db, changes.events ?? []);
  return answer;
}

function* factsOf(db: Statements, backfillId: BackfillId, waitingMax: number): Work<BackfillFacts> {
  const found = yield* find(db, backfillId);
  if (found === null) return { backfill: null, deployment: null, open: [], waiting: [], hasMore: false };
  const { found: deployment } = yield* findFacts(db, { id: found.deploymentId });
  const open = yield* listOpenSlots(db, backfillId);
  const next = yield* nextWaiting(db, found, waitingMax + 1);
  const slots = next.slice(0, waitingMax);
  const earlier = yield* findSlotRuns(
    db,
    found,
    slots.map(({ dueAt }) => dueAt),
    backfillId,
  );
  return {
    backfill: found,
    deployment,
    open,
    waiting: slots.map((slot) => ({ slot, earlier: earlier.get(slot.dueAt) ?? [] })),
    hasMore: next.length > waitingMax,
  };
}

function bodyOf(given: Backfill): string {
  const { id: _id, name: _name, deploymentId: _deployment, scheduleId: _schedule, ...rest } = given;
  const { state: _state, isSettled: _settled, createdAt: _created, updatedAt: _updated, ...body } = rest;
  return JSON.stringify(body satisfies BackfillBody);
}

function* insert(db: Statements, given: Backfill): Work<void> {
  yield* db.run(
    `INSERT INTO backfill (id, name, deployment_id, schedule_id, state, settled, body, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    uuidBytes(given.id),
    given.name,
    uuidBytes(given.deploymentId),
    idOrNull(given.scheduleId),
    given.state,
    given.isSettled ? 1 : 0,
    bodyOf(given),
    given.createdAt,
    given.updatedAt,
  );
}

function* update(db: Statements, given: Backfill): Work<void> {
  yield* db.run(
    'UPDATE backfill SET state = ?, settled = ?, body = ?, updated_at = ? WHERE id = ?',
    given.state,
    given.isSettled ? 1 : 0,
    bodyOf(given),
    given.updatedAt,
    uuidBytes(given.id),
  );
}

function* removeEnded(db: Statements, { deploymentId }: Backfill, kept: number): Work<void> {
  const rows = yield* db.all<Pick<BackfillRow, 'id'>>(
    `SELECT id FROM backfill WHERE deployment_id = ? AND settled = 1 AND state IN ('completed', 'aborted')
    ORDER BY created_at DESC LIMIT 1000 OFFSET ?`,
    uuidBytes(deploymentId),
    kept,
  );
  for (const row of rows) {
    yield* db.run('DELETE FROM backfill_slot WHERE backfill_id = ?', row.id);
    yield* db.run('DELETE FROM backfill WHERE id = ?', row.id);
  }
}
