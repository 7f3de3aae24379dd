/**
 * The kinds of value that a JSON Schema accepts: enough to convert a word on the command line.
 */

export type JsonSchema = Readonly<Record<string, unknown>>;
export type Kind = 'string' | 'number' | 'bigint' | 'date' | 'boolean' | 'null' | 'array' | 'object';

/** Most nested references: a schema may refer to itself. */
const DEPTH_MAX = 20;

export class Shape {
  /** The alternatives, with references resolved. `null`: any value. */
  readonly #choices: readonly JsonSchema[] | null;
  readonly #root: JsonSchema;

  constructor(schema: unknown, root: JsonSchema) {
    this.#root = root;
    this.#choices = choicesOf(schema, root, DEPTH_MAX);
  }

  /** `null`: unknown. */
  get kinds(): ReadonlySet<Kind> | null {
    if (this.#choices === null) return null;
    const kinds = new Set<Kind>();
    for (const choice of this.#choices) {
      const found = kindsOfChoice(choice);
      if (found === null) return null;
      for (const kind of found) kinds.add(kind);
    }
    return kinds;
  }

  /** The shape of a member or an item. */
  at(key: string | number): Shape {
    if (this.#choices === null) return ANY;
    const parts = this.#choices.map((choice) => partOf(choice, key)).filter((part) => part !== undefined);
    return parts.length === 0 ? ANY : new Shape({ anyOf: parts }, this.#root);
  }
}

export const ANY = new Shape({}, {});

function choicesOf(schema: unknown, root: JsonSchema, depth: number): readonly JsonSchema[] | null {
  if (!isObject(schema) || depth === 0) return null;
  const { $ref, anyOf, oneOf, allOf } = schema;
  if (typeof $ref === 'string') return choicesOf(refer($ref, root), root, depth - 1);
  const among = anyOf ?? oneOf;
  if (Array.isArray(among)) {
    const all = among.map((each) => choicesOf(each, root, depth - 1));
    return all.includes(null) ? null : all.flatMap((each) => each ?? []);
  }
  // Each part of an intersection narrows it: the first with a type tells the kind.
  if (Array.isArray(allOf) && !('type' in schema))
    return allOf.map((each) => choicesOf(each, root, depth - 1)).find((each) => each !== null) ?? null;
  return [schema];
}

function refer(pointer: string, root: JsonSchema): unknown {
  if (!pointer.startsWith('#')) return undefined;
  const keys = pointer
    .slice(1)
    .split('/')
    .filter((key) => key !== '')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), root);
}

function kindsOfChoice(schema: JsonSchema): readonly Kind[] | null {
  const { type, enum: values, const: value, $comment } = schema;
  if ($comment === JS_BIGINT) return ['bigint'];
  if ($comment === JS_DATE) return ['date'];
  if (Array.isArray(values)) return values.map(kindOf);
  if ('const' in schema) return [kindOf(value)];
  if ('not' in schema && Object.keys(schema).length === 1) return [];
  if (type === undefined) return null;
  return (Array.isArray(type) ? type : [type]).map((name) => (name === 'integer' ? 'number' : (name as Kind)));
}

/** The comment by which `parameters.ts` marks types that JSON does not have. */
const JS_BIGINT = 'JavaScript: bigint';
const JS_DATE = 'JavaScript: Date';

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as Kind);
}

function partOf(schema: JsonSchema, key: string | number): unknown {
  const { properties, additionalProperties, items, prefixItems } = schema;
  if (typeof key === 'number') return (Array.isArray(prefixItems) ? prefixItems[key] : undefined) ?? items;
  return isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
}

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
