/**
 * Triggers of automations, as they are evaluated: read from the JSON that is kept with an automation (ADR 071).
 * Source: Prefect 3.9.1, `server/events/schemas/automations.py`.
 */

/** Labels, each with the patterns of which one has to match its value: `*`, `?`, and a leading `!` that turns it. */
export type LabelMatch = readonly (readonly [label: string, patterns: readonly string[]])[];

export type Posture = 'Reactive' | 'Proactive';

/** Fires when events come (`Reactive`), or when they do not (`Proactive`). */
export interface EventTrigger {
  readonly type: 'event';
  readonly id: string;
  readonly match: LabelMatch;
  /** Each of them must hold for some related resource. */
  readonly matchRelated: readonly LabelMatch[];
  /** Names of events, with wildcards, that open a window; none: it is always open. */
  readonly after: readonly string[];
  /** Names of events, with wildcards, that count; none: all do. */
  readonly expect: readonly string[];
  /** Labels whose values are counted apart, sorted; `related:<role>:<label>` for a related resource's. */
  readonly forEach: readonly string[];
  readonly posture: Posture;
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

export type Trigger = EventTrigger | CompositeTrigger;

/** A trigger, and those around it, the nearest first. */
export interface PlacedTrigger {
  readonly trigger: EventTrigger;
  readonly around: readonly CompositeTrigger[];
}

type Json = Readonly<Record<string, unknown>>;

const US_PER_SECOND = 1_000_000;

/** Reads a trigger as it is kept; `null`: of a kind that does not act, as those on metrics. */
export function readTrigger(text: string): Trigger | null {
  return triggerOf(JSON.parse(text) as Json);
}

function triggerOf(json: Json): Trigger | null {
  const id = String(json['id']);
  switch (json['type']) {
    case 'event':
      return {
        type: 'event',
        id,
        match: labelsOf(json['match']),
        matchRelated: (Array.isArray(json['match_related']) ? json['match_related'] : [json['match_related']]).map(
          labelsOf,
        ),
        after: textsOf(json['after']),
        expect: textsOf(json['expect']),
        forEach: textsOf(json['for_each']).toSorted(byCodePoints),
        posture: json['posture'] === 'Proactive' ? 'Proactive' : 'Reactive',
        threshold: Number(json['threshold']),
        withinUs: microseconds(json['within']),
      };
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

function microseconds(seconds: unknown): number {
  return Math.round(Number(seconds ?? 0) * US_PER_SECOND);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function labelsOf(value: unknown): LabelMatch {
  return Object.entries((value ?? {}) as Json).map(([label, patterns]) => [
    label,
    typeof patterns === 'string' ? [patterns] : textsOf(patterns),
  ]);
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

/** The event triggers in it, in its order. */
export function placedTriggers(trigger: Trigger, around: readonly CompositeTrigger[] = []): readonly PlacedTrigger[] {
  if (trigger.type === 'event') return [{ trigger, around }];
  return trigger.triggers.flatMap((part) => placedTriggers(part, [trigger, ...around]));
}
