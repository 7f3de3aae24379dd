/** Flow parameters by any Standard Schema (zod, valibot, arktype …): checked, coerced, and described as JSON Schema. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isPromiseLike } from '../core/maybe-promise.ts';
import type { Validation } from '../engine/definitions.ts';

export type AnySchema = StandardSchemaV1<unknown, unknown>;

export function validatorOf(schema: AnySchema): (parameters: unknown) => Validation | Promise<Validation> {
  return (parameters) => {
    const result = schema['~standard'].validate(parameters);
    return isPromiseLike(result) ? Promise.resolve(result).then((settled) => toValidation(settled, parameters)) : toValidation(result as StandardSchemaV1.Result<unknown>, parameters);
  };
}

function toValidation(result: StandardSchemaV1.Result<unknown>, parameters: unknown): Validation {
  if (!result.issues) return { ok: true, value: result.value };
  return { ok: false, problems: result.issues.map((issue) => ({ field: fieldOf(issue), rule: issue.message, value: valueAt(parameters, issue) })) };
}

function keysOf(issue: StandardSchemaV1.Issue): readonly PropertyKey[] {
  return (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
}

/** `customers[3].email` */
function fieldOf(issue: StandardSchemaV1.Issue): string {
  return keysOf(issue).reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`), '');
}

function valueAt(parameters: unknown, issue: StandardSchemaV1.Issue): unknown {
  let value = parameters;
  for (const key of keysOf(issue)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

type ToJsonSchema = (options: { readonly target: string; readonly libraryOptions?: Readonly<Record<string, unknown>> }) => Record<string, unknown>;

/** What zod can check but JSON cannot say is said by its nearest text; other libraries do not look at this. */
const LIBRARY_OPTIONS = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: { readonly zodSchema: { readonly _zod?: { readonly def?: { readonly type?: string } } }; readonly jsonSchema: Record<string, unknown> }): void => {
    const type = zodSchema._zod?.def?.type;
    if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    if (type === 'bigint') Object.assign(jsonSchema, { type: 'integer' });
  },
};

/** The JSON Schema of what callers may pass, where the library can tell (Standard JSON Schema); `null` where not. */
export function jsonSchemaOf(schema: AnySchema): Readonly<Record<string, unknown>> | null {
  const input = (schema['~standard'] as { readonly jsonSchema?: { readonly input?: ToJsonSchema } }).jsonSchema?.input;
  try {
    return input?.({ target: 'draft-2020-12', libraryOptions: LIBRARY_OPTIONS }) ?? null;
  } catch {
    // Schemas with parts that have no JSON form: the parameters are still validated.
    return null;
  }
}
