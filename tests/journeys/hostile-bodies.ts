/** Bodies that mean harm, for any operation: made from its schema, or without a look at it. */

export type Schema = Readonly<Record<string, unknown>>;

export interface HostileBody {
  readonly what: string;
  readonly text: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const many = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => piece(index)).join(',');
const nested = (levels: number, open: string, close: string): string =>
  open.repeat(levels) + '1' + close.repeat(levels);

/** JSON of some size and shape, and what is none. */
export function shapes(bytes: number): readonly HostileBody[] {
  const of = (length: number): number => Math.ceil(bytes / length);
  return [
    { what: 'nested lists', text: nested(of(2), '[', ']') },
    { what: 'nested objects', text: nested(of(6), '{"a":', '}') },
    { what: 'lists that never end', text: '['.repeat(bytes) },
    { what: 'empty lists', text: `[${many(of(3), () => '[]')}]` },
    { what: 'objects of many shapes', text: `[${many(of(12), (index) => `{"${index.toString(36)}":1}`)}]` },
    { what: 'keys', text: `{${many(of(10), (index) => `"${index.toString(36)}":1`)}}` },
    { what: 'one key again and again', text: `{${many(of(6), () => '"a":1')}}` },
    { what: 'numbers', text: `[${many(of(2), () => '1')}]` },
    { what: 'numbers that are kept by their text', text: `[${many(of(4), () => '1.0')}]` },
    { what: 'exponents', text: `[${many(of(12), () => '1e999999999')}]` },
    { what: 'one number', text: '9'.repeat(bytes) },
    { what: 'one fraction', text: `{"name":0.${'1'.repeat(bytes)}}` },
    { what: 'escapes', text: `{"name":"${'\\u0061'.repeat(of(6))}"}` },
    { what: 'backslashes', text: `{"name":"${'\\\\'.repeat(of(2))}"}` },
    { what: 'half characters', text: `{"name":"${'\\ud800'.repeat(of(6))}"}` },
    { what: 'a name', text: `{"name":"${'n'.repeat(bytes)}"}` },
    { what: 'a text that never ends', text: `{"name":"${'n'.repeat(bytes)}` },
    { what: 'spaces', text: `${' '.repeat(bytes)}{}` },
    { what: 'bytes that are no UTF-8', text: Buffer.alloc(bytes, 0xff) },
    { what: 'zero bytes', text: Buffer.alloc(bytes) },
    { what: 'a compressed body', text: Buffer.alloc(100, 31), headers: { 'content-encoding': 'gzip' } },
  ];
}

/** What stands in the place of any JSON. */
const JSONS: readonly unknown[] = [
  JSON.parse(nested(230, '[', ']')),
  JSON.parse(nested(230, '{"a":', '}')),
  Array.from({ length: 20_000 }, () => ({})),
  'x'.repeat(800_000),
];

