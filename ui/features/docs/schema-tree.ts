/**
 * JSON Schema as a tree to read: for each place a type in words, the rules, and what is inside.
 *
 * What is inside is made when it is asked for, so schemas that speak of themselves end with the reader's patience.
 */
import type { Schema } from '../../api/description.ts';

export interface SchemaTree {
  /** For instance `string (uuid) or null`, `array of FlowRun`, `"a" | "b"`. */
  readonly type: string;
  /** For instance `at most 500 characters`. */
  readonly rules: readonly string[];
  readonly about: string | null;
  /** As JSON. */
  readonly defaultValue: string | null;
  /** `null` where nothing is inside. */
  readonly inside: (() => readonly Branch[]) | null;
}

export interface Branch {
  readonly name: string;
  /** `choice`: one of several shapes; `rest`: every member that has no name here. */
  readonly kind: 'member' | 'rest' | 'item' | 'choice';
  readonly isRequired: boolean;
  readonly tree: SchemaTree;
}

export type Components = Readonly<Record<string, Schema>>;
type SchemaObject = Readonly<Record<string, unknown>>;

const LEAF = { rules: [], about: null, defaultValue: null, inside: null } as const;

/** @param components what `#/components/schemas/NAME` stands for */
export function schemaTree(schema: unknown, components: Components): SchemaTree {
  if (schema === false) return { ...LEAF, type: 'nothing' };
  if (!isObject(schema)) return { ...LEAF, type: 'anything' };
  const tree = shapeOf(schema, components);
  return {
    ...tree,
    rules: [...new Set([...tree.rules, ...rulesOf(schema)])],
    about: textOf(schema['description']) ?? tree.about,
    defaultValue: 'default' in schema ? JSON.stringify(schema['default']) : tree.defaultValue,
  };
}

function shapeOf(schema: SchemaObject, components: Components): SchemaTree {
  const { $ref: reference, type } = schema;
  if (typeof reference === 'string') return named(reference, components);
  if ('const' in schema) return { ...LEAF, type: JSON.stringify(schema['const']) };
  if (Array.isArray(schema['enum']))
    return { ...LEAF, type: schema['enum'].map((value) => JSON.stringify(value)).join(' | ') };
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return choiceOf(choices, components);
  if (Array.isArray(schema['allOf'])) return shapeOf(merged(schema, schema['allOf'], components), components);
  if (Array.isArray(type))
    return choiceOf(
      type.map((one: unknown) => ({ ...schema, type: one })),
      components,
    );
  if (type === 'array' || 'items' in schema || 'prefixItems' in schema) return arrayOf(schema, components);
  if (type === 'object' || 'properties' in schema || 'patternProperties' in schema) return objectOf(schema, components);
  if (typeof type !== 'string') return { ...LEAF, type: 'anything' };
  const format = textOf(schema['format']);
  return { ...LEAF, type: format === null ? type : `${type} (${format})` };
}

/** A reference is told by its name; what it stands for is inside. */
function named(reference: string, components: Components): SchemaTree {
  const name = nameOf(reference);
  const target = resolved({ $ref: reference }, components);
  if (target === null) return { ...LEAF, type: name };
  // Only members are made when asked for: a union or an array that speaks of itself is told by its name the second
  // time.
  const { [name]: _, ...others } = components;
  const { inside, rules, about, defaultValue, type } = schemaTree(target, 'properties' in target ? components : others);
  // A name for plain values tells nothing without them.
  return { type: inside === null && type !== 'object' ? `${name}: ${type}` : name, inside, rules, about, defaultValue };
}

function nameOf(reference: string): string {
  return decodeURIComponent(reference.slice(reference.lastIndexOf('/') + 1))
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}

/** What references lead to; `null` when they lead nowhere, or in a circle. */
function resolved(schema: unknown, components: Components): SchemaObject | null {
  const seen = new Set<string>();
  let at = schema;
  while (isObject(at) && typeof at['$ref'] === 'string') {
    const name = nameOf(at['$ref']);
    if (seen.has(name)) return null;
    seen.add(name);
    at = components[name];
  }
  return isObject(at) ? at : null;
}

function choiceOf(choices: readonly unknown[], components: Components): SchemaTree {
  const some = choices.filter((choice) => !isNull(choice));
  const end = some.length < choices.length ? ' or null' : '';
  const [only] = some;
  if (only === undefined) return { ...LEAF, type: 'null' };
  if (some.length === 1) {
    const tree = schemaTree(only, components);
    return { ...tree, type: `${tree.type}${end}` };
  }
  const trees = some.map((choice) => schemaTree(choice, components));
  const types = [...new Set(trees.map(({ type }) => type))];
  const areValues = some.every((choice) => isObject(choice) && ('const' in choice || 'enum' in choice));
  return {
    ...LEAF,
    type: `${types.join(areValues ? ' | ' : ' or ')}${end}`,
    inside: trees.some(({ inside, rules }) => inside !== null || rules.length > 0)
      ? () => trees.map((tree, at) => ({ name: `${at + 1}. shape`, kind: 'choice', isRequired: false, tree }))
      : null,
  };
}

