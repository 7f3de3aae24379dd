/**
 * The builders of schemas. What they make and how it is typed is TypeBox's; what makes it is here, because the few
 * builders that the contracts use came with 680 modules, whose loading was a third of a server's start (0.4 s) and 30
 * MB of memory.
 *
 * A schema is plain JSON Schema. Only `~optional` says more, to the object that the schema stands in and to the API's
 * description. `type.test.ts` compares each builder with TypeBox's own.
 */

import type { Type as TypeBox } from 'typebox';

export type { Static, TSchema } from 'typebox';

type Facts = Readonly<Record<string, unknown>>;
type Builders = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Cyclic'
  | 'Enum'
  | 'Integer'
  | 'Intersect'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'Ref'
  | 'String'
  | 'Tuple'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>;

const OPTIONAL = '~optional';

/** Whether an object may go without a member of this schema. */
export function isOptional(schema: object): boolean {
  return OPTIONAL in schema;
}

const builders = {
  Array: (items: Facts, options: Facts = {}) => ({ type: 'array', items, ...options }),
  Boolean: (options: Facts = {}) => ({ type: 'boolean', ...options }),
  Cyclic: (definitions: Readonly<Record<string, Facts>>, name: string) => ({
    $defs: Object.fromEntries(Object.entries(definitions).map(([key, schema]) => [key, { ...schema, $id: key }])),
    $ref: name,
  }),
  Enum: (values: readonly (string | number)[], options: Facts = {}) => ({ enum: values, ...options }),
  Integer: (options: Facts = {}) => ({ type: 'integer', ...options }),
  Intersect: (parts: readonly Facts[], options: Facts = {}) => ({ allOf: parts, ...options }),
  Literal: (value: string | number | boolean, options: Facts = {}) => ({
    type: typeof value,
    const: value,
    ...options,
  }),
  Null: (options: Facts = {}) => ({ type: 'null', ...options }),
  Number: (options: Facts = {}) => ({ type: 'number', ...options }),
  Object(properties: Readonly<Record<string, Facts>>, options: Facts = {}) {
    const required = Object.keys(properties).filter((name) => !isOptional(properties[name] as Facts));
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options };
  },
  // Not to be seen in the schema as JSON, and not copied with its members: an object made from it is required again.
  Optional: (schema: Facts) => Object.defineProperty({ ...schema }, OPTIONAL, { value: true }),
  /** Keys are always any text. */
  Record: (_key: Facts, value: Facts, options: Facts = {}) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...options,
  }),
  Ref: (name: string) => ({ $ref: name }),
  String: (options: Facts = {}) => ({ type: 'string', ...options }),
  Tuple: (items: readonly Facts[], options: Facts = {}) => ({
    type: 'array',
    additionalItems: false,
    items,
    minItems: items.length,
    ...options,
  }),
  Union: (parts: readonly Facts[], options: Facts = {}) => ({ anyOf: parts, ...options }),
  Unknown: (options: Facts = {}) => ({ ...options }),
  Unsafe: (schema: Facts) => ({ ...schema }),
} satisfies Record<keyof Builders, unknown>;

export const Type = builders as unknown as Builders;