/** Fits the schema, and has in one place after the other as much as fits into the bounds of a body. */
export function fattened(schema: Schema, definitions: Schema): readonly HostileBody[] {
  const bodies: HostileBody[] = [];
  const put = (what: string, whole: (part: unknown) => unknown, parts: readonly unknown[]): void => {
    for (const part of parts) bodies.push({ what, text: JSON.stringify(whole(part)) });
  };
  const visit = (part: Schema, path: string, whole: (part: unknown) => unknown, depth: number): void => {
    if (depth > 6) return;
    const known = resolved(part, definitions);
    const choices = known['anyOf'] ?? known['oneOf'];
    if (Array.isArray(choices)) return (choices as Schema[]).forEach((choice) => visit(choice, path, whole, depth + 1));
    switch (known['type']) {
      case 'string':
        if (known['format'] === undefined && known['const'] === undefined)
          put(path, whole, [
            'x'.repeat(900_000),
            `%${'_a%'.repeat(300)}`,
            `${'"\\ '.repeat(3_000)}`,
            '\u0000',
            '\ud800',
            '__proto__',
          ]);
        return;
      case 'integer':
      case 'number':
        return put(path, whole, [1e308, -1e308, 2 ** 53, 1e-320, 199]);
      case 'array': {
        const items = (known['items'] ?? {}) as Schema;
        const [one, other] = [minimal(items, definitions, 1), minimal(items, definitions, 2)];
        const count = Math.min(
          40_000,
          Math.floor(900_000 / (JSON.stringify(one)?.length ?? 4)),
          Number(known['maxItems'] ?? Infinity),
        );
        put(path, whole, [[], Array.from({ length: count }, (_, index) => (index % 2 === 0 ? one : other))]);
        return visit(items, `${path}[]`, (inner) => whole([inner]), depth + 1);
      }
      case 'object':
        return visitObject(known, path, whole, depth);
      default:
        return put(path, whole, JSONS);
    }
  };
  const visitObject = (known: Schema, path: string, whole: (part: unknown) => unknown, depth: number): void => {
    const base = minimal(known, definitions, 1) as Record<string, unknown>;
    for (const [name, part] of Object.entries((known['properties'] ?? {}) as Record<string, Schema>)) {
      visit(part, `${path}.${name}`, (inner) => whole({ ...base, [name]: inner }), depth + 1);
    }
    const [rest] = [
      ...Object.values((known['patternProperties'] ?? {}) as Record<string, Schema>),
      known['additionalProperties'],
    ];
    if (rest === undefined || rest === false) return put(path, whole, [{ ...base, [`${'k'.repeat(200_000)}`]: 1 }]);
    const value = minimal(rest as Schema, definitions, 1) ?? 'v';
    put(path, whole, [
      { ...base, ...Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, value])) },
      { ...base, ['k'.repeat(800_000)]: value },
    ]);
    visit(rest as Schema, `${path}.*`, (inner) => whole({ ...base, anything: inner }), depth + 1);
  };
  visit(schema, '', (part) => part, 0);
  return bodies;
}

function resolved(schema: Schema, definitions: Schema): Schema {
  const reference = schema['$ref'];
  if (typeof reference === 'string')
    return resolved((definitions[reference.split('/').at(-1) ?? ''] ?? {}) as Schema, definitions);
  const parts = schema['allOf'];
  if (!Array.isArray(parts)) return schema;
  const all = (parts as Schema[]).map((part) => resolved(part, definitions));
  return Object.assign({}, ...all, {
    properties: Object.assign({}, ...all.map((part) => part['properties'])),
    required: all.flatMap((part) => part['required'] ?? []),
  }) as Schema;
}

/** The least that fits. */
function minimal(schema: Schema, definitions: Schema, seed: number): unknown {
  const known = resolved(schema, definitions);
  if (known['const'] !== undefined) return known['const'];
  if (Array.isArray(known['enum'])) return known['enum'][0];
  const choices = known['anyOf'] ?? known['oneOf'];
  if (Array.isArray(choices)) return minimal(choices[0] as Schema, definitions, seed);
  switch (known['type']) {
    case 'string':
      if (known['format'] === 'uuid') return `0190a1b2-c3d4-7e5f-8a9b-0000000000${seed < 10 ? '0' : ''}${seed}`;
      return known['format'] === 'date-time' ? '2026-11-22T18:13:00.000001Z' : `name-${seed}`;
    case 'integer':
    case 'number':
      return Math.max(1, Number(known['minimum'] ?? 1));
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: Number(known['minItems'] ?? 0) }, () =>
        minimal((known['items'] ?? {}) as Schema, definitions, seed),
      );
    case 'object': {
      const required = new Set((known['required'] ?? []) as string[]);
      const parts = Object.entries((known['properties'] ?? {}) as Record<string, Schema>).filter(([name]) =>
        required.has(name),
      );
      return Object.fromEntries(parts.map(([name, part]) => [name, minimal(part, definitions, seed)]));
    }
    default:
      return 'anything';
  }
}
