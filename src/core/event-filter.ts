/** Filters of events, and whether an event matches one. */

import { holds, relationName, type Fields } from './condition-match.ts';
import { RESOURCE_ID, RESOURCE_ROLE, resourceIdOf, type Event, type ResourceLabels } from './event.ts';
import type { Condition } from './query.ts';
import type { Instant } from './time.ts';

export interface EventFilter {
  /** Both are included. */
  readonly since: Instant;
  readonly until: Instant;
  /**
   * Of an event: `id`, `name`, `text` (all that it says), and the relation to its resources (`event_resource`), which
   * have an `id`, a `role` and the relation to their labels (`resource_label`).
   */
  readonly where: Condition;
  /** Only the newest (or oldest, by `order`) event of each resource. */
  readonly isDistinct: boolean;
  readonly order: 'asc' | 'desc';
}

/** Whether an event matches, apart from its time. */
export function includesEvent({ where }: Pick<EventFilter, 'where'>, event: Event): boolean {
  return holds(where, fieldsOfEvent(event));
}

export function isInTime(
  { since, until }: Pick<EventFilter, 'since' | 'until'>,
  { occurred }: Pick<Event, 'occurred'>,
): boolean {
  return since <= occurred && occurred <= until;
}

const RESOURCES = 'event_resource';

/** What conditions ask of an event; made when it is asked. */
function fieldsOfEvent(event: Event): Fields {
  const { id, name, resource, related, payload } = event;
  const own = (): readonly Fields[] => [fieldsOfResource(resourceIdOf(event), '', resource)];
  const others = (): readonly Fields[] =>
    related.map((labels) => fieldsOfResource(labels[RESOURCE_ID] ?? '', labels[RESOURCE_ROLE] ?? '', labels));
  return {
    id,
    name,
    get text() {
      return [name, ...Object.values(resource), ...related.flatMap((labels) => Object.values(labels)), payload].join(
        ' ',
      );
    },
    get [RESOURCES]() {
      return [...own(), ...others()];
    },
    get [relationName(RESOURCES, 'own')]() {
      return own();
    },
    get [relationName(RESOURCES, 'related')]() {
      return others();
    },
  };
}

function fieldsOfResource(id: string, role: string, labels: ResourceLabels): Fields {
  return {
    id,
    role,
    get resource_label() {
      return Object.entries(labels).map(([name, value]) => ({ name, value }));
    },
  };
}
