/**
 * Values that are computed from a description: `{"__prefect_kind": "json", "value": "…"}` is the parsed text,
 * `workspace_variable` the value of a variable, `jinja` a rendered template, `none` (and whatever else) the value
 * itself. They may stand anywhere in what people give as parameters or inputs. Source: Prefect 3
 * `utilities/schema_tools/hydration.py`.
 */

import { OstinatoError } from './errors.ts';
import { inWrittenOrder } from './written-order.ts';

export interface Hydration {
  /** Parses JSON and keeps the exact text of its numbers. */
  readonly parseJson: (text: string) => unknown;
  /** `undefined`: there is no such variable. */
  readonly variable: (name: string) => unknown;
  /** Absent: templates cannot be rendered here. @throws Error with the reason when a template is wrong */
  readonly renderTemplate?: ((template: string) => unknown) | undefined;
  /** Makes the substitute for a value that cannot be computed. Absent: that is an error. */
  readonly standIn?: ((problem: string) => StandIn) | undefined;
}

/** Substitute for a value that is computed later, or never. */
export class StandIn {
  readonly #problem: string | null;

  /** @param problem why the value cannot be computed; `null`: it can */
  constructor(problem: string | null) {
    this.#problem = problem;
  }

  get problem(): string | null {
    return this.#problem;
  }
}

const KIND = '__prefect_kind';
/** Marks a value that is removed from its container. */
const LEFT_OUT = Symbol('left out');

type Dictionary = Readonly<Record<string, unknown>>;

/** @throws `bad-input` for a value that cannot be computed and has no substitute */
export function hydrate(value: unknown, hydration: Hydration): unknown {
  const hydrated = hydrateAny(value, hydration);
  return hydrated === LEFT_OUT ? {} : hydrated;
}

function hydrateAny(value: unknown, hydration: Hydration): unknown {
  if (Array.isArray(value)) return value.map((item) => hydrateAny(item, hydration)).filter((item) => item !== LEFT_OUT);
  if (!isDictionary(value)) return value;
  if (KIND in value) return hydrateKind(value, hydration);
  const entries = Object.entries(value).map(([key, item]) => [key, hydrateAny(item, hydration)] as const);
  return inWrittenOrder(entries.filter(([, item]) => item !== LEFT_OUT));
}

function hydrateKind(value: Dictionary, hydration: Hydration): unknown {
  switch (value[KIND]) {
    case 'none':
      if (!('value' in value)) return missing('value', hydration);
      return hydrateAny(value['value'], hydration);
    case 'json':
      return 'value' in value ? parsed(inner(value['value'], hydration), hydration) : LEFT_OUT;
    case 'workspace_variable':
      return 'variable_name' in value ? variable(inner(value['variable_name'], hydration), hydration) : LEFT_OUT;
    case 'jinja':
      if (!('template' in value)) return missing('template', hydration);
      return rendered(inner(value['template'], hydration), hydration);
    default:
      return value['value'] ?? null;
  }
}

/** The operand of a kind may be a description, too. */
function inner(operand: unknown, hydration: Hydration): unknown {
  return isDictionary(operand) ? hydrateAny(operand, hydration) : operand;
}

function parsed(operand: unknown, hydration: Hydration): unknown {
  if (typeof operand !== 'string') return operand;
  try {
    return hydration.parseJson(operand);
  } catch (error) {
    return unusable(`Invalid JSON: ${error instanceof Error ? error.message : String(error)}`, hydration, error);
  }
}

function variable(operand: unknown, hydration: Hydration): unknown {
  if (operand === LEFT_OUT || operand instanceof StandIn) return operand;
  const value = typeof operand === 'string' ? hydration.variable(operand) : undefined;
  return value === undefined ? unusable(`Variable '${String(operand)}' not found in workspace.`, hydration) : value;
}

function rendered(operand: unknown, hydration: Hydration): unknown {
  const { renderTemplate } = hydration;
  if (operand === LEFT_OUT || operand instanceof StandIn) return operand;
  if (typeof operand !== 'string') return unusable('Invalid jinja: the template is no text', hydration);
  if (!/\{[{%#]/.test(operand)) return operand;
  if (renderTemplate === undefined) return unusable('Invalid jinja: this server does not render templates', hydration);
  try {
    return renderTemplate(operand);
  } catch (error) {
    return unusable(`Invalid jinja: ${error instanceof Error ? error.message : String(error)}`, hydration, error);
  }
}

/** Numbers that are kept as text are objects, too, but have no members. */
function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}

function missing(key: string, hydration: Hydration): StandIn {
  return unusable(`Missing '${key}' key in __prefect object`, hydration);
}

function unusable(message: string, { standIn }: Hydration, cause?: unknown): StandIn {
  if (standIn !== undefined) return standIn(message);
  throw new OstinatoError('bad-input', message, cause === undefined ? {} : { cause });
}
