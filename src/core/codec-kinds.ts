/**
 * Which objects the codec understands, by what they are and not by what they claim: a subclass or a look-alike is a class
 * instance, except for errors, whose subclasses are the rule.
 */

export type Kind =
  | 'Object' | 'NullObject' | 'Array' | 'Date' | 'Map' | 'Set' | 'RegExp' | 'URL' | 'Error' | 'ArrayBuffer' | 'DataView' | 'Bytes';

/** What `kindOf` can look at besides the fixed list: the views on an `ArrayBuffer`, and Node's `Buffer`. */
export const BYTES_CLASSES = [
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Buffer',
] as const;

type BytesConstructor = new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView;

const globals: Readonly<Record<string, unknown>> = globalThis as unknown as Readonly<Record<string, unknown>>;

const KIND_OF_CLASS: Readonly<Record<string, Kind>> = {
  Object: 'Object', Array: 'Array', Date: 'Date', Map: 'Map', Set: 'Set', RegExp: 'RegExp', URL: 'URL', ArrayBuffer: 'ArrayBuffer',
  DataView: 'DataView', ...Object.fromEntries(BYTES_CLASSES.map((name) => [name, 'Bytes'])),
};

const KIND_OF_PROTOTYPE = new Map<object, Kind>();
for (const [name, kind] of Object.entries(KIND_OF_CLASS)) {
  const known = globals[name];
  if (typeof known === 'function') KIND_OF_PROTOTYPE.set(known.prototype as object, kind);
}

/** The codec's word for an object; `null` for a class instance and everything else that it cannot take apart. */
export function kindOf(value: object): Kind | null {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return 'NullObject';
  const kind = KIND_OF_PROTOTYPE.get(prototype);
  if (kind !== undefined) return kind;
  if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]') return 'Error';
  return foreignKind(value, prototype);
}

/** Objects from another realm (`node:vm`, some test runners) have other prototypes: known by a native constructor of the same name. */
function foreignKind(value: object, prototype: object): Kind | null {
  const made: unknown = (prototype as { constructor?: unknown }).constructor;
  if (typeof made !== 'function' || prototype !== made.prototype) return null;
  const kind = KIND_OF_CLASS[made.name];
  if (kind === undefined || kind === 'URL' || !Function.prototype.toString.call(made).includes('[native code]')) return null;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === made.name ? kind : null;
}

/** The class that a view on bytes is rebuilt with, for instance `Float64Array`; `null` when this runtime has none of that name. */
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
