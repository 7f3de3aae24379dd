/** The automations that act, and which of their triggers look at an event. */

import type { Automation } from '../automation.ts';
import type { Event } from '../event.ts';
import { looksAt, looksAtName } from './match.ts';
import { placedTriggers, readTrigger, type EventTrigger, type PlacedTrigger } from './trigger.ts';

/** An event trigger with the automation that it belongs to. */
export interface ActiveTrigger extends PlacedTrigger {
  readonly automation: Automation;
}

/** Not even Prefect's triggers look at log records. */
const NEVER = 'prefect.log.write';

/** Reading the JSON of a trigger once is enough; a change makes another object. */
const read = new WeakMap<Automation, readonly ActiveTrigger[]>();

function triggersOf(automation: Automation): readonly ActiveTrigger[] {
  const known = read.get(automation);
  if (known !== undefined) return known;
  const trigger = readTrigger(automation.trigger);
  const found = trigger === null ? [] : placedTriggers(trigger).map((placed) => ({ ...placed, automation }));
  read.set(automation, found);
  return found;
}

export class AutomationSet {
  readonly #triggers: readonly ActiveTrigger[];
  readonly #byName = new Map<string, readonly ActiveTrigger[]>();

  /** @param automations those that are enabled */
  constructor(automations: readonly Automation[]) {
    this.#triggers = automations.flatMap(triggersOf);
  }

  looksAtName(name: string): boolean {
    return this.#namedFor(name).length > 0;
  }

  /** What was received before an automation was made, or changed last, does not concern it. */
  lookingAt(event: Event): readonly ActiveTrigger[] {
    return this.#namedFor(event.name).filter(
      ({ trigger, automation }) => event.received >= automation.updatedAt && looksAt(trigger, event),
    );
  }

  /** Those that fire by the passing of time. */
  proactive(): readonly ActiveTrigger[] {
    return this.#triggers.filter(({ trigger }) => trigger.posture === 'Proactive');
  }

  find(automationId: string, triggerId: string): ActiveTrigger | null {
    return (
      this.#triggers.find(({ automation, trigger }) => automation.id === automationId && trigger.id === triggerId) ??
      null
    );
  }

  #namedFor(name: string): readonly ActiveTrigger[] {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const found = name === NEVER ? [] : this.#triggers.filter(({ trigger }) => looksAtName(trigger, name));
    this.#byName.set(name, found);
    return found;
  }
}

/** Its one window is there from the beginning, and follows itself. */
export function isAlwaysOpen({ posture, after, forEach }: EventTrigger): boolean {
  return posture === 'Proactive' && after.length === 0 && forEach.length === 0;
}
