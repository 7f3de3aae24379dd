/** Which resources a trigger looks at, by their labels. */

/** Labels, each with the patterns of which one has to match its value: `*`, `?`, and a leading `!` that turns it. */
export type LabelMatch = readonly (readonly [label: string, patterns: readonly string[]])[];

export interface ResourceMatch {
  readonly match: LabelMatch;
  /** Each of them must hold for some related resource. */
  readonly matchRelated: readonly LabelMatch[];
}

type Json = Readonly<Record<string, unknown>>;

/** From the JSON of a trigger. */
export function readResourceMatch({ match, match_related: related }: Json): ResourceMatch {
  return { match: labelsOf(match), matchRelated: (Array.isArray(related) ? related : [related]).map(labelsOf) };
}

function labelsOf(value: unknown): LabelMatch {
  return Object.entries((value ?? {}) as Json).map(([label, patterns]) => [
    label,
    typeof patterns === 'string' ? [patterns] : textsOf(patterns),
  ]);
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
