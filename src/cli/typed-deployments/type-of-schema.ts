/** A JSON Schema as a TypeScript type. What cannot be said is `unknown`, never something narrower than the schema. */

type Schema = Readonly<Record<string, unknown>>;

/** Nested references and parts: a schema may refer to itself, or be somebody's bomb. */
const DEPTH_MAX = 12;
const NAME = /^[A-Za-z_$][\w$]*$/;

export function typeOfSchema(schema: unknown, root: Schema, depth = DEPTH_MAX): string {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || depth === 0) return 'unknown';
  const { $ref, anyOf, oneOf, allOf, type, enum: values, $comment } = schema as Schema;
  if (typeof $ref === 'string') return typeOfSchema(referred($ref, root), root, depth - 1);
  const among = anyOf ?? oneOf;
  if (Array.isArray(among)) return union(among.map((each) => typeOfSchema(each, root, depth - 1)));
  if (Array.isArray(allOf)) return allOf.map((each) => inUnion(typeOfSchema(each, root, depth - 1))).join(' & ');
  if (Array.isArray(values)) return union(values.map(literal));
  if ('const' in schema) return literal(schema.const);
  if ($comment === 'JavaScript: Date') return 'Date | string';
  if ($comment === 'JavaScript: bigint') return 'bigint | number';
  if (Array.isArray(type)) return union(type.map((each) => typeOfKind(String(each), schema as Schema, root, depth)));
  return typeOfKind(typeof type === 'string' ? type : '', schema as Schema, root, depth);
}

function typeOfKind(kind: string, schema: Schema, root: Schema, depth: number): string {
  switch (kind) {
    case 'string':
    case 'boolean':
    case 'null':
      return kind;
    case 'number':
    case 'integer':
      return 'number';
    case 'array': {
      const { items, prefixItems } = schema;
      if (Array.isArray(prefixItems))
        return `readonly [${prefixItems.map((each) => typeOfSchema(each, root, depth - 1)).join(', ')}, ...unknown[]]`;
      return `readonly ${inUnion(typeOfSchema(items, root, depth - 1))}[]`;
    }
    case 'object':
      return typeOfObject(schema, root, depth);
    default:
      return 'unknown';
  }
}

/** @param given names that need not be said: they have a value already */
export function typeOfObject(schema: Schema, root: Schema, depth = DEPTH_MAX, given: readonly string[] = []): string {
  const { properties, required, additionalProperties } = schema;
  if (typeof properties !== 'object' || properties === null) {
    const value = additionalProperties === undefined ? 'unknown' : typeOfSchema(additionalProperties, root, depth - 1);
    return `{ readonly [name: string]: ${value} }`;
  }
  const needed = new Set(Array.isArray(required) ? required.map(String) : []);
  const members = Object.entries(properties).map(([name, part]) => {
    const optional = needed.has(name) && !given.includes(name) ? '' : '?';
    const key = NAME.test(name) ? name : JSON.stringify(name);
    return `readonly ${key}${optional}: ${typeOfSchema(part, root, depth - 1)}`;
  });
  return members.length === 0 ? '{ readonly [name: string]: never }' : `{ ${members.join('; ')} }`;
}

function referred(pointer: string, root: Schema): unknown {
  if (!pointer.startsWith('#/')) return undefined;
  return pointer
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (found, key) =>
        typeof found === 'object' && found !== null && Object.hasOwn(found, key) ? (found as Schema)[key] : undefined,
      root,
    );
}

function literal(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'unknown' : (JSON.stringify(value) ?? 'unknown');
}

function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  return all.length === 0 || all.includes('unknown') ? 'unknown' : all.join(' | ');
}

function inUnion(type: string): string {
  return type.includes(' | ') || type.startsWith('readonly ') ? `(${type})` : type;
}
