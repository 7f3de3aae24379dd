/**
 * What is wrong with a value, in Pydantic's words: Prefect's clients print them, and look for some.
 *
 * Source: the error types of pydantic-core 2.
 */

import type { Mismatch } from './validator.ts';

export interface Words {
  readonly type: string;
  readonly msg: string;
  /** What the sentence was made with. */
  readonly ctx?: Readonly<Record<string, unknown>>;
}

export function wordsOf(mismatch: Mismatch): Words {
  return (BY_KEYWORD[mismatch.keyword] ?? otherwise)(mismatch);
}

function otherwise({ keyword, fact }: Mismatch): Words {
  return { type: keyword, msg: `Input should fit ${keyword} ${JSON.stringify(fact)}` };
}

const BY_KEYWORD: Readonly<Record<string, (mismatch: Mismatch) => Words>> = {
  required: () => ({ type: 'missing', msg: 'Field required' }),
  additionalProperties: () => ({ type: 'extra_forbidden', msg: 'Extra inputs are not permitted' }),
  type: ({ fact, input }) =>
    Array.isArray(fact)
      ? { type: 'union_type', msg: `Input should be a valid ${fact.join(' or ')}` }
      : typeWords(String(fact), input),
  const: ({ fact }) => ({ ...expected([fact]), type: 'literal_error' }),
  enum: ({ fact }) => expected(fact as readonly unknown[]),
  minimum: ({ fact }) => ({
    type: 'greater_than_equal',
    msg: `Input should be greater than or equal to ${String(fact)}`,
    ctx: { ge: fact },
  }),
  maximum: ({ fact }) => ({
    type: 'less_than_equal',
    msg: `Input should be less than or equal to ${String(fact)}`,
    ctx: { le: fact },
  }),
  exclusiveMinimum: ({ fact }) => ({
    type: 'greater_than',
    msg: `Input should be greater than ${String(fact)}`,
    ctx: { gt: fact },
  }),
  exclusiveMaximum: ({ fact }) => ({
    type: 'less_than',
    msg: `Input should be less than ${String(fact)}`,
    ctx: { lt: fact },
  }),
  minLength: ({ fact }) => ({
    type: 'string_too_short',
    msg: `String should have at least ${counted(fact, 'character')}`,
    ctx: { min_length: fact },
  }),
  maxLength: ({ fact, title, input }) => {
    // Names are checked by a function of Prefect's first, after which nothing is known to be a text.
    if (title !== undefined) return tooMany('Value', fact, charactersOf(input));
    return {
      type: 'string_too_long',
      msg: `String should have at most ${counted(fact, 'character')}`,
      ctx: { max_length: fact },
    };
  },
  minItems: ({ fact, input }) => {
    const actual = (input as readonly unknown[]).length;
    const msg = `List should have at least ${counted(fact, 'item')} after validation, not ${actual}`;
    return { type: 'too_short', msg, ctx: { field_type: 'List', min_length: fact, actual_length: actual } };
  },
  maxItems: ({ fact, input }) => tooMany('List', fact, (input as readonly unknown[]).length),
  maxProperties: ({ fact, input }) => tooMany('Dictionary', fact, Object.keys(input as object).length),
  pattern: ({ fact, title }) => patternWords(String(fact), title),
  format: ({ fact, input }) => formatWords(String(fact), String(input)),
};

