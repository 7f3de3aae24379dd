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

/** With their place among all, in which order they are looked at. */
interface Placed {
  readonly place: number;
  readonly active: ActiveTrigger;
}

export class AutomationSet {
  readonly #automations: readonly Automation[];
  /** Triggers that name events to the letter, by these names. */
  readonly #byExactName = new Map<string, Placed[]>();
  /** Those with a pattern, or that look at all events. */
  readonly #patterned: Placed[] = [];
  readonly #byName = new Map<string, readonly ActiveTrigger[]>();
  #byId: ReadonlyMap<string, Automation> | null = null;

  /** @param automations those that are enabled */
  constructor(automations: readonly Automation[]) {
    this.#automations = automations;
    let place = 0;
    for (const active of automations.flatMap(triggersOf)) this.#add({ place: (place += 1), active });
  }

  #add(placed: Placed): void {
    const names = exactNames(placed.active.trigger);
    if (names === null) this.#patterned.push(placed);
    for (const name of names ?? []) {
      const named = this.#byExactName.get(name);
      if (named === undefined) this.#byExactName.set(name, [placed]);
      else named.push(placed);
    }
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

  /** Triggers of these automations whose one window is there from the beginning. */
  alwaysOpen(automations: Iterable<Automation>): readonly ActiveTrigger[] {
    return Array.from(automations).flatMap((one) => triggersOf(one).filter(({ trigger }) => isAlwaysOpen(trigger)));
  }

  find(automationId: string, triggerId: string): ActiveTrigger | null {
    this.#byId ??= new Map(this.#automations.map((automation) => [automation.id, automation]));
    const automation = this.#byId.get(automationId);
    return (automation && triggersOf(automation).find(({ trigger }) => trigger.id === triggerId)) ?? null;
  }

  #namedFor(name: string): readonly ActiveTrigger[] {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const found = name === NEVER ? [] : this.#find(name);
    if (this.#byName.size >= NAMES_MAX) this.#byName.clear();
    this.#byName.set(name, found);
    return found;
  }

  #find(name: string): readonly ActiveTrigger[] {
    const patterned = this.#patterned.filter(({ active }) => looksAtName(active.trigger, name));
    const all = [...(this.#byExactName.get(name) ?? []), ...patterned];
    return all.toSorted((a, b) => a.place - b.place).map(({ active }) => active);
  }
}

/** Clients can make up names without end. */
const NAMES_MAX = 10_000;

/** The names of all events that it looks at; `null`: they are not known beforehand. */
function exactNames({ expect, after }: EventTrigger): ReadonlySet<string> | null {
  if (expect.length === 0) return null;
  const names = [...expect, ...after];
  return names.some((name) => /[*?]/.test(name)) ? null : new Set(names);
}

/** Its one window is there from the beginning, and follows itself. */
function isAlwaysOpen({ posture, after, forEach }: EventTrigger): boolean {
  return posture === 'Proactive' && after.length === 0 && forEach.length === 0;
}
