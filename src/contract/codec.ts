/**
 * Values of `core/` on our own wire, by the schemas that the contracts are made of: one walk over a schema makes what
 * writes a value and what reads it back, as `validator.ts` makes what checks it. Members are in snake case on the wire
 * and in camel case inside; the schema says which they are, never the data, so users' JSON and keys pass untouched.
 *
 * 1. Points in time (`lenient-date-time`) are texts on the wire and microseconds inside; ids (`any-uuid`) are read in
 *    lower case. Everything else is the same on both sides.
 * 2. Reading bears nothing: what is not as the schema says, or a member that it does not have, is an error.
 * 3. A keyword that is not known here is refused when the schema is compiled, never ignored.
 */

import { OstinatoError } from '../core/errors.ts';
import { isUuid } from '../core/ids.ts';
import { formatInstant, parseInstant, type Instant } from '../core/time.ts';
import { isOptional, type TSchema } from './type.ts';

export interface Codec<T> {
  /** Ready for `JSON.stringify`. */
  write(value: T): unknown;
  /** @throws `bad-input` naming the place */
  read(wire: unknown, place: string): T;
}

/** A schema, and what it is a schema of. TypeBox's `Unsafe`. */
export type SchemaOf<T> = TSchema & { readonly '~unsafe': T };

const REFINED = Symbol('refined');
type Refine<T> = (value: T, place: string) => T;

/**
 * The schema of values about which a schema cannot say all.
 * @param refine the value itself, or what is meant by it; throws what is wrong
 */
export function refined<Schema extends TSchema & { readonly '~unsafe': unknown }>(
  schema: Schema,
  refine: Refine<Schema['~unsafe']>,
): Schema {
  return { ...schema, [REFINED]: refine };
}

/** Made when the first value comes. */
export function codecOf<T>(schema: SchemaOf<T>): Codec<T> {
  let found = codecs.get(schema);
  if (found === undefined) codecs.set(schema, (found = codecFrom(compile(schema as unknown as Facts, NO_DEFINITIONS))));
  return found as Codec<T>;
}

const codecs = new WeakMap<object, Codec<never>>();

function codecFrom({ write, read }: Part): Codec<never> {
  return { write: write ?? ((value) => value), read: read as Codec<never>['read'] };
}

/** What is known of the values of one schema. */
interface Part {
  /** `null`: a value stands on the wire as it is. */
  readonly write: ((value: unknown) => unknown) | null;
  /** Whether it may be taken as it is. `null`: `read` has to look. */
  readonly fits: ((wire: unknown) => boolean) | null;
  /** What the sentence about another one says. */
  readonly expected: string;
  readonly read: (wire: unknown, place: string) => unknown;
}

type Facts = Readonly<Record<string | symbol, unknown>>;
type Definitions = ReadonlyMap<string, { part: Part | null }>;

const NO_DEFINITIONS: Definitions = new Map();

/** Schemas that stand in many others are gone through once. */
const parts = new WeakMap<object, Part>();

function compile(schema: Facts, definitions: Definitions): Part {
  const known = parts.get(schema);
  if (known !== undefined) return known;
  const refine = schema[REFINED] as Refine<unknown> | undefined;
  const plain = compilePlain(schema, definitions);
  const part: Part =
    refine === undefined
      ? plain
      : { ...plain, fits: null, read: (wire, place) => refine(plain.read(wire, place), place) };
  // What refers to definitions around it means something else elsewhere.
  if (definitions === NO_DEFINITIONS) parts.set(schema, part);
  return part;
}

