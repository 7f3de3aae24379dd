/** What an automation's trigger has come to, and what is to be done because of it. */

import type { AutomationId } from './automation.ts';
import type { Instant } from './time.ts';

/** One time that a trigger was met, or resolved. */
export interface Firing {
  /** A UUID, the same for the same cause: computed from the automation, the trigger, its key, and the events. */
  readonly id: string;
  readonly automationId: AutomationId;
  /** The id of the (outermost) trigger in the automation's stored JSON. */
  readonly triggerId: string;
  readonly state: 'Triggered' | 'Resolved';
  readonly at: Instant;
  /** Of the bucket: what `for_each` names, and its values. */
  readonly labels: Readonly<Record<string, string>>;
  /** The event by which it came to this; `null`: by the passing of time. */
  readonly eventId: string | null;
  /** The figure of a metric trigger; left out: of another one. */
  readonly value?: number | undefined;
}

/** An action of an automation that is to be done for a firing: done at least once, with `id` as idempotency key. */
export interface ActionOrder {
  /** A UUID computed from the firing and the place of the action. */
  readonly id: string;
  readonly firing: Firing;
  /** Which of the actions, from 0: of `actions`, then of `actions_on_trigger` or `actions_on_resolve`. */
  readonly index: number;
  /** JSON as it is kept with the automation. */
  readonly action: string;
}
