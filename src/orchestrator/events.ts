/** Outbox rows, named as Prefect names its events. */

import type { OutboxEvent } from '../core/event.ts';
import type { EventId, FlowRunId, IdSource } from '../core/ids.ts';
import type { State } from '../core/state.ts';
import type { Instant } from '../core/time.ts';

/** A state's event has the state's id and no payload: the state row holds the rest. */
export function flowRunStateEvent(id: FlowRunId, state: State): OutboxEvent {
  return {
    id: state.id as string as EventId,
    name: `prefect.flow-run.${state.name}`,
    resourceId: `prefect.flow-run.${id}`,
    occurred: state.timestamp,
    payload: null,
  };
}

/** @param noun for instance `variable`; the event is `prefect.variable.created` about `prefect.variable.<id>` */
export function changeEvent(
  ids: IdSource,
  noun: string,
  id: string,
  what: 'created' | 'updated' | 'deleted',
  occurred: Instant,
  payload: unknown,
): OutboxEvent {
  return {
    id: ids.next<EventId>(),
    name: `prefect.${noun}.${what}`,
    resourceId: `prefect.${noun}.${id}`,
    occurred,
    payload: JSON.stringify(payload),
  };
}
