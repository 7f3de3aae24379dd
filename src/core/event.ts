/**
 * Events: what happened, to what, beside what. The `event` table is also the outbox: a row for every committed change,
 * written in the same transaction, relayed to subscribers afterwards.
 */

import type { EventId } from './ids.ts';
import type { Instant } from './time.ts';

/** Marks of a resource by name; all values are text. `prefect.resource.id` is always there, `prefect.resource.name` often. */
export type ResourceLabels = Readonly<Record<string, string>>;

/** A resource that is concerned, too: its labels hold `prefect.resource.id` and a `prefect.resource.role` that is not empty. */
export type RelatedResource = ResourceLabels;

export const RESOURCE_ID = 'prefect.resource.id';
export const RESOURCE_NAME = 'prefect.resource.name';
export const RESOURCE_ROLE = 'prefect.resource.role';

/**
 * An event as use cases write it.
 *
 * Full form: `labels` is given (beside it `related`, `follows`), and the event is read back as it was written. This is the
 * form for all new code.
 *
 * Thin form: `labels` is left out. Then name, resource and time are all that is kept, and what subscribers see is put
 * together from the rows of the run and its state.
 */
export interface OutboxEvent {
  /** For a state change: the id of the state. */
  readonly id: EventId;
  /** Prefect's event name, for instance `prefect.flow-run.Completed`. */
  readonly name: string;
  /** For instance `prefect.flow-run.<id>`. */
  readonly resourceId: string;
  readonly occurred: Instant;
  /** JSON object; `null` for none, or for a thin state change. */
  readonly payload: string | null;
  /** Labels of the resource; its id may be left out, since `resourceId` says it. */
  readonly labels?: ResourceLabels | undefined;
  /** Default: none. */
  readonly related?: readonly RelatedResource[] | undefined;
  /** An event that is known to have come before this one, about the same matter. */
  readonly follows?: EventId | null | undefined;
  /** When the server heard of it. Default: `occurred`. */
  readonly received?: Instant | undefined;
}

/** A row as read back: `seq` grows with the order of commits. */
export interface StoredEvent extends OutboxEvent {
  readonly seq: number;
}

/** A whole event, however it was written. */
export interface Event {
  readonly id: EventId;
  readonly name: string;
  readonly occurred: Instant;
  readonly received: Instant;
  readonly follows: EventId | null;
  readonly resource: ResourceLabels;
  readonly related: readonly RelatedResource[];
  /** JSON object, to the letter as it was sent. */
  readonly payload: string;
}

export function resourceIdOf(event: Pick<Event, 'resource'>): string {
  return event.resource[RESOURCE_ID] ?? '';
}

/** The first related resource in that role. */
export function relatedInRole(event: Pick<Event, 'related'>, role: string): RelatedResource | null {
  return event.related.find((related) => related[RESOURCE_ROLE] === role) ?? null;
}

/** The id in `prefect.<kind>.<id>`; `null` for another kind of resource. */
export function objectIdOf(resourceId: string | undefined, kind: string): string | null {
  const prefix = `prefect.${kind}.`;
  return resourceId !== undefined && resourceId.startsWith(prefix) ? resourceId.slice(prefix.length) : null;
}
