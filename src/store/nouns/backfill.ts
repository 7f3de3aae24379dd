/** Backfills in the store: their rows, and what lists can ask them by. */

import type { Backfill, BackfillId } from '../../core/backfills/backfill.ts';
import type { Instant } from '../../core/time.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';
import { few, id, number, text } from './field.ts';
import type { StoredNoun } from './noun.ts';

export interface BackfillRow {
  readonly id: IdValue;
  readonly name: string;
  readonly deployment_id: IdValue;
  readonly schedule_id: IdValue | null;
  readonly state: string;
  readonly settled: number;
  /** JSON of a `BackfillBody`. */
  readonly body: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What has no column of its own. */
export type BackfillBody = Omit<
  Backfill,
  'id' | 'name' | 'deploymentId' | 'scheduleId' | 'state' | 'isSettled' | 'createdAt' | 'updatedAt'
>;

export function readBackfillRow(row: BackfillRow): Backfill {
  return {
    ...(JSON.parse(row.body) as BackfillBody),
    id: readId<BackfillId>(row.id),
    name: row.name,
    deploymentId: readId(row.deployment_id),
    scheduleId: readIdOrNull(row.schedule_id),
    state: row.state as Backfill['state'],
    isSettled: row.settled === 1,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

/** Its methods are in `logic/backfills.ts`, with those that no run needs. */
export const backfill = {
  table: {
    table: 'backfill',
    fields: {
      id: id('backfill.id'),
      name: few(text('backfill.name')),
      deploymentId: few(id('backfill.deployment_id')),
      state: text('backfill.state'),
      createdAt: number('backfill.created_at'),
    },
  },
  read: readBackfillRow,
} as const satisfies Pick<StoredNoun, 'table' | 'read'>;
