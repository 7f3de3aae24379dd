/**
 * Concurrency limits and leases. Deciding about slots and writing them is one transaction: two callers never see the
 * same free slot.
 */

import type { ConcurrencyLease, ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid, type ConcurrencyLimitId } from '../../core/ids.ts';
import type { Database, Statements, Value, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { ConcurrencyStorage, SlotChange, SlotFacts, SlotSelection, SlotWrites } from '../port/concurrency.ts';
import { readConcurrencyLeaseRow, readConcurrencyLimitRow, type ConcurrencyLeaseRow } from '../rows/concurrency.ts';
import { insertEvents } from './events.ts';

export function slotsOn(database: Database): ConcurrencyStorage {
  return {
    changeSlots: (selection, change) => database.write((db) => changeSlots(db, selection, change)),
    readSlots: (selection) => database.read((db) => findSlots(db, selection)),
    countLeases: (ids) => database.read((db) => countLeases(db, ids)),
  };
}

function* changeSlots<Answer>(
  db: Statements,
  selection: SlotSelection,
  change: (facts: SlotFacts) => SlotChange<Answer>,
): Work<Answer> {
  const changes = change(yield* findSlots(db, selection));
  yield* writeSlots(db, changes);
  yield* insertEvents(db, changes.events ?? []);
  return changes.answer;
}

/** Call inside a transaction. */
export function* writeSlots(db: Statements, changes: SlotWrites): Work<void> {
  for (const limit of changes.limits ?? []) yield* writeLimit(db, limit);
  for (const id of changes.deletedLimits ?? []) yield* removeLimit(db, uuidBytes(id));
  for (const lease of changes.leases ?? []) yield* writeLease(db, lease);
  for (const id of changes.deletedLeases ?? []) {
    yield* db.run('DELETE FROM concurrency_lease WHERE id = ?', uuidBytes(id));
    yield* db.run('DELETE FROM concurrency_lease_limit WHERE lease_id = ?', uuidBytes(id));
  }
}

/** Call inside a transaction: releases all slots of a holder that is deleted. */
export function* giveBackSlots(db: Statements, holder: IdValue): Work<void> {
  const { limits, leases } = yield* findSlots(db, { holderId: readId(holder) });
  if (leases.length === 0) return;
  const heldOf = ({ id }: ConcurrencyLimit): number =>
    leases.reduce((held, { slots, limitIds }) => held + (limitIds.includes(id) ? slots : 0), 0);
  yield* writeSlots(db, {
    limits: limits.map((limit) => ({ ...limit, activeSlots: Math.max(0, limit.activeSlots - heldOf(limit)) })),
    deletedLeases: leases.map(({ id }) => id),
  });
}

/**
 * Call inside a transaction: releases the slots of task runs that are deleted or end together.
 * @param where a condition on `task_run` with one value
 */
export function* giveBackTaskSlots(db: Statements, where: string, value: Value): Work<void> {
  // Leases first: there are few of them, and a flow run may have many task runs.
  const holders = yield* db.all<{ readonly holder_id: IdValue }>(
    'SELECT DISTINCT concurrency_lease.holder_id FROM concurrency_lease CROSS JOIN task_run ' +
      `WHERE holder_type = 'task_run' AND task_run.id = concurrency_lease.holder_id AND ${where}`,
    value,
  );
  for (const { holder_id } of holders) yield* giveBackSlots(db, holder_id);
}

const OF_LIMIT = 'id IN (SELECT lease_id FROM concurrency_lease_limit WHERE limit_id = ?) ORDER BY created_at, id';

export function* findSlots(db: Statements, selection: SlotSelection): Work<SlotFacts> {
  const limits = new Map<string, ConcurrencyLimit>();
  const leases = new Map<string, ConcurrencyLease>();
  for (const name of selection.names ?? []) yield* addLimit(db, limits, 'name', name);
  for (const id of selection.limitIds ?? []) yield* addLimit(db, limits, 'id', lookupBytes(id));
  const max = selection.leasesMax ?? Number.MAX_SAFE_INTEGER;
  if (selection.withLeases) {
    for (const id of limits.keys()) yield* addLeases(db, leases, OF_LIMIT, uuidBytes(id), max);
  }
  for (const id of selection.leasesOn ?? []) yield* addLeases(db, leases, OF_LIMIT, uuidBytes(id), max);
  for (const id of selection.leaseIds ?? []) if (isUuid(id)) yield* addLeases(db, leases, 'id = ?', uuidBytes(id), 1);
  if (selection.holderId !== undefined)
    yield* addLeases(db, leases, 'holder_id = ? ORDER BY created_at, id', uuidBytes(selection.holderId), max);
  if (selection.expiredBefore !== undefined)
    yield* addLeases(db, leases, 'expires_at < ? ORDER BY expires_at', selection.expiredBefore, max);
  for (const lease of leases.values()) {
    for (const id of lease.limitIds) if (!limits.has(id)) yield* addLimit(db, limits, 'id', uuidBytes(id));
  }
  return { limits: [...limits.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), leases: [...leases.values()] };
}

function* addLimit(
  db: Statements,
  found: Map<string, ConcurrencyLimit>,
  column: 'id' | 'name',
  value: Value,
): Work<void> {
  if (value === null) return;
  const limit = yield* findLimit(db, column, value);
  if (limit !== null) found.set(limit.id, limit);
}

export function findLimit(db: Statements, column: 'id' | 'name', value: Value): Work<ConcurrencyLimit | null> {
  return db.one(`SELECT * FROM concurrency_limit WHERE ${column} = ?`, readConcurrencyLimitRow, value);
}

function* countLeases(db: Statements, ids: readonly string[]): Work<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = yield* db.all<{ readonly limit_id: IdValue; readonly held: number }>(
    'SELECT limit_id, SUM(slots) AS held FROM concurrency_lease_limit JOIN concurrency_lease ON id = lease_id ' +
      `WHERE ${db.dialect.isOneOf('limit_id', 'id')} GROUP BY limit_id`,
    db.dialect.list('id', ids),
  );
  return new Map(rows.map(({ limit_id, held }) => [readId(limit_id), Number(held)]));
}