/** Those that are read here, and those that say nothing that reading would bear. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'type format enum anyOf items properties required additionalProperties patternProperties minimum maximum ' +
    '$ref $defs $id title description'
  ).split(' '),
);

function compilePlain(schema: Facts, around: Definitions): Part {
  const other = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (other !== undefined) throw new Error(`A schema says ${other}, of which the codec knows nothing.`);
  const definitions = '$defs' in schema ? defined(schema['$defs'] as Readonly<Record<string, Facts>>) : around;
  if ('$ref' in schema) return reference(String(schema['$ref']), definitions);
  if ('anyOf' in schema) return anyOf(schema['anyOf'] as readonly Facts[], definitions);
  if ('enum' in schema) return oneOf(schema['enum'] as readonly unknown[]);
  const type = schema['type'];
  if (Array.isArray(type)) return oneOfTypes(type.map(String));
  switch (type) {
    case 'string':
      return textOf(schema['format']);
    case 'number':
    case 'integer':
      return numberOf(type, schema['minimum']);
    case 'boolean':
      return asItIs((wire) => typeof wire === 'boolean', 'true or false');
    case 'null':
      return asItIs((wire) => wire === null, 'null');
    case 'array':
      return list(compile(schema['items'] as Facts, definitions));
    case 'object':
      return 'patternProperties' in schema
        ? record(
            compile((schema['patternProperties'] as Readonly<Record<string, Facts>>)['^.*$'] as Facts, definitions),
          )
        : object(schema['properties'] as Readonly<Record<string, Facts>>, definitions);
    case undefined:
      return asItIs((wire) => wire !== undefined, 'JSON');
    default:
      throw new Error(`A schema says ${JSON.stringify(schema)}, of which there is no codec.`);
  }
}

function wrong(place: string, expected: string): OstinatoError {
  return new OstinatoError('bad-input', `${place} must be ${expected}.`);
}

function asItIs(fits: (wire: unknown) => boolean, expected: string): Part {
  return {
    write: null,
    fits,
    expected,
    read(wire, place) {
      if (!fits(wire)) throw wrong(place, expected);
      return wire;
    },
  };
}

const ID: Part = {
  write: null,
  fits: null,
  expected: 'a UUID',
  read(wire, place) {
    if (typeof wire !== 'string' || !isUuid(wire)) throw wrong(place, 'a UUID');
    return wire.toLowerCase();
  },
};

/** RFC 3339 with microseconds. */
const INSTANT: Part = {
  write: (value) => formatInstant(value as Instant),
  fits: null,
  expected: 'a time (RFC 3339)',
  read(wire, place) {
    const value = typeof wire === 'string' ? parseInstant(wire) : null;
    if (value === null) throw wrong(place, 'a time (RFC 3339)');
    return value;
  },
};

function textOf(format: unknown): Part {
  switch (format) {
    case undefined:
      return asItIs((wire) => typeof wire === 'string', 'a text');
    case 'any-uuid':
      return ID;
    case 'lenient-date-time':
      return INSTANT;
    default:
      throw new Error(`A schema says format: ${JSON.stringify(format)}, of which there is no codec.`);
  }
}

function numberOf(type: 'number' | 'integer', minimum: unknown): Part {
  const fitsType =
    type === 'integer' ? Number.isSafeInteger : (wire: unknown): wire is number => typeof wire === 'number';
  const words = type === 'integer' ? 'a whole number' : 'a number';
  return minimum === 0
    ? asItIs((wire) => fitsType(wire) && (wire as number) >= 0, `${words} from 0 on`)
    : asItIs(fitsType, words);
}

function oneOf(values: readonly unknown[]): Part {
  return asItIs((wire) => values.includes(wire), `one of ${values.join(', ')}`);
}

const TYPES: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'true or false' };

