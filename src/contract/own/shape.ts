/**
 * Shapes: how a value of ours stands on the wire of our own resources (`/api/ostinato/…`), both ways and without loss.
 *
 * A shape is built for a type of `core/` and knows three things: how to write it, how to read it back, and the JSON schema by
 * which the server checks it and describes it. Names are in snake case on the wire; the mapping follows the shape, never the
 * data, so users' JSON passes untouched. Nothing is loaded for it: clients start as quickly as without.
 */

import { OstinatoError } from '../../core/errors.ts';
import { formatInstant, parseInstant, type Instant } from '../../core/time.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Shape<T> {
  readonly schema: JsonSchema;
  /** Ready for `JSON.stringify`. */
  write(value: T): unknown;
  /** @throws `bad-input` naming the place */
  read(wire: unknown, place: string): T;
}

type Optional<T> = Shape<T> & { readonly isOptional: true };
type ShapesOf<T> = { readonly [Key in keyof T]-?: unknown extends T[Key] ? Shape<unknown> : undefined extends T[Key] ? Optional<Exclude<T[Key], undefined>> : Shape<T[Key]> };

function wrong(place: string, expected: string): OstinatoError {
  return new OstinatoError('bad-input', `${place} must be ${expected}.`);
}

function plain<T>(schema: JsonSchema, fits: (wire: unknown) => boolean, expected: string): Shape<T> {
  return {
    schema,
    write: (value) => value,
    read(wire, place) {
      if (!fits(wire)) throw wrong(place, expected);
      return wire as T;
    },
  };
}

/** Also for branded texts: `text<StateId>()`. */
export function text<T extends string = string>(): Shape<T> {
  return plain<T>({ type: 'string' }, (wire) => typeof wire === 'string', 'a text');
}

export function number(): Shape<number> {
  return plain<number>({ type: 'number' }, (wire) => typeof wire === 'number', 'a number');
}

export function integer(): Shape<number> {
  return plain<number>({ type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, (wire) => Number.isSafeInteger(wire), 'a whole number');
}

export function boolean(): Shape<boolean> {
  return plain<boolean>({ type: 'boolean' }, (wire) => typeof wire === 'boolean', 'true or false');
}

/** Users' JSON, as it is. */
export function json(): Shape<unknown> {
  return plain({}, (wire) => wire !== undefined, 'JSON');
}

export function oneOf<const Words extends readonly (string | number | boolean)[]>(...words: Words): Shape<Words[number]> {
  return plain<Words[number]>({ enum: words }, (wire) => words.includes(wire as never), `one of ${words.join(', ')}`);
}

/** RFC 3339 with microseconds. */
export const instant: Shape<Instant> = {
  schema: { type: 'string', format: 'lenient-date-time' },
  write: (value) => formatInstant(value),
  read(wire, place) {
    const value = typeof wire === 'string' ? parseInstant(wire) : null;
    if (value === null) throw wrong(place, 'a time (RFC 3339)');
    return value;
  },
};

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    schema: { anyOf: [shape.schema, { type: 'null' }] },
    write: (value) => (value === null ? null : shape.write(value)),
    read: (wire, place) => (wire === null ? null : shape.read(wire, place)),
  };
}

/** A field that may be absent. */
export function optional<T>(shape: Shape<T>): Optional<T> {
  return { ...shape, isOptional: true };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: shape.schema },
    write: (values) => values.map((value) => shape.write(value)),
    read(wire, place) {
      if (!Array.isArray(wire)) throw wrong(place, 'a list');
      return wire.map((item, index) => shape.read(item, `${place}[${index}]`));
    },
  };
}

/** Keys are users' words or ids, and stay as they are. */
export function record<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    schema: { type: 'object', additionalProperties: shape.schema },
    write: (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, shape.write(value)])),
    read(wire, place) {
      return Object.fromEntries(Object.entries(objectAt(wire, place)).map(([key, item]) => [key, shape.read(item, `${place}.${key}`)]));
    },
  };
}

/** Exactly the fields of `T`: a field that is added to the type is missed here by the compiler. */
export function object<T extends object>(shapes: ShapesOf<T>): Shape<T> {
  const fields = Object.entries<Shape<unknown> & { readonly isOptional?: true }>(shapes).map(([key, shape]) => ({ key, name: snakeCase(key), shape, isOptional: shape.isOptional === true }));
  const known = new Set(fields.map(({ name }) => name));
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields.map(({ name, shape }) => [name, shape.schema])),
      required: fields.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
      additionalProperties: false,
    },
    write(value) {
      const wire: Record<string, unknown> = {};
      for (const { key, name, shape } of fields) {
        const part = (value as Record<string, unknown>)[key];
        if (part !== undefined) wire[name] = shape.write(part);
      }
      return wire;
    },
    read(wire, place) {
      const given = objectAt(wire, place);
      const value: Record<string, unknown> = {};
      for (const { key, name, shape, isOptional } of fields) {
        const part = given[name];
        if (part === undefined && isOptional) continue;
        value[key] = shape.read(part, `${place}.${name}`);
      }
      for (const name of Object.keys(given)) if (!known.has(name)) throw wrong(`${place}.${name}`, 'absent: it is no field');
      return value as T;
    },
  };
}

type Tagged<Key extends string> = Readonly<Record<Key, string>>;

/** A union whose members are told apart by one field. */
export function union<T extends Tagged<Key>, Key extends string>(key: Key, members: { readonly [Tag in T[Key]]: Shape<Extract<T, Readonly<Record<Key, Tag>>>> }): Shape<T> {
  const shapes = members as Readonly<Record<string, Shape<T>>>;
  const name = snakeCase(key);
  return {
    schema: { anyOf: Object.values(shapes).map(({ schema }) => schema) },
    write: (value) => shapes[value[key]]?.write(value),
    read(wire, place) {
      const tag = objectAt(wire, place)[name];
      const shape = typeof tag === 'string' && Object.hasOwn(shapes, tag) ? shapes[tag] : undefined;
      if (shape === undefined) throw wrong(`${place}.${name}`, `one of ${Object.keys(shapes).join(', ')}`);
      return shape.read(wire, place);
    },
  };
}

/** A shape that contains itself. The schema says no more than that it is an object. */
export function recursive<T>(make: () => Shape<T>): Shape<T> {
  let made: Shape<T> | undefined;
  const shape = (): Shape<T> => (made ??= make());
  return { schema: { type: 'object' }, write: (value) => shape().write(value), read: (wire, place) => shape().read(wire, place) };
}

/** What a program takes in some other form than the wire has it. */
export function mapped<Outer, Inner>(shape: Shape<Inner>, toInner: (outer: Outer) => Inner, toOuter: (inner: Inner) => Outer): Shape<Outer> {
  return { schema: shape.schema, write: (value) => shape.write(toInner(value)), read: (wire, place) => toOuter(shape.read(wire, place)) };
}

function objectAt(wire: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) throw wrong(place, 'an object');
  return wire as Record<string, unknown>;
}

const snakes = new Map<string, string>();

function snakeCase(key: string): string {
  let name = snakes.get(key);
  if (name === undefined) snakes.set(key, (name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  return name;
}
