/** JSON schemas (draft 2020-12) with ajv; what is wrong is said in the words of Python's `jsonschema`, which Prefect's clients show. */

import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';

import { OstinatoError } from '../core/errors.ts';

type Schema = Record<string, unknown>;

/** Loaded with the first schema: most servers never see one, and its 110 modules would be a tenth of their start. */
function compiler(): typeof Ajv2020 {
  return (createRequire(import.meta.url)('ajv/dist/2020.js') as { readonly Ajv2020: typeof Ajv2020 }).Ajv2020;
}

/** `null`: the value fits. `bad-input` when the schema is none. */
export function checkJson(schema: unknown, value: unknown): { readonly at: string; readonly reason: string } | null {
  // One compiler a schema: schemas of different users may have the same `$id`. Nothing is fetched.
  const ajv = new (compiler())({ strict: false, validateFormats: false, verbose: true, logger: false });
  let isValid: boolean;
  let errors: readonly ErrorObject[];
  try {
    const validate = ajv.compile(preprocessed(schema));
    isValid = validate(value);
    errors = validate.errors ?? [];
  } catch (error) {
    if (error instanceof RangeError) {
      throw new OstinatoError('bad-input', 'Invalid schema: Unable to validate schema with circular references.', { cause: error });
    }
    return { at: '', reason: error instanceof Error ? error.message : String(error) };
  }
  // Of a choice, none of whose parts fit, the choice is what is wrong.
  const first = errors.find(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf') ?? errors[0];
  return isValid || first === undefined ? null : { at: pathOf(first.instancePath), reason: reasonOf(first) };
}

/** Pydantic 1 writes neither nullable fields nor tuples as this draft has them. */
function preprocessed(schema: unknown): boolean | Schema {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) throw new OstinatoError('bad-input', 'The schema is no JSON object.');
  const copy = structuredClone(schema);
  fixProperties(copy);
  if (isObject(copy['definitions'])) for (const definition of Object.values(copy['definitions'])) if (isObject(definition)) fixProperties(definition);
  return copy;
}

function fixProperties(schema: Schema): void {
  if (!isObject(schema['properties'])) return;
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  for (const [name, property] of Object.entries(schema['properties'])) {
    if (!isObject(property)) continue;
    if (!required.includes(name) && 'type' in property && property['type'] !== 'null' && !('default' in property)) {
      property['anyOf'] = [{ type: property['type'] }, { type: 'null' }];
      delete property['type'];
    }
    if (Array.isArray(property['items']) && property['items'].length > 0 && !property['prefixItems']) {
      property['prefixItems'] = property['items'];
      delete property['items'];
    }
    fixProperties(property);
  }
}

/** `/list/1/name` as `list[1].name`. */
function pathOf(pointer: string): string {
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function reasonOf({ keyword, params, data, schema, message }: ErrorObject): string {
  const given = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'required': return `${python(given['missingProperty'])} is a required property`;
    case 'type': return `${python(data)} is not of type ${[given['type']].flat().map(python).join(', ')}`;
    case 'enum': return `${python(data)} is not one of ${python(given['allowedValues'])}`;
    case 'const': return `${python(given['allowedValue'])} was expected`;
    case 'additionalProperties': return `Additional properties are not allowed (${python(given['additionalProperty'])} was unexpected)`;
    case 'minimum': return `${python(data)} is less than the minimum of ${python(schema)}`;
    case 'maximum': return `${python(data)} is greater than the maximum of ${python(schema)}`;
    case 'exclusiveMinimum': return `${python(data)} is less than or equal to the minimum of ${python(schema)}`;
    case 'exclusiveMaximum': return `${python(data)} is greater than or equal to the maximum of ${python(schema)}`;
    case 'minLength': case 'minItems': return schema === 1 ? `${python(data)} should be non-empty` : `${python(data)} is too short`;
    case 'maxLength': case 'maxItems': return `${python(data)} is too long`;
    case 'pattern': return `${python(data)} does not match ${python(schema)}`;
    case 'multipleOf': return `${python(data)} is not a multiple of ${python(schema)}`;
    case 'uniqueItems': return `${python(data)} has non-unique elements`;
    case 'anyOf': case 'oneOf': return `${python(data)} is not valid under any of the given schemas`;
    default: return message ?? keyword;
  }
}

/** As Python shows the value. */
function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (isObject(value)) return `{${Object.entries(value).map(([key, item]) => `${python(key)}: ${python(item)}`).join(', ')}}`;
  return String(value);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
