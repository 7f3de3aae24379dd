/**
 * Triggers of automations, as they are evaluated: read from the JSON that is kept with an automation (ADR 071).
 * Source: Prefect 3.9.1, `server/events/schemas/automations.py`.
 */

import { readResourceMatch, textsOf, type ResourceMatch } from './label-match.ts';
import { microseconds, readMetric, readStay, type RunTrigger } from './run-trigger.ts';

export type Posture = 'Reactive' | 'Proactive' | 'Metric';

/** Fires when events come (`Reactive`), or when they do not (`Proactive`). */
export interface EventTrigger extends ResourceMatch {
  readonly type: 'event';
  readonly id: string;
  /** Names of events, with wildcards, that open a window; none: it is always open. */
  readonly after: readonly string[];
  /** Names of events, with wildcards, that count; none: all do. */
  readonly expect: readonly string[];
  /** Labels whose values are counted apart, sorted; `related:<role>:<label>` for a related resource's. */
  readonly forEach: readonly string[];
  readonly posture: Exclude<Posture, 'Metric'>;
  readonly threshold: number;
  /** Microseconds; 0: each event counts when it comes. */
  readonly withinUs: number;
}

/** Fires when some of its triggers have, in any order (`compound`) or in theirs (`sequence`). */
export interface CompositeTrigger {
  readonly type: 'compound' | 'sequence';
  readonly id: string;
  /** How many of its triggers have to fire. */
  readonly required: number;
  /** Microseconds after which a firing counts no more; `null`: never. */
  readonly withinUs: number | null;
  readonly triggers: readonly Trigger[];
}

/** One that has no triggers in it. */
export type SingleTrigger = EventTrigger | RunTrigger;

export type Trigger = SingleTrigger | CompositeTrigger;

/** A trigger, and those around it, the nearest first. */
export interface PlacedTrigger<Single extends SingleTrigger = SingleTrigger> {
  readonly trigger: Single;
  readonly around: readonly CompositeTrigger[];
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a trigger as it is kept; `null`: of a kind that only a newer program knows. */
export function readTrigger(text: string): Trigger | null {
  return triggerOf(JSON.parse(text) as Json);
}

function triggerOf(json: Json): Trigger | null {
  const id = String(json['id']);
  switch (json['type']) {
    case 'event':
      return readStay(json, matchOf(json)) ?? eventTriggerOf(json);
    case 'metric':
      return readMetric(json, matchOf(json));
    case 'compound':
    case 'sequence': {
      const triggers = Array.isArray(json['triggers']) ? (json['triggers'] as readonly Json[]).map(triggerOf) : [];
      const { type, require: required } = json as {
        readonly type: CompositeTrigger['type'];
        readonly require: unknown;
      };
      const within = json['within'];
      return {
        type,
        id,
        required: required === 'any' ? 1 : typeof required === 'number' ? required : triggers.length,
        withinUs: within === null || within === undefined ? null : microseconds(within),
        triggers: triggers.filter((trigger) => trigger !== null),
      };
    }
    default:
      return null;
  }
}

function matchOf(json: Json): ResourceMatch & { readonly id: string } {
  return { id: String(json['id']), ...readResourceMatch(json) };
}

function eventTriggerOf(json: Json): EventTrigger {
  return {
    type: 'event',
    ...matchOf(json),
    after: textsOf(json['after']),
    expect: textsOf(json['expect']),
    forEach: textsOf(json['for_each']).toSorted(byCodePoints),
    posture: json['posture'] === 'Proactive' ? 'Proactive' : 'Reactive',
    threshold: Number(json['threshold']),
    withinUs: microseconds(json['within']),
  };
}

/** As Python sorts texts. */
function byCodePoints(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  for (const [index, character] of a.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The single triggers in it, in its order. */
export function placedTriggers(trigger: Trigger, around: readonly CompositeTrigger[] = []): readonly PlacedTrigger[] {
  if (!('triggers' in trigger)) return [{ trigger, around }];
  return trigger.triggers.flatMap((part) => placedTriggers(part, [trigger, ...around]));
}
