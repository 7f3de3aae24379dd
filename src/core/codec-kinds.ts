/**
 * Which objects the codec understands, by what they are and not by what they claim: a subclass or a look-alike is a
 * class instance, except for errors, whose subclasses are the rule.
 */

export type Kind =
  | 'Object'
  | 'NullObject'
  | 'Array'
  | 'Date'
  | 'Map'
  | 'Set'
  | 'RegExp'
  | 'URL'
  | 'URLSearchParams'
  | 'Temporal'
  | 'Error'
  | 'ArrayBuffer'
  | 'DataView'
  | 'Bytes';

/** Classes that `kindOf` knows besides the fixed list: the views on an `ArrayBuffer`, and Node's `Buffer`. */
export const BYTES_CLASSES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Buffer',
] as const;

type BytesConstructor = new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView;

const globals: Readonly<Record<string, unknown>> = globalThis as unknown as Readonly<Record<string, unknown>>;

const KIND_OF_CLASS: Readonly<Record<string, Kind>> = {
  Object: 'Object',
  Array: 'Array',
  Date: 'Date',
  Map: 'Map',
  Set: 'Set',
  RegExp: 'RegExp',
  URL: 'URL',
  URLSearchParams: 'URLSearchParams',
  ArrayBuffer: 'ArrayBuffer',
  DataView: 'DataView',
  ...Object.fromEntries(BYTES_CLASSES.map((name) => [name, 'Bytes'])),
};

const KIND_OF_PROTOTYPE = new Map<object, Kind>();
for (const [name, kind] of Object.entries(KIND_OF_CLASS)) {
  const known = globals[name];
  if (typeof known === 'function') KIND_OF_PROTOTYPE.set(known.prototype as object, kind);
}

/** Classes whose text is complete, except that a duration's does not distinguish 1000 ms from 1 s. */
const TEMPORAL_CLASSES = [
  'Instant',
  'PlainDate',
  'PlainTime',
  'PlainDateTime',
  'PlainYearMonth',
  'PlainMonthDay',
  'ZonedDateTime',
  'Duration',
] as const;
const DURATION_UNITS = [
  'years',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
] as const;

interface TemporalClass {
  from(text: string | Readonly<Record<string, number>>): object;
  readonly prototype: object;
}
const temporal = globals['Temporal'] as Readonly<Record<string, TemporalClass>> | undefined;
const TEMPORAL_NAMES = new Map<object, string>();
for (const name of TEMPORAL_CLASSES) {
  const known = temporal?.[name];
  if (known === undefined) continue;
  KIND_OF_PROTOTYPE.set(known.prototype, 'Temporal');
  TEMPORAL_NAMES.set(known.prototype, name);
}

/** `PlainDate 2026-11-29`: the class, and the text to build it from. Throws for an object that only resembles one. */
export function temporalText(value: object): string {
  const name = TEMPORAL_NAMES.get(Object.getPrototypeOf(value) as object);
  if (name !== 'Duration')
    return `${name} ${Reflect.apply((Object.getPrototypeOf(value) as { toString(): string }).toString, value, [])}`;
  const units = value as unknown as Readonly<Record<string, number>>;
  return `${name} ${DURATION_UNITS.filter((unit) => units[unit] !== 0)
    .map((unit) => `${unit}=${units[unit]}`)
    .join()}`;
}

/** The reverse of `temporalText`; `null` where this runtime has no such class. */
export function temporalFrom(text: string): object | null {
  const space = text.indexOf(' ');
  const [name, rest] = [text.slice(0, space), text.slice(space + 1)];
  const known = (TEMPORAL_CLASSES as readonly string[]).includes(name) ? temporal?.[name] : undefined;
  if (known === undefined) return null;
  if (name !== 'Duration') return known.from(rest);
  const units = Object.fromEntries(
    rest === ''
      ? [['seconds', 0]]
      : rest
          .split(',')
          .map((part) => part.split('='))
          .map(([unit, count]) => [unit, Number(count)]),
  ) as Record<string, number>;
  return known.from(units);
}

/** The primitive in an object such as `new Number(1)`; `undefined` for every other object. */
export function boxedPrimitive(value: object): number | string | boolean | bigint | symbol | undefined {
  switch (Object.getPrototypeOf(value)) {
    case Number.prototype:
      return Number.prototype.valueOf.call(value);
    case String.prototype:
      return String.prototype.valueOf.call(value);
    case Boolean.prototype:
      return Boolean.prototype.valueOf.call(value);
    case BigInt.prototype:
      return BigInt.prototype.valueOf.call(value);
    case Symbol.prototype:
      return Symbol.prototype.valueOf.call(value);
    default:
      return undefined;
  }
}

/** The codec's kind of an object; `null` for a class instance and everything else that it cannot take apart. */
export function kindOf(value: object): Kind | null {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return 'NullObject';
  const kind = KIND_OF_PROTOTYPE.get(prototype);
  if (kind !== undefined) return kind;
  if (isErrorObject(value)) return 'Error';
  return foreignKind(value, prototype);
}

/** Whether the codec takes instances of this class apart. */
export function isKnownPrototype(prototype: object): boolean {
  return KIND_OF_PROTOTYPE.has(prototype);
}

/**
 * Whether the value is an error of any realm, or a `DOMException`, which not every `Error.isError` accepts. Never
 * throws.
 */
export function isErrorObject(value: unknown): value is Error {
  try {
    return (
      value instanceof Error ||
      (typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Error]')
    );
  } catch {
    return false;
  }
}

/**
 * Objects from another realm (`node:vm`, some test runners) have other prototypes: known by a native constructor of the
 * same name.
 */
function foreignKind(value: object, prototype: object): Kind | null {
  const made: unknown = (prototype as { constructor?: unknown }).constructor;
  if (typeof made !== 'function' || prototype !== made.prototype) return null;
  const kind = KIND_OF_CLASS[made.name];
  if (
    kind === undefined ||
    kind === 'URL' ||
    kind === 'URLSearchParams' ||
    !Function.prototype.toString.call(made).includes('[native code]')
  )
    return null;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === made.name ? kind : null;
}

/**
 * The class that a view on bytes is rebuilt with, for instance `Float64Array`; `null` when this runtime has none of
 * that name.
 */
export function bytesClass(name: string): BytesConstructor | null {
  if (name !== 'DataView' && !(BYTES_CLASSES as readonly string[]).includes(name)) return null;
  const found = globals[name];
  return typeof found === 'function' ? (found as BytesConstructor) : null;
}

/** The name of the class that made a value, for messages: `DatabaseSync`, `Promise`, `Object`. */
export function className(value: object): string {
  try {
    const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === 'string' && name !== '' ? name : 'an unnamed class';
  } catch {
    return 'an unnamed class';
  }
}

/** What a value is, for people, with its article: `a function (save)`, `an instance of Socket`. */
export function describeKind(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `a function (${value.name})`;
  if (typeof value === 'symbol') return `a symbol (${String(value.description ?? '')})`;
  if (typeof value === 'object' && value !== null) return `an instance of ${className(value)}`;
  return `a ${typeof value}`;
}
