/**
 * Which fields a form has, from a JSON schema as Pydantic and zod write them. What a form does not know is a field of
 * JSON. Pure.
 */
import { WrittenNumber } from '../../api/lossless-json.ts';

export interface FieldBase {
  /** Key in its object; empty for items of a list and for the whole. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  /** Must be there; what is left empty is left out of it otherwise. */
  readonly isRequired: boolean;
  /** May be null: what is left empty. */
  readonly isNullable: boolean;
  /** `undefined`: none. Numbers as they were written. */
  readonly preset: unknown;
}

export type Field = FieldBase &
  (
    | { readonly kind: 'text' | 'number' | 'integer' | 'boolean' | 'date' | 'date-time' | 'json' }
    | { readonly kind: 'choice'; readonly choices: readonly unknown[] }
    | { readonly kind: 'list'; readonly item: Field }
    | { readonly kind: 'object'; readonly fields: readonly Field[] }
  );

type Schema = Readonly<Record<string, unknown>>;

/** Deeper than this nobody fills in field by field, and schemas may refer to themselves. */
const DEPTH_MAX = 6;
/** More of them are no form any more. */
const FIELDS_MAX = 200;

/** @param schema of an object; of anything else there is one field of JSON */
export function fieldOf(schema: unknown): Field {
  return read(schema, { root: schema, depth: 0 }, { key: '', isRequired: true });
}

interface Context {
  readonly root: unknown;
  readonly depth: number;
}

interface Place {
  readonly key: string;
  readonly isRequired: boolean;
}

function read(given: unknown, context: Context, { key, isRequired }: Place): Field {
  const { schema, isNullable } = settled(given, context);
  const title = typeof schema['title'] === 'string' ? schema['title'] : key;
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  const base: FieldBase = { key, title, description, isRequired, isNullable, preset: schema['default'] };
  if (context.depth >= DEPTH_MAX) return { ...base, kind: 'json' };
  if ('const' in schema) return { ...base, kind: 'choice', choices: [schema['const']] };
  if (Array.isArray(schema['enum'])) return { ...base, kind: 'choice', choices: schema['enum'] };
  switch (schema['type']) {
    case 'string':
      return {
        ...base,
        kind: schema['format'] === 'date' || schema['format'] === 'date-time' ? schema['format'] : 'text',
      };
    case 'number':
    case 'integer':
    case 'boolean':
      return { ...base, kind: schema['type'] };
    case 'array':
      return listField(base, schema, context);
    case 'object':
      return objectField(base, schema, context);
    default:
      return { ...base, kind: 'json' };
  }
}

function listField(base: FieldBase, schema: Schema, { root, depth }: Context): Field {
  if (!isSchema(schema['items']) || schema['prefixItems'] !== undefined) return { ...base, kind: 'json' };
  return {
    ...base,
    kind: 'list',
    item: read(schema['items'], { root, depth: depth + 1 }, { key: '', isRequired: true }),
  };
}

function objectField(base: FieldBase, schema: Schema, { root, depth }: Context): Field {
  const properties = Object.entries(isSchema(schema['properties']) ? schema['properties'] : {});
  const isOpen = isSchema(schema['additionalProperties']) || schema['patternProperties'] !== undefined;
  if (properties.length === 0 || properties.length > FIELDS_MAX || isOpen) return { ...base, kind: 'json' };
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []);
  return {
    ...base,
    kind: 'object',
    fields: properties.map(([key, property]) =>
      read(property, { root, depth: depth + 1 }, { key, isRequired: required.has(key) }),
    ),
  };
}

/**
 * References followed, a single part taken for the whole, and null taken out of a choice. What is said beside counts
 * more.
 */
function settled(given: unknown, { root }: Context): { readonly schema: Schema; readonly isNullable: boolean } {
  let schema: Schema = isSchema(given) ? given : {};
  let isNullable = false;
  for (let step = 0; step < 20; step += 1) {
    const { $ref: ref, allOf, anyOf, oneOf, ...beside } = schema;
    const choice = anyOf ?? oneOf;
    if (typeof ref === 'string') schema = { ...referred(ref, root), ...beside };
    else if (Array.isArray(allOf) && allOf.length === 1 && isSchema(allOf[0])) schema = { ...allOf[0], ...beside };
    else if (Array.isArray(choice)) {
      const others = choice.filter((part) => !(isSchema(part) && part['type'] === 'null'));
      isNullable ||= others.length < choice.length;
      if (others.length !== 1 || !isSchema(others[0]))
        return { schema: constants(others, beside) ?? { ...beside, type: 'any' }, isNullable };
      schema = { ...others[0], ...beside };
    } else if (Array.isArray(schema['type'])) {
      const types = schema['type'].filter((type) => type !== 'null');
      isNullable ||= types.length < schema['type'].length;
      schema = { ...schema, type: types.length === 1 ? types[0] : 'any' };
    } else return { schema, isNullable };
  }
  return { schema: {}, isNullable };
}

/** A choice of values, each written as a schema of its own. */
function constants(parts: readonly unknown[], beside: Schema): Schema | null {
  return parts.length > 0 && parts.every((part) => isSchema(part) && 'const' in part)
    ? { ...beside, enum: parts.map((part) => (part as Schema)['const']) }
    : null;
}

function referred(ref: string, root: unknown): Schema {
  if (!ref.startsWith('#')) return {};
  let at: unknown = root;
  for (const part of ref
    .slice(1)
    .split('/')
    .filter((word) => word !== '')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Schema)[name] : undefined;
  }
  return isSchema(at) ? at : {};
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);
}