function arrayOf(schema: SchemaObject, components: Components): SchemaTree {
  const places = schema['prefixItems'] ?? (Array.isArray(schema['items']) ? schema['items'] : undefined);
  if (Array.isArray(places)) {
    const trees = places.map((place) => schemaTree(place, components));
    return {
      ...LEAF,
      type: `[${trees.map(({ type }) => type).join(', ')}]`,
      inside: trees.some(({ inside }) => inside !== null)
        ? () => trees.map((tree, at) => ({ name: String(at), kind: 'item', isRequired: true, tree }))
        : null,
    };
  }
  const items = schemaTree(schema['items'], components);
  // The members of what is in the array are shown without a step between.
  return {
    ...LEAF,
    type: items.type === 'anything' ? 'array' : `array of ${grouped(items.type)}`,
    rules: items.inside === null ? items.rules.map((rule) => `each ${rule}`) : [],
    inside: items.inside,
  };
}

function grouped(type: string): string {
  return / or | \| /.test(type) ? `(${type})` : type;
}

function objectOf(schema: SchemaObject, components: Components): SchemaTree {
  const properties = Object.entries(isObject(schema['properties']) ? schema['properties'] : {});
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []);
  const patterns = Object.entries(isObject(schema['patternProperties']) ? schema['patternProperties'] : {});
  const rests = patterns.map(([pattern, rest]): readonly [string, unknown] => [
    pattern === '^.*$' ? 'any name' : `names like ${pattern}`,
    rest,
  ]);
  if (isObject(schema['additionalProperties'])) rests.push(['any other name', schema['additionalProperties']]);
  const [rest] = rests;
  if (properties.length === 0 && rests.length === 1 && rest !== undefined) {
    const tree = schemaTree(rest[1], components);
    return {
      ...LEAF,
      type: tree.type === 'anything' ? 'object' : `object of ${grouped(tree.type)}`,
      inside: tree.inside,
    };
  }
  if (properties.length + rests.length === 0) return { ...LEAF, type: 'object' };
  return {
    ...LEAF,
    type: 'object',
    rules: schema['additionalProperties'] === false ? ['no other members'] : [],
    inside: () => [
      ...properties.map(([name, one]): Branch => ({
        name,
        kind: 'member',
        isRequired: required.has(name),
        tree: schemaTree(one, components),
      })),
      ...rests.map(([name, one]): Branch => ({
        name,
        kind: 'rest',
        isRequired: false,
        tree: schemaTree(one, components),
      })),
    ],
  };
}

/** What must hold together, as one schema. */
function merged(schema: SchemaObject, parts: readonly unknown[], components: Components): SchemaObject {
  const { allOf: _, ...own } = schema;
  const whole = [...parts.map((part) => resolved(part, components)), own].filter((part) => part !== null);
  const flat = whole.map((part) => (Array.isArray(part['allOf']) ? merged(part, part['allOf'], components) : part));
  const objects = (key: string): object =>
    Object.assign({}, ...flat.map((part) => (isObject(part[key]) ? part[key] : {}))) as object;
  const required = flat.flatMap((part) => (Array.isArray(part['required']) ? (part['required'] as unknown[]) : []));
  const all: SchemaObject = Object.assign({}, ...flat) as SchemaObject;
  return {
    ...all,
    ...('properties' in all ? { properties: objects('properties') } : {}),
    ...('patternProperties' in all ? { patternProperties: objects('patternProperties') } : {}),
    required,
  };
}

/** Bounds that every exact integer has say nothing. */
function isTelling(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER;
}

const BOUNDS: readonly (readonly [key: string, says: (bound: number) => string])[] = [
  ['minimum', (bound) => `at least ${bound}`],
  ['exclusiveMinimum', (bound) => `more than ${bound}`],
  ['maximum', (bound) => `at most ${bound}`],
  ['exclusiveMaximum', (bound) => `less than ${bound}`],
  ['minLength', (bound) => `at least ${counted(bound, 'character')}`],
  ['maxLength', (bound) => `at most ${counted(bound, 'character')}`],
  ['minItems', (bound) => `at least ${counted(bound, 'item')}`],
  ['maxItems', (bound) => `at most ${counted(bound, 'item')}`],
  ['minProperties', (bound) => `at least ${counted(bound, 'member')}`],
  ['maxProperties', (bound) => `at most ${counted(bound, 'member')}`],
];

function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function rulesOf(schema: SchemaObject): readonly string[] {
  const rules = BOUNDS.flatMap(([key, says]) => (isTelling(schema[key]) ? [says(schema[key])] : []));
  return typeof schema['pattern'] === 'string' ? [...rules, `matches ${schema['pattern']}`] : rules;
}

function isNull(schema: unknown): boolean {
  return isObject(schema) && (schema['type'] === 'null' || schema['const'] === null);
}

function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
