/**
 * Schemas of our own wire: made by the builders of every contract, and typed by the values of `core/` that they stand
 * for, which `codec.ts` writes and reads by them. A schema that is not one of the type that it is given to, or misses a
 * member of it, does not compile.
 */

import type { Instant } from '../../core/time.ts';
import type { SchemaOf } from '../codec.ts';
import { UuidIn } from '../route.ts';
import { Count as CountOf, EXACT, Nullable as NullableOf, Seconds as SecondsOf, Whole } from '../schema/scalars.ts';
import { Type, type TSchema } from '../type.ts';

export type { SchemaOf } from '../codec.ts';

export type OptionalOf<T> = SchemaOf<T> & { readonly '~optional': true };

function of<T>(schema: TSchema): SchemaOf<T> {
  return schema as SchemaOf<T>;
}

const TEXT = Type.String();
/** Also for branded texts: `text<WorkQueueName>()`. */
export const text = <T extends string = string>(): SchemaOf<T> => of(TEXT);
export const id = <Id extends string>(): SchemaOf<Id> => of(UuidIn);

export const Text = text();
export const Num = of<number>(Type.Number());
export const Bool = of<boolean>(Type.Boolean());
export const Int = of<number>(Whole());
export const Count = of<number>(CountOf);
/** A length of time, from 0 on. */
export const Seconds = of<number>(SecondsOf);
/** A point in time. */
export const Time = of<Instant>(Type.String({ format: 'lenient-date-time' }));

export function oneOf<const Words extends readonly string[]>(...words: Words): SchemaOf<Words[number]> {
  return of(Type.Enum([...words]));
}

export function nullable<T>(schema: SchemaOf<T>): SchemaOf<T | null> {
  return of(NullableOf(schema));
}

/** A field that may be absent. */
export function optional<T>(schema: SchemaOf<T>): OptionalOf<T> {
  return Type.Optional(schema) as TSchema as OptionalOf<T>;
}

export function list<T>(schema: SchemaOf<T>): SchemaOf<readonly T[]> {
  return of(Type.Array(schema));
}

/** Keys are users' words or ids. */
export function record<T>(schema: SchemaOf<T>): SchemaOf<Readonly<Record<string, T>>> {
  return of(Type.Record(TEXT, schema));
}

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : '';

/** Exactly the fields of `T`, by their names on the wire. */
export type FieldsOf<T> = {
  readonly [Key in keyof T & string as SnakeCase<Key>]-?: unknown extends T[Key]
    ? SchemaOf<unknown>
    : undefined extends T[Key]
      ? OptionalOf<Exclude<T[Key], undefined>>
      : SchemaOf<T[Key]>;
};

/** Exactly the fields of `T`: one that is added to the type is missed here by the compiler. */
export function object<T extends object>(fields: FieldsOf<T>): SchemaOf<T> {
  return of(Type.Object(fields as Readonly<Record<string, TSchema>>, EXACT));
}

type Tagged<Key extends string> = Readonly<Record<Key, string>>;

/** A union whose members are told apart by the one field that has a word of its own in each. */
export function union<T extends Tagged<Key>, Key extends string>(members: {
  readonly [Tag in T[Key]]: SchemaOf<Extract<T, Readonly<Record<Key, Tag>>>>;
}): SchemaOf<T> {
  return of(Type.Union(Object.values<TSchema>(members)));
}

/** One that contains itself, under a name that no other schema of the API has. */
export function recursive<T>(name: string, make: (itself: SchemaOf<T>) => SchemaOf<T>): SchemaOf<T> {
  return of(Type.Cyclic({ [name]: make(of(Type.Ref(name))) }, name));
}
