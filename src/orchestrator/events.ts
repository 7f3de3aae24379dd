/** Outbox rows, named as Prefect names its events. */

import { RESOURCE_NAME, type OutboxEvent, type RelatedResource } from '../core/event.ts';
import type { EventId, FlowRunId, IdSource } from '../core/ids.ts';
import type { Flow } from '../core/flow-run.ts';
import type { State } from '../core/state.ts';
import type { Instant } from '../core/time.ts';

/** The event of a state has the state's id and no payload: the state's row has the rest. */
export function flowRunStateEvent(id: FlowRunId, state: State): OutboxEvent {
  return {
    id: state.id as string as EventId,
    name: `prefect.flow-run.${state.name}`,
    resourceId: `prefect.flow-run.${id}`,
    occurred: state.timestamp,
    payload: null,
  };
}

/** The event of a change that Prefect has no event for, with a name of our own. */
export function ownChangeEvent(
  ids: IdSource,
  noun: string,
  id: string,
  what: 'updated' | 'deleted',
  occurred: Instant,
  payload: unknown,
): OutboxEvent {
  return { ...changeEvent(ids, noun, id, what, occurred, payload), name: `ostinato.${noun}.${what}` };
}

/** Labels of a change event. */
export interface ChangeMarks {
  /** `prefect.resource.name` of the changed object. */
  readonly name?: string | undefined;
  readonly related?: readonly RelatedResource[] | undefined;
}

/**
 * @param noun in kebab-case, for instance `variable`; the event is `prefect.variable.created` about
 * `prefect.variable.<id>`
 * @param payload the object as it is now (before, when it was deleted), in the names of the wire; never its secrets
 */
export function changeEvent(
  ids: IdSource,
  noun: string,
  id: string,
  what: 'created' | 'updated' | 'deleted',
  occurred: Instant,
  payload: unknown,
  marks: ChangeMarks = {},
): OutboxEvent {
  return {
    id: ids.next<EventId>(),
    name: `prefect.${noun}.${what}`,
    resourceId: `prefect.${noun}.${id}`,
    occurred,
    payload: JSON.stringify(payload),
    labels: marks.name === undefined ? {} : { [RESOURCE_NAME]: marks.name },
    related: marks.related ?? [],
  };
}

/** The event of a flow that was seen for the first time. */
export function flowCreated(ids: IdSource): (flow: Flow) => OutboxEvent {
  return ({ id, name, tags, labels, createdAt }) =>
    changeEvent(ids, 'flow', id, 'created', createdAt, { name, tags, labels }, { name });
}
