/**
 * Numbers as they were written, compared with what a JavaScript number holds. A number is held exactly if all written
 * digits are kept: `0.1`, `1.10` and `1e21` are; `9007199254740993`, `0.12345678901234567890` and `1e400` are not.
 */

const WRITTEN = /^\s*(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?\s*$/;
const INTEGER = /^\s*-?\d+\s*$/;

/** @param text a number as JSON has it */
export function isHeld(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && significant(text) === significant(String(value));
}

/** Sign, digits without zeros around them, and the power of ten of the last one: equal for equal numbers. */
function significant(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = WRITTEN.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}

/** A number in a JSON text that a JavaScript number cannot hold, as text. */
export class UnheldNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get isInteger(): boolean {
    return INTEGER.test(this.text);
  }

  toBigInt(): bigint {
    return BigInt(this.text.trim());
  }
}

/** Source text access (ECMAScript 2026), which TypeScript's libraries do not describe yet. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * As `JSON.parse`, but calls `unheld` for each number that would lose digits.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseNumbers(text: string, unheld: (number: UnheldNumber) => unknown): unknown {
  return parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isHeld(source) ? unheld(new UnheldNumber(source)) : value,
  );
}

/**
 * The value of a recorded JSON text: integers that a number cannot hold become BigInts, longer fractions the nearest
 * number.
 */
export function heldValue(text: string): unknown {
  return parseNumbers(text, (number) => (number.isInteger ? number.toBigInt() : Number(number.text)));
}

/** The value, with its exact JSON text if a `bigint` is in it: JSON allows what `JSON.stringify` refuses to write. */
export function exactly(value: unknown): { readonly value: unknown; readonly exactValue?: string } {
  if (!holdsBigInt(value, 0)) return { value };
  const exactValue = exactJson.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? exactJson.rawJSON(String(part)) : part,
  );
  return { value: JSON.parse(exactValue), exactValue };
}

const exactJson = JSON as typeof JSON & { rawJSON(text: string): object };
/** Deeper values are refused later anyway. */
const DEPTH_MAX = 100;

function holdsBigInt(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    depth < DEPTH_MAX &&
    Object.values(value).some((part) => holdsBigInt(part, depth + 1))
  );
}
