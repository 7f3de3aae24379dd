/**
 * Messages about a value's problems in the wording of Python's `jsonschema`, which Prefect's clients and pages show.
 */

import type { ErrorObject } from 'ajv/dist/2020.js';

export function reasonOf({ keyword, params, data, schema, message }: ErrorObject): string {
  const given = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'required':
      return `${python(given['missingProperty'])} is a required property`;
    case 'type':
      return `${python(data)} is not of type ${[given['type']].flat().map(python).join(', ')}`;
    case 'enum':
      return `${python(data)} is not one of ${python(given['allowedValues'])}`;
    case 'const':
      return `${python(given['allowedValue'])} was expected`;
    case 'additionalProperties':
      return `Additional properties are not allowed (${unexpected(given['additionalProperty'])})`;
    case 'minimum':
      return `${python(data)} is less than the minimum of ${python(schema)}`;
    case 'maximum':
      return `${python(data)} is greater than the maximum of ${python(schema)}`;
    case 'exclusiveMinimum':
      return `${python(data)} is less than or equal to the minimum of ${python(schema)}`;
    case 'exclusiveMaximum':
      return `${python(data)} is greater than or equal to the maximum of ${python(schema)}`;
    case 'minLength':
    case 'minItems':
      return schema === 1 ? `${python(data)} should be non-empty` : `${python(data)} is too short`;
    case 'maxLength':
    case 'maxItems':
      return schema === 0 ? `${python(data)} is expected to be empty` : `${python(data)} is too long`;
    case 'minProperties':
      return schema === 1 ? `${python(data)} should be non-empty` : `${python(data)} does not have enough properties`;
    case 'maxProperties':
      return `${python(data)} has too many properties`;
    case 'contains':
      return `${python(data)} does not contain items matching the given schema`;
    case 'not':
      return `${python(data)} should not be valid under ${python(schema)}`;
    case 'dependentRequired':
      return `${python(given['missingProperty'])} is a dependency of ${python(given['property'])}`;
    case 'unevaluatedProperties':
      return `Unevaluated properties are not allowed (${python(given['unevaluatedProperty'])} was unexpected)`;
    case 'false schema':
      return `False schema does not allow ${python(data)}`;
    case 'format':
      return `${python(data)} is not a ${python(schema)}`;
    case 'pattern':
      return `${python(data)} does not match ${python(schema)}`;
    case 'multipleOf':
      return `${python(data)} is not a multiple of ${python(schema)}`;
    case 'uniqueItems':
      return `${python(data)} has non-unique elements`;
    case 'anyOf':
    case 'oneOf':
      return `${python(data)} is not valid under any of the given schemas`;
    default:
      return message ?? keyword;
  }
}

/** One, or a list of them. */
function unexpected(names: unknown): string {
  return `${[names].flat().map(python).join(', ')} ${Array.isArray(names) && names.length > 1 ? 'were' : 'was'} unexpected`;
}

/** The value as Python prints it. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"')
      ? `"${value}"`
      : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${python(key)}: ${python(item)}`)
      .join(', ')}}`;
  return String(value);
}