function typeWords(type: string, input: unknown): Words {
  const isText = typeof input === 'string';
  switch (type) {
    case 'string':
      return { type: 'string_type', msg: 'Input should be a valid string' };
    case 'integer':
      if (isText)
        return { type: 'int_parsing', msg: 'Input should be a valid integer, unable to parse string as an integer' };
      if (typeof input === 'number')
        return { type: 'int_from_float', msg: 'Input should be a valid integer, got a number with a fractional part' };
      return { type: 'int_type', msg: 'Input should be a valid integer' };
    case 'number':
      if (isText)
        return { type: 'float_parsing', msg: 'Input should be a valid number, unable to parse string as a number' };
      return { type: 'float_type', msg: 'Input should be a valid number' };
    case 'boolean':
      if (isText || Number.isInteger(input))
        return { type: 'bool_parsing', msg: 'Input should be a valid boolean, unable to interpret input' };
      return { type: 'bool_type', msg: 'Input should be a valid boolean' };
    case 'uuid':
      return { type: 'uuid_type', msg: 'UUID input should be a string, bytes or UUID object' };
    case 'datetime':
      return { type: 'datetime_type', msg: 'Input should be a valid datetime' };
    case 'array':
      return { type: 'list_type', msg: 'Input should be a valid list' };
    case 'model':
      return {
        type: 'model_attributes_type',
        msg: 'Input should be a valid dictionary or object to extract fields from',
      };
    case 'object':
      return { type: 'dict_type', msg: 'Input should be a valid dictionary' };
    default:
      return { type: 'none_required', msg: 'Input should be None' };
  }
}

function expected(values: readonly unknown[]): Words {
  const named = values.map((value) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value)));
  const list = named.length > 1 ? `${named.slice(0, -1).join(', ')} or ${named.at(-1)}` : String(named[0]);
  return { type: 'enum', msg: `Input should be ${list}`, ctx: { expected: list } };
}

/** Code points, counted without a list of them. */
function charactersOf(input: unknown): number {
  let count = 0;
  for (const _ of typeof input === 'string' ? input : '') count += 1;
  return count;
}

function tooMany(what: string, most: unknown, actual: number): Words {
  return {
    type: 'too_long',
    msg: `${what} should have at most ${counted(most, 'item')} after validation, not ${actual}`,
    ctx: { field_type: what, max_length: most, actual_length: actual },
  };
}

/** What a name of Prefect's may be made of, by the pattern. */
const CHARACTERS: Readonly<Record<string, string>> = {
  '^[a-z0-9-]+$': 'must only contain lowercase letters, numbers, and dashes.',
  '^[a-z0-9_-]+$': 'must only contain lowercase letters, numbers, and dashes or underscores.',
};

function patternWords(pattern: string, title: string | undefined): Words {
  const rule = CHARACTERS[pattern];
  if (rule !== undefined && title !== undefined)
    return { type: 'value_error', msg: `Value error, ${title} ${rule}`, ctx: { error: {} } };
  return { type: 'string_pattern_mismatch', msg: `String should match pattern '${pattern}'`, ctx: { pattern } };
}

function formatWords(format: string, input: string): Words {
  if (format.endsWith('uuid')) {
    const error = uuidFault(input);
    return { type: 'uuid_parsing', msg: `Input should be a valid UUID, ${error}`, ctx: { error } };
  }
  return {
    type: 'datetime_parsing',
    msg: 'Input should be a valid datetime, it cannot be read as one',
    ctx: { error: 'it cannot be read as one' },
  };
}

const GROUPS = [8, 4, 4, 4, 12];

/** The first thing that keeps a text from being a UUID. */
function uuidFault(text: string): string {
  const wrong = /[^0-9a-f-]/iu.exec(text);
  if (wrong !== null) return `invalid character: found \`${wrong[0]}\` at ${wrong.index}`;
  const groups = text.split('-');
  if (groups.length === 1 && text.length < 36) return `invalid length: found ${text.length}`;
  if (groups.length !== GROUPS.length) return `invalid group count: expected ${GROUPS.length}, found ${groups.length}`;
  const index = groups.findIndex((group, at) => group.length !== GROUPS[at]);
  return `invalid group length in group ${index}: expected ${GROUPS[index]}, found ${groups[index]?.length ?? 0}`;
}

function counted(count: unknown, thing: string): string {
  return `${String(count)} ${thing}${count === 1 ? '' : 's'}`;
}
