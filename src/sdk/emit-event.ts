/** The way into `emitEvent(…)`, without what it takes: that is loaded with the first call. */

import { ensureDoor } from './runtime.ts';

/** Labels of what an event is about; values are text. */
export interface EventResource {
  /** What it is, for instance `shop.order.1207`. */
  readonly 'prefect.resource.id': string;
  /** What people call it. */
  readonly 'prefect.resource.name'?: string;
  readonly [label: string]: string | undefined;
}

/** Labels of a further resource that the event concerns. */
export interface RelatedEventResource extends EventResource {
  /** What it has to do with the event, for instance `customer`. */
  readonly 'prefect.resource.role': string;
}

export interface EmitEventOptions {
  /** What happened, for instance `shop.order.shipped`; at most 1,024 characters. */
  readonly event: string;
  /** To what it happened; at most 500 labels. */
  readonly resource: EventResource;
  /** What else it concerns, at most 100. Default: none. Inside a run, the run and what it belongs to are added. */
  readonly related?: readonly RelatedEventResource[];
  /** JSON; a `bigint` is kept as the whole number that it is. Default: `{}`. The event has at most 1.5 MB. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** When it happened. Default: now. */
  readonly occurred?: Date;
  /**
   * A UUID: what is sent again under the same id counts once. Default: a new one, so that code which runs again (a
   * retry, a flow that is resumed) tells another event.
   */
  readonly id?: string;
  /** The event before this one. One that occurred more than five minutes before or after is not noted. */
  readonly follows?: Pick<EmittedEvent, 'id' | 'occurred'>;
}

/** An event as it was sent. */
export interface EmittedEvent {
  readonly id: string;
  readonly event: string;
  readonly occurred: Date;
  readonly resource: Readonly<Record<string, string>>;
  readonly related: readonly Readonly<Record<string, string>>[];
  readonly payload: Readonly<Record<string, unknown>>;
  /** Id of the event before it. */
  readonly follows: string | null;
}

/**
 * Tells that something happened: automations hear of it, and pages and `ostinato event ls` show it.
 *
 * It is in the store when the promise is fulfilled; while the server of a flow is away it is told later, with the time
 * at which it occurred. Inside a flow or task, the flow run, task run, flow, deployment, work queue, work pool and tags
 * are added to what it is related to.
 *
 * @throws `bad-input` for an event that cannot be kept
 */
export async function emitEvent(options: EmitEventOptions): Promise<EmittedEvent> {
  ensureDoor();
  const { sendEvent } = await import('./send-event.ts');
  return await sendEvent(options);
}
