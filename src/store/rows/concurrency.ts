import type { ConcurrencyLease, ConcurrencyLimit, HolderType } from '../../core/concurrency/limit.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';

export interface ConcurrencyLimitRow {
  readonly id: IdValue;
  readonly name: string;
  readonly slots_max: number;
  readonly active: number;
  readonly active_slots: number;
  readonly denied_slots: number;
  readonly slot_decay_per_second: number;
  readonly avg_slot_occupancy_seconds: number;
  readonly slots_at: number;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface ConcurrencyLeaseRow {
  readonly id: IdValue;
  readonly slots: number;
  readonly holder_type: string | null;
  readonly holder_id: IdValue | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export function readConcurrencyLimitRow(row: ConcurrencyLimitRow): ConcurrencyLimit {
  return {
    id: readId<ConcurrencyLimitId>(row.id),
    name: row.name,
    limit: row.slots_max,
    active: row.active === 1,
    activeSlots: row.active_slots,
    deniedSlots: row.denied_slots,
    slotDecayPerSecond: row.slot_decay_per_second,
    avgSlotOccupancySeconds: row.avg_slot_occupancy_seconds,
    slotsAt: row.slots_at as Instant,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

export function readConcurrencyLeaseRow(
  row: ConcurrencyLeaseRow,
  limitIds: readonly ConcurrencyLimitId[],
): ConcurrencyLease {
  const holderId = readIdOrNull<string>(row.holder_id);
  return {
    id: readId<ConcurrencyLeaseId>(row.id),
    slots: row.slots,
    limitIds,
    holder: holderId === null ? null : { type: row.holder_type as HolderType, id: holderId },
    createdAt: row.created_at as Instant,
    expiresAt: row.expires_at as Instant,
  };
}
