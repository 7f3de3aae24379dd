/** Templates over parameters: names of runs, names of results. */

import { OstinatoError } from './errors.ts';

// `{{` and `}}` stand for the braces themselves, as in Python's templates, which users may bring.
const PIECE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/**
 * Fills in `{parameter}` and `{parameter.field}`: text as it is, a date as ISO time, anything else as JSON. `bad-input`
 * when the template names an unknown parameter or has a lone brace.
 *
 * @param what how errors name the template, for instance `run name`
 */
export function renderTemplate(what: string, template: string, parameters: Readonly<Record<string, unknown>>): string {
  return template.replace(PIECE, (piece: string, path: string | undefined) => {
    if (piece === '{{') return '{';
    if (piece === '}}') return '}';
    if (path === undefined) {
      throw new OstinatoError('bad-input', `The ${what} template ${JSON.stringify(template)} has a lone "${piece}".`, {
        remedy: 'Write {parameter} to fill a parameter in, {{ or }} for a brace.',
      });
    }
    return show(lookUp(what, template, path.trim(), parameters));
  });
}

function lookUp(what: string, template: string, path: string, parameters: Readonly<Record<string, unknown>>): unknown {
  let value: unknown = parameters;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      const known = Object.keys(parameters).join(', ') || 'none';
      throw new OstinatoError(
        'bad-input',
        `The ${what} template ${JSON.stringify(template)} names {${path}}, which is not among the parameters.`,
        { remedy: `Known parameters: ${known}.` },
      );
    }
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Cycles or big integers in the value: a name must not keep a run from starting.
    return Array.isArray(value) ? `${value.length} items` : 'object';
  }
}
