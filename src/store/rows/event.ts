/**
 * Outbox rows. A task run's state has a compact row, since a task writes three of them: from the run's id and the
 * state's name the resource and the name of the event are composed on reading.
 */

import type { RelatedResource, ResourceLabels, StoredEvent } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';

export interface EventRow {
  readonly seq: number;
  readonly id: IdValue;
  /** Set on compact rows only. */
  readonly task_run_id: IdValue | null;
  /** The state's name on a compact row, else the event's. */
  readonly name: string;
  readonly resource_id: string | null;
  readonly occurred: number;
  readonly received: number | null;
  readonly follows: IdValue | null;
  readonly payload: string | null;
  /** JSON; `null` on rows in the compact form. */
  readonly labels: string | null;
  readonly related: string | null;
}

export function readEventRow(row: EventRow): StoredEvent {
  const compact = row.task_run_id !== null;
  return {
    seq: row.seq,
    id: readId<EventId>(row.id),
    name: compact ? `prefect.task-run.${row.name}` : row.name,
    resourceId: row.task_run_id === null ? (row.resource_id ?? '') : `prefect.task-run.${readId(row.task_run_id)}`,
    occurred: row.occurred as Instant,
    payload: row.payload,
    ...(row.labels === null ? {} : fullPart(row, row.labels)),
  };
}

function fullPart(row: EventRow, labels: string): Pick<StoredEvent, 'labels' | 'related' | 'follows' | 'received'> {
  return {
    labels: JSON.parse(labels) as ResourceLabels,
    related: JSON.parse(row.related ?? '[]') as RelatedResource[],
    follows: readIdOrNull<EventId>(row.follows),
    received: (row.received ?? row.occurred) as Instant,
  };
}
