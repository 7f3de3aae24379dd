/** The event of a state, composed from the run and its states, for states that were recorded without a full event. */

import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type Event, type RelatedResource } from './event.ts';
import type { EventId, FlowId, FlowRunId } from './ids.ts';
import type { State } from './state.ts';
import { addSeconds, formatInstant } from './time.ts';

/** Characters; longer messages (some hold whole results) are cut in events. */
const MESSAGE_CHARACTERS_MAX = 100_000;
/**
 * Seconds within which a state's event `follows` that of the state before; subscribers wait for the event that is
 * followed.
 */
const FOLLOWS_WITHIN_SECONDS = 300;

export interface StateEventFacts {
  readonly kind: 'flow-run' | 'task-run';
  readonly run: {
    readonly id: string;
    readonly name: string;
    readonly tags: readonly string[];
    readonly runCount: number;
  };
  readonly state: State;
  /** The state before; `null` when there was none. */
  readonly previous: State | null;
  readonly flowRun: { readonly id: FlowRunId; readonly name: string } | null;
  readonly flow: { readonly id: FlowId; readonly name: string } | null;
  /** Payload besides the states, for instance `task_run`. */
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
}

export function stateEvent(facts: StateEventFacts): Event {
  const { kind, run, state, previous } = facts;
  const isClose = previous !== null && addSeconds(previous.timestamp, FOLLOWS_WITHIN_SECONDS) > state.timestamp;
  return {
    id: state.id as string as EventId,
    name: `prefect.${kind}.${state.name}`,
    occurred: state.timestamp,
    received: state.timestamp,
    follows: isClose ? (previous.id as string as EventId) : null,
    resource: {
      [RESOURCE_ID]: `prefect.${kind}.${run.id}`,
      [RESOURCE_NAME]: run.name,
      'prefect.run-count': `${run.runCount}`,
      'prefect.state-message': (state.message ?? '').slice(0, MESSAGE_CHARACTERS_MAX),
      'prefect.state-name': state.name,
      'prefect.state-timestamp': formatInstant(state.timestamp),
      'prefect.state-type': state.type,
    },
    related: [
      ...(kind === 'task-run' && facts.flowRun ? [related('flow-run', facts.flowRun)] : []),
      ...(facts.flow ? [related('flow', facts.flow)] : []),
      ...run.tags.map((tag) => ({ [RESOURCE_ID]: `prefect.tag.${tag}`, [RESOURCE_ROLE]: 'tag' })),
    ],
    payload: JSON.stringify({
      intended: { from: previous?.type ?? null, to: state.type },
      initial_state: previous && statePart(previous),
      validated_state: statePart(state),
      ...facts.payload,
    }),
  };
}

function related(role: string, { id, name }: { readonly id: string; readonly name: string }): RelatedResource {
  return { [RESOURCE_ID]: `prefect.${role}.${id}`, [RESOURCE_ROLE]: role, [RESOURCE_NAME]: name };
}

function statePart({ type, name, message }: State): Readonly<Record<string, unknown>> {
  return { type, name, message: message ?? '', state_details: {} };
}