function oneOfTypes(types: readonly string[]): Part {
  const words = types.map((type) => {
    if (TYPES[type] === undefined) throw new Error(`A schema says type: ${type}, of which there is no codec.`);
    return TYPES[type];
  });
  return asItIs((wire) => types.includes(typeof wire), `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);
}

function defined(schemas: Readonly<Record<string, Facts>>): Definitions {
  const definitions = new Map<string, { part: Part | null }>(
    Object.keys(schemas).map((name) => [name, { part: null }]),
  );
  for (const [name, schema] of Object.entries(schemas)) {
    const entry = definitions.get(name);
    if (entry) entry.part = compile(schema, definitions);
  }
  return definitions;
}

/** A value that may contain one of its own kind. */
function reference(name: string, definitions: Definitions): Part {
  const entry = definitions.get(name);
  if (entry === undefined) throw new Error(`A schema refers to ${name}, which it does not define.`);
  const part = (): Part => entry.part as Part;
  return {
    write(value) {
      const { write } = part();
      return write === null ? value : write(value);
    },
    fits: null,
    expected: 'an object',
    read: (wire, place) => part().read(wire, place),
  };
}

function anyOf(schemas: readonly Facts[], definitions: Definitions): Part {
  const [one, none, ...more] = schemas;
  return one !== undefined && none?.['type'] === 'null' && more.length === 0
    ? nullable(compile(one, definitions))
    : union(schemas, definitions);
}

function nullable({ write, fits, expected, read }: Part): Part {
  return {
    write: write === null ? null : (value) => (value === null ? null : write(value)),
    fits: fits === null ? null : (wire) => wire === null || fits(wire),
    expected,
    read: (wire, place) => (wire === null ? null : read(wire, place)),
  };
}

/** Members are told apart by the one field that has a single word in each. */
function union(schemas: readonly Facts[], definitions: Definitions): Part {
  const fieldsOf = (schema: Facts): Readonly<Record<string, Facts>> =>
    (schema['properties'] ?? {}) as Readonly<Record<string, Facts>>;
  const wordOf = (schema: Facts, name: string): unknown => {
    const words = fieldsOf(schema)[name]?.['enum'] as readonly unknown[] | undefined;
    return words?.length === 1 ? words[0] : undefined;
  };
  const name = Object.keys(fieldsOf(schemas[0] as Facts)).find((field) =>
    schemas.every((schema) => typeof wordOf(schema, field) === 'string'),
  );
  if (name === undefined) throw new Error(`A schema says ${JSON.stringify(schemas)}: no field tells which one it is.`);
  const members = new Map(schemas.map((schema) => [String(wordOf(schema, name)), compile(schema, definitions)]));
  const key = camelCase(name);
  return {
    write(value) {
      const member = members.get(String((value as Readonly<Record<string, unknown>>)[key]));
      return member?.write ? member.write(value) : value;
    },
    fits: null,
    expected: 'an object',
    read(wire, place) {
      const tag = objectAt(wire, place)[name];
      const member = typeof tag === 'string' ? members.get(tag) : undefined;
      if (member === undefined) throw wrong(`${place}.${name}`, `one of ${[...members.keys()].join(', ')}`);
      return member.read(wire, place);
    },
  };
}

function list({ write, fits, expected, read }: Part): Part {
  return {
    write: write === null ? null : (values) => (values as readonly unknown[]).map((value) => write(value)),
    fits: null,
    expected: 'a list',
    read(wire, place) {
      if (!Array.isArray(wire)) throw wrong(place, 'a list');
      if (fits === null) return wire.map((item, index) => read(item, `${place}[${index}]`));
      for (let index = 0; index < wire.length; index += 1)
        if (!fits(wire[index])) throw wrong(`${place}[${index}]`, expected);
      return wire;
    },
  };
}

/** Keys are users' words or ids, and stay as they are. */
function record({ write, fits, expected, read }: Part): Part {
  return {
    write:
      write === null
        ? null
        : (values) =>
            Object.fromEntries(
              Object.entries(values as Readonly<Record<string, unknown>>).map(([key, value]) => [key, write(value)]),
            ),
    fits: null,
    expected: 'an object',
    read(wire, place) {
      const given = objectAt(wire, place);
      if (fits === null)
        return Object.fromEntries(
          Object.entries(given).map(([key, item]) => [key, read(item, `${place}.${key}`)] as const),
        );
      for (const key of Object.keys(given)) if (!fits(given[key])) throw wrong(`${place}.${key}`, expected);
      return given;
    },
  };
}

interface Field extends Part {
  /** Inside. */
  readonly key: string;
  /** On the wire. */
  readonly name: string;
  readonly isOptional: boolean;
}

function object(properties: Readonly<Record<string, Facts>>, definitions: Definitions): Part {
  const fields: readonly Field[] = Object.entries(properties).map(([name, schema]) => ({
    ...compile(schema, definitions),
    key: camelCase(name),
    name,
    isOptional: isOptional(schema),
  }));
  return {
    write(value) {
      const wire: Record<string, unknown> = {};
      for (const { key, name, write } of fields) {
        const part = (value as Readonly<Record<string, unknown>>)[key];
        if (part !== undefined) wire[name] = write === null ? part : write(part);
      }
      return wire;
    },
    fits: null,
    expected: 'an object',
    read(wire, place) {
      const given = objectAt(wire, place);
      const value: Record<string, unknown> = {};
      let known = 0;
      for (const { key, name, isOptional: isFree, fits, expected, read } of fields) {
        const part = given[name];
        if (part !== undefined) known += 1;
        else if (isFree) continue;
        if (fits === null) value[key] = read(part, `${place}.${name}`);
        else if (fits(part)) value[key] = part;
        else throw wrong(`${place}.${name}`, expected);
      }
      if (Object.keys(given).length !== known) refuseOthers(given, properties, place);
      return value;
    },
  };
}

function refuseOthers(given: Readonly<Record<string, unknown>>, properties: object, place: string): void {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(properties, name)) throw wrong(`${place}.${name}`, 'absent: it is no field');
}

function objectAt(wire: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) throw wrong(place, 'an object');
  return wire as Record<string, unknown>;
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
