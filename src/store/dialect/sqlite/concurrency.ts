/** Concurrency limits and leases. Deciding about slots and writing them is one transaction: two callers never see the same free slot. */

import type { ConcurrencyLease, ConcurrencyLimit } from '../../../core/concurrency/limit.ts';
import { OstinatoError } from '../../../core/errors.ts';
import { isUuid, uuidText, type ConcurrencyLimitId } from '../../../core/ids.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../../id-value.ts';
import type { ConcurrencyStorage, SlotChange, SlotFacts, SlotSelection } from '../../port/concurrency.ts';
import {
  readConcurrencyLeaseRow, readConcurrencyLimitRow, type ConcurrencyLeaseRow, type ConcurrencyLimitRow,
} from '../../rows/concurrency.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';

export function slotsOn(connection: Connection): ConcurrencyStorage {
  return {
    changeSlots: (selection, change) => changeSlots(connection, selection, change),
    readSlots: (selection) => readSlots(connection, selection),
    listLimits: (page) => listLimits(connection, page),
  };
}

function readSlots(connection: Connection, selection: SlotSelection): SlotFacts {
  return connection.read(() => findSlots(connection, selection));
}

function changeSlots<Answer>(connection: Connection, selection: SlotSelection, change: (facts: SlotFacts) => SlotChange<Answer>): Answer {
  return connection.write(() => {
    const changes = change(findSlots(connection, selection));
    for (const limit of changes.limits ?? []) writeLimit(connection, limit);
    for (const id of changes.deletedLimits ?? []) {
      connection.statement('DELETE FROM concurrency_limit WHERE id = ?').run(uuidBytes(id));
      connection.statement('DELETE FROM concurrency_lease_limit WHERE limit_id = ?').run(uuidBytes(id));
    }
    for (const lease of changes.leases ?? []) writeLease(connection, lease);
    for (const id of changes.deletedLeases ?? []) {
      connection.statement('DELETE FROM concurrency_lease WHERE id = ?').run(uuidBytes(id));
      connection.statement('DELETE FROM concurrency_lease_limit WHERE lease_id = ?').run(uuidBytes(id));
    }
    insertEvents(connection, changes.events ?? []);
    return changes.answer;
  });
}

function listLimits(
  connection: Connection, page: { readonly namePrefix?: string; readonly limit: number; readonly offset: number },
): readonly ConcurrencyLimit[] {
  const prefix = page.namePrefix ?? '';
  return connection.read(() =>
    connection
      .statement('SELECT * FROM concurrency_limit WHERE substr(name, 1, length(?)) = ? ORDER BY name LIMIT ? OFFSET ?')
      .all(prefix, prefix, page.limit, page.offset)
      .map((row) => readConcurrencyLimitRow(row as unknown as ConcurrencyLimitRow)),
  );
}

function findSlots(connection: Connection, selection: SlotSelection): SlotFacts {
  const limits = new Map<string, ConcurrencyLimit>();
  const leases = new Map<string, ConcurrencyLease>();
  for (const name of selection.names ?? []) addLimit(connection, limits, 'name', name);
  for (const id of selection.limitIds ?? []) addLimit(connection, limits, 'id', lookupBytes(id));
  const max = selection.leasesMax ?? -1;
  if (selection.withLeases) {
    for (const id of limits.keys()) {
      addLeases(connection, leases, 'id IN (SELECT lease_id FROM concurrency_lease_limit WHERE limit_id = ?) ORDER BY created_at, id', uuidBytes(id), max);
    }
  }
  for (const id of selection.leaseIds ?? []) if (isUuid(id)) addLeases(connection, leases, 'id = ?', uuidBytes(id), 1);
  if (selection.holderId !== undefined) addLeases(connection, leases, 'holder_id = ? ORDER BY created_at, id', uuidBytes(selection.holderId), max);
  if (selection.expiredBefore !== undefined) addLeases(connection, leases, 'expires_at < ? ORDER BY expires_at', selection.expiredBefore, max);
  for (const lease of leases.values()) {
    for (const id of lease.limitIds) if (!limits.has(id)) addLimit(connection, limits, 'id', uuidBytes(id));
  }
  return { limits: [...limits.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), leases: [...leases.values()] };
}

function addLimit(connection: Connection, found: Map<string, ConcurrencyLimit>, column: 'id' | 'name', value: string | Uint8Array | null): void {
  if (value === null) return;
  const row = connection.statement(`SELECT * FROM concurrency_limit WHERE ${column} = ?`).get(value);
  if (row === undefined) return;
  const limit = readConcurrencyLimitRow(row as unknown as ConcurrencyLimitRow);
  found.set(limit.id, limit);
}

function addLeases(connection: Connection, found: Map<string, ConcurrencyLease>, where: string, value: Uint8Array | number, max: number): void {
  const rows = connection.statement(`SELECT * FROM concurrency_lease WHERE ${where} LIMIT ?`).all(value, max) as unknown as ConcurrencyLeaseRow[];
  const limitsOf = connection.statement('SELECT limit_id FROM concurrency_lease_limit WHERE lease_id = ?');
  for (const row of rows) {
    const ids = limitsOf.all(row.id as Uint8Array) as unknown as readonly { readonly limit_id: IdValue }[];
    found.set(uuidText(row.id as Uint8Array), readConcurrencyLeaseRow(row, ids.map(({ limit_id }) => readId<ConcurrencyLimitId>(limit_id))));
  }
}

function writeLimit(connection: Connection, limit: ConcurrencyLimit): void {
  const id = uuidBytes(limit.id);
  const other = connection.statement('SELECT 1 FROM concurrency_limit WHERE name = ? AND id <> ?').get(limit.name, id);
  if (other !== undefined) throw new OstinatoError('conflict', `There is a concurrency limit named ${JSON.stringify(limit.name)} already.`);
  connection
    .statement(
      `INSERT INTO concurrency_limit (id, name, slots_max, active, active_slots, denied_slots, slot_decay_per_second,
      avg_slot_occupancy_seconds, slots_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, slots_max = excluded.slots_max, active = excluded.active,
      active_slots = excluded.active_slots, denied_slots = excluded.denied_slots, slot_decay_per_second = excluded.slot_decay_per_second,
      avg_slot_occupancy_seconds = excluded.avg_slot_occupancy_seconds, slots_at = excluded.slots_at, updated_at = excluded.updated_at`,
    )
    .run(
      id, limit.name, limit.limit, limit.active ? 1 : 0, limit.activeSlots, limit.deniedSlots, limit.slotDecayPerSecond,
      limit.avgSlotOccupancySeconds, limit.slotsAt, limit.createdAt, limit.updatedAt,
    );
}

function writeLease(connection: Connection, lease: ConcurrencyLease): void {
  const id = uuidBytes(lease.id);
  connection
    .statement(
      `INSERT INTO concurrency_lease (id, slots, holder_type, holder_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`,
    )
    .run(id, lease.slots, lease.holder?.type ?? null, lease.holder === null ? null : uuidBytes(lease.holder.id), lease.createdAt, lease.expiresAt);
  connection.statement('DELETE FROM concurrency_lease_limit WHERE lease_id = ?').run(id);
  const insert = connection.statement('INSERT INTO concurrency_lease_limit (lease_id, limit_id) VALUES (?, ?)');
  for (const limitId of lease.limitIds) insert.run(id, uuidBytes(limitId));
}