/** Its leases stay, and hold it no more. */
export function* removeLimit(db: Statements, id: IdValue): Work<void> {
  yield* db.run('DELETE FROM concurrency_limit WHERE id = ?', id);
  yield* freeLeases(db, id);
}

/** Leases hold this limit, pool or queue no more; those that hold nothing else are over. */
export function* freeLeases(db: Statements, id: IdValue): Work<void> {
  yield* db.run('DELETE FROM concurrency_lease_limit WHERE limit_id = ?', id);
}

function* addLeases(
  db: Statements,
  found: Map<string, ConcurrencyLease>,
  where: string,
  value: Value,
  max: number,
): Work<void> {
  const rows = yield* db.all<ConcurrencyLeaseRow>(`SELECT * FROM concurrency_lease WHERE ${where} LIMIT ?`, value, max);
  for (const row of rows) {
    const ids = yield* db.all<{ readonly limit_id: IdValue }>(
      'SELECT limit_id FROM concurrency_lease_limit WHERE lease_id = ?',
      row.id,
    );
    found.set(
      readId(row.id),
      readConcurrencyLeaseRow(
        row,
        ids.map(({ limit_id }) => readId<ConcurrencyLimitId>(limit_id)),
      ),
    );
  }
}

export function* writeLimit(db: Statements, limit: ConcurrencyLimit): Work<void> {
  const id = uuidBytes(limit.id);
  const other = yield* db.get('SELECT 1 FROM concurrency_limit WHERE name = ? AND id <> ?', limit.name, id);
  if (other !== undefined)
    throw new OstinatoError('conflict', `There is a concurrency limit named ${JSON.stringify(limit.name)} already.`);
  yield* db.run(
    `INSERT INTO concurrency_limit (id, name, slots_max, active, active_slots, denied_slots, slot_decay_per_second,
    avg_slot_occupancy_seconds, slots_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, slots_max = excluded.slots_max, active = excluded.active,
    active_slots = excluded.active_slots, denied_slots = excluded.denied_slots, slot_decay_per_second = excluded.slot_decay_per_second,
    avg_slot_occupancy_seconds = excluded.avg_slot_occupancy_seconds, slots_at = excluded.slots_at, updated_at = excluded.updated_at`,
    id,
    limit.name,
    limit.limit,
    limit.active ? 1 : 0,
    limit.activeSlots,
    limit.deniedSlots,
    limit.slotDecayPerSecond,
    limit.avgSlotOccupancySeconds,
    limit.slotsAt,
    limit.createdAt,
    limit.updatedAt,
  );
}

function* writeLease(db: Statements, lease: ConcurrencyLease): Work<void> {
  const id = uuidBytes(lease.id);
  yield* db.run(
    `INSERT INTO concurrency_lease (id, slots, holder_type, holder_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`,
    id,
    lease.slots,
    lease.holder?.type ?? null,
    lease.holder === null ? null : uuidBytes(lease.holder.id),
    lease.createdAt,
    lease.expiresAt,
  );
  yield* db.run('DELETE FROM concurrency_lease_limit WHERE lease_id = ?', id);
  for (const limitId of lease.limitIds)
    yield* db.run('INSERT INTO concurrency_lease_limit (lease_id, limit_id) VALUES (?, ?)', id, uuidBytes(limitId));
}
