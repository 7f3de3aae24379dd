/**
 * Events: what happened to which resource, with its related resources. The `event` table is also the outbox: a row for
 * every committed change, written in the same transaction and relayed to subscribers afterwards.
 */

import type { EventId } from './ids.ts';
import type { Instant } from './time.ts';

/**
 * Labels of a resource; all values are text. `prefect.resource.id` is always present, `prefect.resource.name` often.
 */
export type ResourceLabels = Readonly<Record<string, string>>;

/**
 * A further resource that the event concerns: its labels contain `prefect.resource.id` and a non-empty
 * `prefect.resource.role`.
 */
export type RelatedResource = ResourceLabels;

export const RESOURCE_ID = 'prefect.resource.id';
export const RESOURCE_NAME = 'prefect.resource.name';
export const RESOURCE_ROLE = 'prefect.resource.role';

/**
 * An event as use cases write it.
 *
 * Full form: `labels` is given (beside it `related`, `follows`), and the event is read back as it was written. This is
 * the form for all new code.
 *
 * Compact form: `labels` is left out. Then only name, resource and time are stored, and the event is composed from the
 * rows of the run and its state when it is read.
 */
export interface OutboxEvent {
  /** For a state change: the id of the state. */
  readonly id: EventId;
  /** Prefect's event name, for instance `prefect.flow-run.Completed`. */
  readonly name: string;
  /** For instance `prefect.flow-run.<id>`. */
  readonly resourceId: string;
  readonly occurred: Instant;
  /** JSON object; `null` for none, or for a compact state change. */
  readonly payload: string | null;
  /** Labels of the resource; its id may be left out, since `resourceId` says it. */
  readonly labels?: ResourceLabels | undefined;
  /** Default: none. */
  readonly related?: readonly RelatedResource[] | undefined;
  /** An earlier event about the same matter. */
  readonly follows?: EventId | null | undefined;
  /** When the server received it. Default: `occurred`. */
  readonly received?: Instant | undefined;
}

/** A row as read back: `seq` grows in commit order. */
export interface StoredEvent extends OutboxEvent {
  readonly seq: number;
}

/** A complete event, in whichever form it was written. */
export interface Event {
  readonly id: EventId;
  readonly name: string;
  readonly occurred: Instant;
  readonly received: Instant;
  readonly follows: EventId | null;
  readonly resource: ResourceLabels;
  readonly related: readonly RelatedResource[];
  /** JSON object, exactly as it was sent. */
  readonly payload: string;
}

export function resourceIdOf(event: Pick<Event, 'resource'>): string {
  return event.resource[RESOURCE_ID] ?? '';
}

/** The first related resource with that role. */
export function relatedInRole(event: Pick<Event, 'related'>, role: string): RelatedResource | null {
  return event.related.find((related) => related[RESOURCE_ROLE] === role) ?? null;
}

/** The id in `prefect.<kind>.<id>`; `null` for a resource of another kind. */
export function objectIdOf(resourceId: string | undefined, kind: string): string | null {
  const prefix = `prefect.${kind}.`;
  return resourceId !== undefined && resourceId.startsWith(prefix) ? resourceId.slice(prefix.length) : null;
}
