/** Of events that a trigger passes over: what they have otherwise, counted, so that a slip in a label is seen. */

import type { Event } from '../event.ts';
import { nearestWord } from '../nearest-word.ts';
import { passedOver, type ActiveTrigger } from './automation-set.ts';
import type { Unmet } from './match.ts';

/** Values that are counted apart, and names. */
const VALUES_MAX = 200;
const NAMES_MAX = 1000;
const NEAREST_MAX = 3;

interface UnmetTally extends Pick<Unmet, 'what' | 'label' | 'expected'> {
  readonly count: number;
  /** What stands there instead, with how many events; what has no such label is not here. */
  readonly values: Readonly<Record<string, number>>;
}

interface TriggerTally {
  /** Events of a name that the trigger looks at. */
  readonly named: number;
  readonly looked: number;
  readonly unmet: readonly UnmetTally[];
}

/** As JSON can say it. */
export interface Tally {
  /** Of all events, by their names. */
  readonly names: Readonly<Record<string, number>>;
  /** By the ids of triggers. */
  readonly triggers: Readonly<Record<string, TriggerTally>>;
}

export const NOTHING_TALLIED: Tally = { names: {}, triggers: {} };

export interface SeenValue {
  readonly value: string;
  readonly count: number;
}

/** A trigger that looked at no event at all, and the nearest that there was. */
export interface Hint extends Pick<Unmet, 'what' | 'label' | 'expected'> {
  readonly triggerId: string;
  /** Events that had all but this; for a name, all. */
  readonly count: number;
  readonly nearest: readonly SeenValue[];
}

export class Tallying {
  readonly #names: Map<string, number>;
  readonly #triggers: Map<string, TriggerTally>;

  constructor({ names, triggers }: Tally) {
    this.#names = new Map(Object.entries(names));
    this.#triggers = new Map(Object.entries(triggers));
  }

  get tally(): Tally {
    return { names: Object.fromEntries(this.#names), triggers: Object.fromEntries(this.#triggers) };
  }

  addName(name: string): void {
    if (this.#names.has(name) || this.#names.size < NAMES_MAX) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
  }

  addEvent(active: ActiveTrigger, event: Event): void {
    const { id } = active.trigger;
    const before = this.#triggers.get(id) ?? { named: 0, looked: 0, unmet: [] };
    const over = passedOver(active, event);
    if (over?.what === 'name' || over?.what === 'received') return;
    const looked = before.looked + (over === null ? 1 : 0);
    // Of one that looks at something, nobody asks what it passes over.
    const unmet = over === null || looked > 0 ? [] : withUnmet(before.unmet, over);
    this.#triggers.set(id, { named: before.named + 1, looked, unmet });
  }

  hints(triggers: readonly ActiveTrigger[]): readonly Hint[] {
    return triggers.flatMap(({ trigger }): readonly Hint[] => {
      const { id: triggerId, expect, after } = trigger;
      const tally = this.#triggers.get(triggerId);
      if (tally !== undefined && tally.looked > 0) return [];
      if (tally !== undefined)
        return tally.unmet.map(({ values, ...unmet }) => ({
          triggerId,
          ...unmet,
          nearest: nearest(unmet.expected, new Map(Object.entries(values))),
        }));
      const expected = [...expect, ...after];
      const count = [...this.#names.values()].reduce((sum, one) => sum + one, 0);
      return [{ triggerId, what: 'name', label: '', expected, count, nearest: nearest(expected, this.#names) }];
    });
  }
}

function withUnmet(before: readonly UnmetTally[], { what, label, expected, actual }: Unmet): readonly UnmetTally[] {
  const isIt = (one: UnmetTally): boolean =>
    one.what === what && one.label === label && one.expected.join('\n') === expected.join('\n');
  const found = before.find(isIt) ?? { what, label, expected, count: 0, values: {} };
  const values = new Map(Object.entries(found.values));
  if (actual !== null && (values.has(actual) || values.size < VALUES_MAX))
    values.set(actual, (values.get(actual) ?? 0) + 1);
  const counted = { ...found, count: found.count + 1, values: Object.fromEntries(values) };
  return [...before.filter((one) => !isIt(one)), counted];
}

/** The most alike first, then the most frequent. */
function nearest(expected: readonly string[], values: ReadonlyMap<string, number>): readonly SeenValue[] {
  const alike = expected.flatMap((pattern) => nearestWord(pattern, values.keys()) ?? []);
  const frequent = [...values].toSorted(([, a], [, b]) => b - a).map(([value]) => value);
  return [...new Set([...alike, ...frequent])]
    .slice(0, NEAREST_MAX)
    .map((value) => ({ value, count: values.get(value) ?? 0 }));
}
