/**
 * Values that say how they come about: `{"__prefect_kind": "json", "value": "…"}` is the parsed text, `workspace_variable`
 * the value of a variable, `jinja` a rendered template, `none` (and whatever else) the value itself. They may stand anywhere
 * in what people give as parameters or inputs. Source: Prefect 3 `utilities/schema_tools/hydration.py`.
 */

import { OstinatoError } from './errors.ts';

export interface Hydration {
  /** Parses JSON so that its numbers are written again as they were. */
  readonly parseJson: (text: string) => unknown;
  /** `undefined`: there is no variable of that name. */
  readonly variable: (name: string) => unknown;
  /** Absent: templates cannot be rendered here. @throws Error with the reason when a template is wrong */
  readonly renderTemplate?: ((template: string) => string) | undefined;
}

const KIND = '__prefect_kind';
/** Stands for a value that is left out of what it is part of. */
const LEFT_OUT = Symbol('left out');

type Dictionary = Readonly<Record<string, unknown>>;

/** @throws `bad-input` for a value that cannot come about */
export function hydrate(value: unknown, hydration: Hydration): unknown {
  const hydrated = hydrateAny(value, hydration);
  return hydrated === LEFT_OUT ? {} : hydrated;
}

function hydrateAny(value: unknown, hydration: Hydration): unknown {
  if (Array.isArray(value)) return value.map((item) => hydrateAny(item, hydration)).filter((item) => item !== LEFT_OUT);
  if (!isDictionary(value)) return value;
  if (KIND in value) return hydrateKind(value, hydration);
  const entries = Object.entries(value).map(([key, item]) => [key, hydrateAny(item, hydration)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== LEFT_OUT));
}

function hydrateKind(value: Dictionary, hydration: Hydration): unknown {
  switch (value[KIND]) {
    case 'none':
      if (!('value' in value)) throw missing('value');
      return hydrateAny(value['value'], hydration);
    case 'json':
      return 'value' in value ? parsed(inner(value['value'], hydration), hydration) : LEFT_OUT;
    case 'workspace_variable':
      return 'variable_name' in value ? variable(inner(value['variable_name'], hydration), hydration) : LEFT_OUT;
    case 'jinja':
      if (!('template' in value)) throw missing('template');
      return rendered(inner(value['template'], hydration), hydration);
    default:
      return value['value'] ?? null;
  }
}

/** The operand of a kind may itself come about so. */
function inner(operand: unknown, hydration: Hydration): unknown {
  return isDictionary(operand) ? hydrateAny(operand, hydration) : operand;
}

function parsed(operand: unknown, { parseJson }: Hydration): unknown {
  if (typeof operand !== 'string') return operand;
  try {
    return parseJson(operand);
  } catch (error) {
    throw unusable(`Invalid JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function variable(operand: unknown, hydration: Hydration): unknown {
  if (operand === LEFT_OUT) return LEFT_OUT;
  const value = typeof operand === 'string' ? hydration.variable(operand) : undefined;
  if (value === undefined) throw unusable(`Variable '${String(operand)}' not found in workspace.`);
  return value;
}

function rendered(operand: unknown, { renderTemplate }: Hydration): unknown {
  if (operand === LEFT_OUT) return LEFT_OUT;
  if (typeof operand !== 'string') throw unusable('Invalid jinja: the template is no text');
  if (!/\{[{%#]/.test(operand)) return operand;
  if (renderTemplate === undefined) throw unusable('Invalid jinja: this server does not render templates');
  try {
    return renderTemplate(operand);
  } catch (error) {
    throw unusable(`Invalid jinja: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** Numbers that are kept by their text are objects, too, but nothing to look into. */
function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}

function missing(key: string): OstinatoError {
  return unusable(`Missing '${key}' key in __prefect object`);
}

function unusable(message: string, cause?: unknown): OstinatoError {
  return new OstinatoError('bad-input', message, cause === undefined ? {} : { cause });
}
