/** The outbox row: one for every committed change, written in the same transaction, relayed to subscribers afterwards. */

import type { EventId } from './ids.ts';
import type { Instant } from './time.ts';

export interface OutboxEvent {
  /** For a state change: the id of the state, whose row holds the rest. */
  readonly id: EventId;
  /** Prefect's event name, for instance `prefect.flow-run.Completed`. */
  readonly name: string;
  /** For instance `prefect.flow-run.<id>`. */
  readonly resourceId: string;
  readonly occurred: Instant;
  /** JSON; `null` for a state change, whose payload is read from the state row. */
  readonly payload: string | null;
}

/** A row as read back: `seq` grows with the order of commits. */
export interface StoredEvent extends OutboxEvent {
  readonly seq: number;
}
