/** Flow parameters by any Standard Schema (zod, valibot, arktype …): checked, coerced, and described as JSON Schema. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isPromiseLike } from '../core/maybe-promise.ts';
import { didYouMean } from '../core/nearest-word.ts';
import type { Validation } from '../engine/definitions.ts';

export type AnySchema = StandardSchemaV1<unknown, unknown>;

/** @param described the schema as JSON Schema, made on first use */
export function validatorOf(
  schema: AnySchema,
  described: () => ParameterSchema,
): (parameters: unknown) => Validation | Promise<Validation> {
  const toValidation = (result: StandardSchemaV1.Result<unknown>, parameters: unknown): Validation => {
    if (result.issues) return refusal(result.issues, parameters);
    const slips = unknownNames(parameters, result.value, schema, described);
    return slips.length === 0 ? { ok: true, value: result.value } : { ok: false, problems: slips };
  };
  return (parameters) => {
    const result = schema['~standard'].validate(parameters);
    return isPromiseLike(result)
      ? Promise.resolve(result).then((settled) => toValidation(settled, parameters))
      : toValidation(result as StandardSchemaV1.Result<unknown>, parameters);
  };
}

type Problem = Extract<Validation, { readonly ok: false }>['problems'][number];

/**
 * Names that the schema does not know. Schemas of objects drop them silently, and the flow would run with its default
 * instead.
 */
function unknownNames(
  given: unknown,
  taken: unknown,
  schema: AnySchema,
  described: () => ParameterSchema,
): readonly Problem[] {
  if (typeof given !== 'object' || given === null) return [];
  const values = given as Readonly<Record<string, unknown>>;
  const isKept = (name: string): boolean =>
    DROPPING.includes(schema['~standard'].vendor) && typeof taken === 'object' && taken !== null && name in taken;
  const doubtful = Object.keys(values).filter((name) => values[name] !== undefined && !isKept(name));
  const known = doubtful.length === 0 ? null : (parameterNames(described()) ?? entriesOf(schema));
  if (known === null) return [];
  return doubtful
    .filter((name) => !known.includes(name))
    .map((name) => ({
      field: name,
      rule: `There is no such parameter.${didYouMean(name, known) || (known.length === 0 ? ' It takes none.' : ` It has: ${known.join(', ')}.`)}`,
      value: values[name],
    }));
}

/** Libraries whose schemas drop unknown names; others return them. */
const DROPPING: readonly string[] = ['zod', 'valibot'];

/** Names in valibot's own form of a schema: it has no JSON Schema without a further package. */
function entriesOf(schema: AnySchema): readonly string[] | null {
  const { type, entries } = schema as { readonly type?: unknown; readonly entries?: unknown };
  return type === 'object' && typeof entries === 'object' && entries !== null ? Object.keys(entries) : null;
}

export type ParameterSchema = Readonly<Record<string, unknown>> | null;

/** Names of the parameters; `null`: the schema takes any name, or does not tell. */
export function parameterNames(schema: ParameterSchema): readonly string[] | null {
  const { properties, additionalProperties } = schema ?? {};
  const isClosed =
    typeof properties === 'object' &&
    properties !== null &&
    (additionalProperties === undefined || additionalProperties === false);
  return isClosed ? Object.keys(properties) : null;
}

function refusal(issues: readonly StandardSchemaV1.Issue[], parameters: unknown): Validation {
  return {
    ok: false,
    problems: issues.map((issue) => ({
      field: fieldOf(issue),
      rule: issue.message,
      value: valueAt(parameters, issue),
    })),
  };
}

function keysOf(issue: StandardSchemaV1.Issue): readonly PropertyKey[] {
  return (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
}

/** The path of the field, for instance `customers[3].email`. */
function fieldOf(issue: StandardSchemaV1.Issue): string {
  return keysOf(issue).reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

function valueAt(parameters: unknown, issue: StandardSchemaV1.Issue): unknown {
  let value = parameters;
  for (const key of keysOf(issue)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

type ToJsonSchema = (options: {
  readonly target: string;
  readonly libraryOptions?: Readonly<Record<string, unknown>>;
}) => Record<string, unknown>;

/**
 * What zod can check but JSON Schema cannot express becomes the nearest type, with a `$comment` that the command line
 * reads; other libraries ignore this.
 */
const LIBRARY_OPTIONS = {
  unrepresentable: 'any',
  override: ({
    zodSchema,
    jsonSchema,
  }: {
    readonly zodSchema: { readonly _zod?: { readonly def?: { readonly type?: string } } };
    readonly jsonSchema: Record<string, unknown>;
  }): void => {
    const type = zodSchema._zod?.def?.type;
    if (type === 'date')
      Object.assign(jsonSchema, { type: 'string', format: 'date-time', $comment: 'JavaScript: Date' });
    if (type === 'bigint') Object.assign(jsonSchema, { type: 'integer', $comment: 'JavaScript: bigint' });
  },
};

/**
 * The JSON Schema of the parameters that callers may pass (Standard JSON Schema); `null` where the library has none.
 */
export function jsonSchemaOf(schema: AnySchema): ParameterSchema {
  const input = (schema['~standard'] as { readonly jsonSchema?: { readonly input?: ToJsonSchema } }).jsonSchema?.input;
  try {
    return input?.({ target: 'draft-2020-12', libraryOptions: LIBRARY_OPTIONS }) ?? null;
  } catch {
    // A schema with parts that JSON Schema cannot express: the parameters are still validated.
    return null;
  }
}
