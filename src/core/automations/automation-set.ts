/** The automations that act, and which of their triggers look at an event. */

import type { Automation } from '../automation.ts';
import type { Event } from '../event.ts';
import type { Instant } from '../time.ts';
import { fitsResources, looksAtName, unmetLabel, unmetName, type Unmet } from './match.ts';
import { mayTellOfRun } from './run-state.ts';
import type { RunTrigger } from './run-trigger.ts';
import { placedTriggers, readTrigger, type EventTrigger, type PlacedTrigger, type SingleTrigger } from './trigger.ts';

/** A trigger with the automation that it belongs to. */
export interface ActiveTrigger<Single extends SingleTrigger = EventTrigger> extends PlacedTrigger<Single> {
  readonly automation: Automation;
}

/** Not even Prefect's triggers look at log records. */
const NEVER = 'prefect.log.write';

/** Reading the JSON of a trigger once is enough; a change makes another object. */
const read = new WeakMap<Automation, readonly ActiveTrigger<SingleTrigger>[]>();

function triggersOf(automation: Automation): readonly ActiveTrigger<SingleTrigger>[] {
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
  readonly #runTriggers: readonly ActiveTrigger<RunTrigger>[];
  /** Triggers that name events to the letter, by these names. */
  readonly #byExactName = new Map<string, Placed[]>();
  /** Those with a pattern, or that look at all events. */
  readonly #patterned: Placed[] = [];
  readonly #byName = new Map<string, readonly ActiveTrigger[]>();
  #byId: ReadonlyMap<string, Automation> | null = null;

  /** @param automations those that are enabled */
  constructor(automations: readonly Automation[]) {
    this.#automations = automations;
    const triggers = automations.flatMap(triggersOf);
    this.#runTriggers = triggers.filter(isOnRuns);
    let place = 0;
    for (const active of triggers.filter(isOnEvents)) this.#add({ place: (place += 1), active });
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
    return (this.watchesRuns && mayTellOfRun(name)) || this.#namedFor(name).length > 0;
  }

  /** Whether one of them is on flow runs: then every run's events have to be looked at. */
  get watchesRuns(): boolean {
    return this.#runTriggers.length > 0;
  }

  /** Those on flow runs, for the run of this event. */
  lookingAtRun(event: Event): readonly ActiveTrigger<RunTrigger>[] {
    return this.#runTriggers.filter(
      ({ trigger, automation }) => event.received >= automation.updatedAt && fitsResources(trigger, event),
    );
  }

  findRunTrigger(automationId: string, triggerId: string): ActiveTrigger<RunTrigger> | null {
    return this.#runTriggers.find(isOne(automationId, triggerId)) ?? null;
  }

  /** What was received before an automation was made, or changed last, does not concern it. */
  lookingAt(event: Event): readonly ActiveTrigger[] {
    return this.#namedFor(event.name).filter((active) => passedOverOfName(active, event) === null);
  }

  /** All triggers on events. */
  all(): readonly ActiveTrigger[] {
    return this.#automations.flatMap((one) => triggersOf(one).filter(isOnEvents));
  }

  /** Triggers of these automations whose one window is there from the beginning. */
  alwaysOpen(automations: Iterable<Automation>): readonly ActiveTrigger[] {
    const triggers = Array.from(automations).flatMap((one) => triggersOf(one).filter(isOnEvents));
    return triggers.filter(({ trigger }) => isAlwaysOpen(trigger));
  }

  find(automationId: string, triggerId: string): ActiveTrigger | null {
    this.#byId ??= new Map(this.#automations.map((automation) => [automation.id, automation]));
    const automation = this.#byId.get(automationId);
    return (automation && triggersOf(automation).filter(isOnEvents).find(isOne(automationId, triggerId))) ?? null;
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

function isOne(automationId: string, triggerId: string) {
  return ({ automation, trigger }: ActiveTrigger<SingleTrigger>): boolean =>
    automation.id === automationId && trigger.id === triggerId;
}

function isOnEvents(active: ActiveTrigger<SingleTrigger>): active is ActiveTrigger {
  return active.trigger.type === 'event';
}

function isOnRuns(active: ActiveTrigger<SingleTrigger>): active is ActiveTrigger<RunTrigger> {
  return active.trigger.type !== 'event';
}

/** Why a trigger does not look at an event: it came before, or has something otherwise. */
export type PassedOver = Unmet | { readonly what: 'received'; readonly expected: Instant; readonly actual: Instant };

/** `null`: the trigger looks at the event. */
export function passedOver(active: ActiveTrigger, event: Event): PassedOver | null {
  if (event.name === NEVER) return { what: 'name', label: '', expected: [`!${NEVER}`], actual: event.name };
  return unmetName(active.trigger, event.name) ?? passedOverOfName(active, event);
}

function passedOverOfName({ automation, trigger }: ActiveTrigger, event: Event): PassedOver | null {
  if (event.received < automation.updatedAt)
    return { what: 'received', expected: automation.updatedAt, actual: event.received };
  return unmetLabel(trigger, event);
}

/** Its one window is there from the beginning, and follows itself. */
function isAlwaysOpen({ posture, after, forEach }: EventTrigger): boolean {
  return posture === 'Proactive' && after.length === 0 && forEach.length === 0;
}
