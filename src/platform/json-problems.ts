/** All problems of a value, member by member, as forms show them beside their fields. */

import type { AnySchemaObject, ErrorObject } from 'ajv/dist/2020.js';

import { OstinatoError } from '../core/errors.ts';
import { StandIn } from '../core/hydration.ts';
import { circularSchema, compilerOf, isObject, partsOf, preprocessed } from './json-schema.ts';
import { python, reasonOf } from './json-schema-messages.ts';

/** A sentence about the value itself, or the problem of a member. */
export type JsonProblem =
  | string
  | { readonly property: string; readonly errors: JsonProblem[] }
  | { readonly index: number; readonly errors: JsonProblem[] };

interface Found {
  readonly path: readonly string[];
  readonly reason: string;
}

/**
 * @param value may contain substitutes for values that are computed later: conditions on those are ignored
 * @throws `bad-input` when the schema is invalid
 */
export function problemsOfJson(schema: unknown, value: unknown): JsonProblem[] {
  const standIns = new Map<string, StandIn>();
  collectStandIns(value, '', standIns);
  const problems: JsonProblem[] = [];
  for (const [pointer, { problem }] of standIns)
    if (problem !== null) place(problems, value, { path: partsOf(pointer), reason: problem });
  for (const error of errorsOf(preprocessed(schema), value)) {
    if (!standIns.has(error.instancePath)) place(problems, value, { path: memberOf(error), reason: reasonOf(error) });
  }
  return problems;
}

function errorsOf(schema: boolean | AnySchemaObject, value: unknown): readonly ErrorObject[] {
  const ajv = compilerOf(true);
  try {
    if (ajv.validateSchema(schema) !== true) throw invalid(reasonOf(nearest(ajv.errors ?? [])));
    const validate = ajv.compile(schema);
    return validate(value) ? [] : merged(withoutBranches(validate.errors ?? [], schema));
  } catch (error) {
    if (error instanceof RangeError) throw circularSchema(error);
    if (error instanceof OstinatoError) throw error;
    throw invalid(
      error instanceof SyntaxError
        ? `${python(patternIn(error))} is not a 'regex'`
        : error instanceof Error
          ? error.message
          : String(error),
      error,
    );
  }
}

function invalid(reason: string, cause?: unknown): OstinatoError {
  return new OstinatoError('bad-input', `Invalid schema: ${reason}`, cause === undefined ? {} : { cause });
}

/** `Invalid regular expression: /(/: Unterminated group`. */
function patternIn({ message }: SyntaxError): string {
  return /\/(.*)\/\w*:/s.exec(message)?.[1] ?? message;
}

/** The most relevant error of an invalid schema: nearest to its root, and a choice before its parts. */
function nearest(errors: readonly ErrorObject[]): ErrorObject {
  const depth = ({ instancePath, keyword }: ErrorObject): number =>
    partsOf(instancePath).length * 2 + (CHOICES.has(keyword) ? 0 : 1);
  return [...errors].sort((left, right) => depth(left) - depth(right))[0] as ErrorObject;
}

const CHOICES: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'contains']);

/** If no branch of a choice fits, the choice is the problem, not the conditions of its branches. */
function withoutBranches(errors: readonly ErrorObject[], root: unknown): ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  for (const [index, choice] of errors.entries()) {
    if (!CHOICES.has(choice.keyword)) continue;
    const branches = schemasBelow(choice.schema, root);
    for (const error of errors.slice(0, index)) {
      if (
        isWithin(error.instancePath, choice.instancePath) &&
        error.parentSchema !== choice.parentSchema &&
        branches.has(error.parentSchema)
      )
        dropped.add(error);
    }
  }
  // Errors of parts replace those of their containers.
  return errors.filter((error) => !dropped.has(error) && error.keyword !== 'if' && error.keyword !== 'propertyNames');
}

function isWithin(pointer: string, above: string): boolean {
  return pointer === above || pointer.startsWith(`${above}/`);
}

/** Every object in the schema, and in the definitions that it refers to in the same document. */
function schemasBelow(start: unknown, root: unknown): ReadonlySet<unknown> {
  const seen = new Set<unknown>();
  const left = [start];
  for (let schema = left.pop(); schema !== undefined; schema = left.pop()) {
    if (typeof schema !== 'object' || schema === null || seen.has(schema)) continue;
    seen.add(schema);
    left.push(...Object.values(schema));
    const reference = (schema as Readonly<Record<string, unknown>>)['$ref'];
    if (typeof reference === 'string' && reference.startsWith('#'))
      left.push(resolved(root, decodeURI(reference.slice(1))));
  }
  return seen;
}

function resolved(root: unknown, pointer: string): unknown {
  return partsOf(pointer).reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[part] : undefined),
    root,
  );
}

/** Unexpected properties are reported in one sentence. */
function merged(errors: readonly ErrorObject[]): ErrorObject[] {
  const named = new Map<string, { readonly params: { readonly additionalProperty: string[] } }>();
  return errors.filter((error) => {
    if (error.keyword !== 'additionalProperties') return true;
    const key = `${error.instancePath} ${error.schemaPath}`;
    const name = (error.params as { readonly additionalProperty: string }).additionalProperty;
    const first = named.get(key);
    if (first !== undefined) return (first.params.additionalProperty.push(name), false);
    const params = { additionalProperty: [name] };
    error.params = params;
    named.set(key, { params });
    return true;
  });
}

/** A missing member is a problem of that member, not of its container. */
function memberOf({ keyword, instancePath, params }: ErrorObject): string[] {
  const path = partsOf(instancePath);
  return keyword === 'required' ? [...path, (params as { readonly missingProperty: string }).missingProperty] : path;
}

function place(problems: JsonProblem[], value: unknown, { path: [part, ...rest], reason }: Found): void {
  if (part === undefined) return void problems.push(reason);
  const isList = Array.isArray(value);
  const isMember = (problem: JsonProblem): boolean =>
    typeof problem !== 'string' &&
    (isList
      ? 'index' in problem && problem.index === Number(part)
      : 'property' in problem && problem.property === part);
  const known = rest.length === 0 ? undefined : problems.find(isMember);
  const member = known ?? (isList ? { index: Number(part), errors: [] } : { property: part, errors: [] });
  if (known === undefined) problems.push(member);
  place(
    (member as { readonly errors: JsonProblem[] }).errors,
    isList ? (value as unknown[])[Number(part)] : isObject(value) ? value[part] : undefined,
    { path: rest, reason },
  );
}

function collectStandIns(value: unknown, pointer: string, found: Map<string, StandIn>): void {
  if (value instanceof StandIn) return void found.set(pointer, value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    collectStandIns(item, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
}
