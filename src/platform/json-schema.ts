/**
 * JSON schemas (draft 2020-12) with ajv; problems are worded as by Python's `jsonschema`, which Prefect's clients show.
 */

import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';

import { OstinatoError } from '../core/errors.ts';
import { FORMATS } from './json-formats.ts';
import { reasonOf } from './json-schema-messages.ts';

export type Schema = Record<string, unknown>;

/** Loaded with the first schema: most servers never see one, and its 110 modules would be a tenth of their start. */
function compiler(): typeof Ajv2020 {
  return (createRequire(import.meta.url)('ajv/dist/2020.js') as { readonly Ajv2020: typeof Ajv2020 }).Ajv2020;
}

/**
 * One compiler for each schema: schemas of different users may have the same `$id`. Nothing is fetched.
 * @param every report all problems, including formats, not just the first
 */
export function compilerOf(every: boolean): Ajv2020 {
  return new (compiler())({
    strict: false,
    verbose: true,
    logger: false,
    allErrors: every,
    validateFormats: every,
    validateSchema: !every,
    code: { regExp },
    ...(every ? { formats: FORMATS } : {}),
  });
}

/** Most problems of one value. */
const PROBLEMS_MAX = 50;

export interface JsonMisfit {
  /** The place of the first problem, for instance `list[1].name`; empty for the whole value. */
  readonly at: string;
  readonly reason: string;
  /** All problems: names and indices from the outside in. */
  readonly problems: readonly { readonly path: readonly string[]; readonly reason: string }[];
}

/** What of a schema, as it was written, is compiled. */
export type Prepare = (schema: unknown) => boolean | Schema;

/** `null`: the value fits. `bad-input` when the schema is invalid. */
export function checkJson(
  schema: unknown,
  value: unknown,
  prepare: Prepare = (given) => preprocessed(given),
): JsonMisfit | null {
  let errors: readonly ErrorObject[];
  let first: ErrorObject | undefined;
  try {
    const prepared = prepare(schema);
    errors = errorsOf(prepared, value, false);
    // If no part of a choice fits, the choice is the problem.
    first = errors.find(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf') ?? errors[0];
    if (first === undefined) return null;
    errors = errorsOf(prepared, value, true);
  } catch (error) {
    if (error instanceof RangeError) throw circularSchema(error);
    return { at: '', reason: error instanceof Error ? error.message : String(error), problems: [] };
  }
  return { at: pathOf(first.instancePath), reason: reasonOf(first), problems: problemsOf(errors) };
}

/** @param every all problems, not just the first; formats are left out, as they refuse nothing */
function errorsOf(schema: boolean | Schema, value: unknown, every: boolean): readonly ErrorObject[] {
  const validate = compilerOf(every).compile(schema);
  return validate(value) === true ? [] : (validate.errors ?? []).filter(({ keyword }) => keyword !== 'format');
}

/**
 * Problems inside the parts of a choice are left out in favour of the choice. A missing member is reported at that
 * member.
 */
function problemsOf(errors: readonly ErrorObject[]): JsonMisfit['problems'] {
  const choices = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .map(({ schemaPath }) => `${schemaPath}/`);
  const own = errors.filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(choice)));
  return (own.length === 0 ? errors : own).slice(0, PROBLEMS_MAX).map((error) => {
    const missing =
      error.keyword === 'required'
        ? [String((error.params as Readonly<Record<string, unknown>>)['missingProperty'])]
        : [];
    return { path: [...partsOf(error.instancePath), ...missing], reason: reasonOf(error) };
  });
}

/** Why the schema is none; `null`: it is one. What it refers to is not looked for. */
export function schemaProblem(schema: unknown): string | null {
  if (typeof schema === 'boolean') return null;
  if (!isObject(schema)) return 'The schema is no JSON object.';
  const ajv = compilerOf(false);
  if (ajv.validateSchema(schema) === true) return null;
  const errors = ajv.errors ?? [];
  const first = errors.find(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf') ?? errors[0];
  return first === undefined ? 'It is no JSON schema.' : reasonOf(first);
}

export function circularSchema(cause: RangeError): OstinatoError {
  return new OstinatoError('bad-input', 'Invalid schema: Unable to validate schema with circular references.', {
    cause,
  });
}

/**
 * Translates Python's named groups and anchors. A pattern that the strict `u` mode refuses, for a needless escape, is
 * compiled without it.
 */
function compilePattern(pattern: string): RegExp {
  const known = pattern.replaceAll('(?P<', '(?<').replaceAll(/\\[AZ]/g, (anchor) => (anchor === '\\A' ? '^' : '$'));
  try {
    return new RegExp(known, 'u');
  } catch {
    return new RegExp(known);
  }
}
/** The code is never written out. */
const regExp = Object.assign(compilePattern, { code: 'compilePattern' });

/** Nothing is required of the members any more, but where it tells the parts of a choice from each other. */
export function withoutRequired<Part>(schema: Part): Part {
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      // A member may have that name, too.
      .filter(([name, part]) => name !== 'required' || !Array.isArray(part))
      .map(([name, part]) => [name, withoutRequired(part)]),
  ) as Part;
}

/**
 * Accepts nullable fields and tuples as Pydantic 1 writes them, which differs from this draft.
 * @param areDefaultsNullable whether also a field with a default may be `null`
 */
export function preprocessed(schema: unknown, areDefaultsNullable = false): boolean | Schema {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) throw new OstinatoError('bad-input', 'The schema is no JSON object.');
  const copy = structuredClone(schema);
  fixProperties(copy, areDefaultsNullable);
  const definitions = isObject(copy['definitions']) ? copy['definitions'] : {};
  for (const definition of Object.values(definitions).filter(isObject)) {
    fixProperties(definition, areDefaultsNullable);
    if ('block_type_slug' in definition && typeof definition['title'] === 'string')
      definitions[definition['title']] = { oneOf: [definition, BLOCK_REFERENCE] };
  }
  return copy;
}

/** A block is given by its fields, or by the id of its document. */
const BLOCK_REFERENCE = {
  type: 'object',
  required: ['$ref'],
  properties: {
    $ref: {
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
      ],
    },
  },
};

function fixProperties(schema: Schema, areDefaultsNullable: boolean): void {
  if (!isObject(schema['properties'])) return;
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  for (const [name, property] of Object.entries(schema['properties'])) {
    if (!isObject(property)) continue;
    const isNullable = !required.includes(name) && (areDefaultsNullable || !('default' in property));
    if (isNullable && 'type' in property && property['type'] !== 'null') {
      property['anyOf'] = [{ type: property['type'] }, { type: 'null' }];
      delete property['type'];
    }
    if (Array.isArray(property['items']) && property['items'].length > 0 && !property['prefixItems']) {
      property['prefixItems'] = property['items'];
      delete property['items'];
    }
    fixProperties(property, areDefaultsNullable);
  }
}

/** `/list/1/name` as `list[1].name`. */
function pathOf(pointer: string): string {
  return partsOf(pointer)
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

export function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
