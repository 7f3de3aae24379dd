/**
 * Numbers in templates as they were written. JavaScript has one kind of number, which holds neither `1.0` nor
 * `9007199254740993`; a template in Python writes both as they are, so these do, too.
 */

/** A value inside a template; that of an object is a map of such values, that of a list an array. */
interface Runtime {
  readonly type: string;
  value: unknown;
}

/** The library's own classes, which it does not export as values of one place. */
export interface NumberClasses {
  readonly integer: new (value: unknown) => Runtime;
  readonly float: new (value: number) => Runtime;
}

/** Source text access (ECMAScript 2026), which TypeScript's libraries do not describe yet. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const exactJson = JSON as unknown as ExactJson;

/** The one member of what stands for a number until the library has made its own values. Nobody can guess it. */
const WRITTEN = `written-${crypto.randomUUID()}`;

/** As `JSON.parse`, for the library: what its numbers cannot say goes to `settleNumbers` as it was written. */
export function parseWritten(text: string): unknown {
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isPlain(value, source) ? { [WRITTEN]: source } : value,
  );
}

/** The library takes whole numbers for integers. */
function isPlain(value: number, source: string): boolean {
  return !Number.isInteger(value) || (Number.isSafeInteger(value) && String(value) === source);
}

function isFloat(source: string): boolean {
  return /[.eE]/.test(source);
}

/** The same value, and the numbers in it as they were written. */
export function settleNumbers(value: unknown, classes: NumberClasses): unknown {
  const runtime = value as Runtime;
  const { value: inner } = runtime;
  if (Array.isArray(inner)) {
    for (const [index, item] of inner.entries()) inner[index] = settleNumbers(item, classes);
  } else if (inner instanceof Map) {
    const members = inner as Map<string, Runtime>;
    const source = members.size === 1 ? members.get(WRITTEN)?.value : undefined;
    if (typeof source === 'string') return numberOf(source, classes);
    for (const [name, item] of members) members.set(name, settleNumbers(item, classes) as Runtime);
  }
  return value;
}

function numberOf(source: string, { integer, float }: NumberClasses): Runtime {
  return isFloat(source) ? new float(Number(source)) : new integer(new WrittenInteger(source));
}

/** Is written, but not computed with: what came out would lack digits. */
class WrittenInteger {
  readonly #digits: string;

  constructor(source: string) {
    this.#digits = BigInt(source).toString();
  }

  toString(): string {
    return this.#digits;
  }

  toJSON(): unknown {
    return exactJson.rawJSON(this.#digits);
  }

  /** @throws Error always */
  valueOf(): never {
    throw new Error(`${this.#digits} has more digits than templates can compute with; they can only write it.`);
  }
}
