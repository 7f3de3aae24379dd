/** Parameters of runs that an automation starts: whether they can come about. */

import { hydrate, StandIn } from '../../core/hydration.ts';
import type { Findings } from './kinds.ts';

type Dictionary = Readonly<Record<string, unknown>>;

const KIND = '__prefect_kind';

export function mayBeTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}

/** In the words of Prefect's server; `null`: they can. What is in lists is looked at when it is used, as there. */
export function parametersProblem(parameters: Dictionary, { templateProblem }: Findings): string | null {
  const hydrated = hydrate(withKinds(parameters), {
    parseJson: (text) => JSON.parse(text) as unknown,
    variable: () => new StandIn(null),
    renderTemplate: (template) => new StandIn(jinjaProblem(templateProblem(template))),
    standIn: (problem) => new StandIn(problem),
  });
  const problems = problemsIn(hydrated, '');
  if (problems.length === 0) return null;
  return `Invalid parameters: \n${problems.map(([name, problem]) => `${name === '' ? '' : `${name}:`} ${problem}`).join('\n  ')}`;
}

function jinjaProblem(problem: string | null): string | null {
  return problem === null ? null : `Invalid jinja: ${problem}`;
}

function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text with a template in it is one, though nothing says so. */
function withKinds(value: Dictionary): Dictionary {
  const kindOf = (item: unknown): unknown => {
    if (typeof item === 'string') return mayBeTemplate(item) ? { [KIND]: 'jinja', template: item } : item;
    return isDictionary(item) && !(KIND in item) ? withKinds(item) : item;
  };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, Array.isArray(item) ? item.map(kindOf) : kindOf(item)]),
  );
}

function problemsIn(value: unknown, prefix: string): (readonly [string, string])[] {
  if (value instanceof StandIn) return value.problem === null ? [] : [[prefix, value.problem]];
  if (!isDictionary(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => problemsIn(item, prefix === '' ? key : `${prefix}.${key}`));
}
