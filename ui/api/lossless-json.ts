/** JSON whose numbers stay as they were written: `1.0` is not `1`, and a big integer keeps its last digits. */

/** A number that JavaScript would write differently. */
export class WrittenNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const keepNumber: Reviver = (_key, value, context) => {
  if (typeof value !== 'number' || context?.source === undefined || context.source === String(value)) return value;
  return new WrittenNumber(context.source);
};

export function parseLossless(text: string): unknown {
  return JSON.parse(text, keepNumber);
}

/** Indented text; the counterpart of `parseLossless`. */
export function printJson(value: unknown, indent = ''): string {
  if (value instanceof WrittenNumber) return value.source;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return value.length === 0
      ? '[]'
      : `[\n${value.map((item) => inner + printJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return `{\n${entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${printJson(item, inner)}`).join(',\n')}\n${indent}}`;
}
