/**
 * How leaves make up a filter: a criterion about one field (`{"any_": […], "operator": "or_"}`), a filter of one noun
 * (`{"name": {…}, "tags": {…}, "operator": "or_"}`). One table a noun gives the schema of the body and its condition.
 *
 * Everything but `operator` may be `null`, which is the same as absent. A key that is not known is a mistake (422). A
 * criterion without any leaf holds for every row, also under `or_`.
 */

import { Type, type TSchema } from '../type.ts';

import { allOf, EVERYTHING, type Condition } from '../../core/query.ts';
import { Action, Maybe } from '../route.ts';
import type { Leaf } from './leaf.ts';

/** A filter as it arrives, checked against its schema. */
export type FilterBody = Readonly<Record<string, unknown>>;

export interface Criterion {
  readonly schema: TSchema;
  /** `null`: left out of what it would be combined with. */
  readonly condition: (body: FilterBody) => Condition | null;
}

export interface Filter {
  readonly schema: ReturnType<typeof filterSchema>;
  readonly condition: (body: FilterBody) => Condition;
}

const Operator = Type.Optional(Type.Union([Type.Literal('and_'), Type.Literal('or_')]));

function filterSchema(
  title: string,
  parts: Readonly<Record<string, { readonly schema: TSchema }>>,
  hasOperator: boolean,
) {
  const properties: Record<string, TSchema> = Object.fromEntries(
    Object.entries(parts).map(([name, { schema }]) => [name, Maybe(schema)]),
  );
  if (hasOperator) properties['operator'] = Operator;
  return Type.Unsafe<FilterBody>({ ...Action(properties), ...(title === '' ? {} : { title }) });
}

function combine(body: FilterBody, conditions: readonly Condition[]): Condition {
  if (conditions.length <= 1 || body['operator'] !== 'or_') return allOf(conditions);
  return { op: 'or', of: conditions };
}

interface Shape {
  /** Whether `operator` may stand in it. */
  readonly operator?: boolean;
}

export function criterion(leaves: Readonly<Record<string, Leaf>>, { operator = false }: Shape = {}): Criterion {
  const entries = Object.entries(leaves);
  return {
    schema: filterSchema('', leaves, operator),
    condition(body) {
      const conditions: Condition[] = [];
      for (const [name, { condition }] of entries) {
        const value = body[name];
        const found = value === null || value === undefined ? null : condition(value as never);
        if (found !== null) conditions.push(found);
      }
      return combine(body, conditions);
    },
  };
}

/** A criterion of criteria (`state`); one that says nothing is left out. */
export function group(criteria: Readonly<Record<string, Criterion>>): Criterion {
  const entries = Object.entries(criteria);
  return {
    schema: filterSchema('', criteria, true),
    condition: (body) =>
      combine(
        body,
        said(body, entries).filter((condition) => condition !== EVERYTHING && !isVoid(condition)),
      ),
  };
}

function isVoid(condition: Condition): boolean {
  return condition.op === 'and' && condition.of.length === 0;
}

export function filter(
  title: string,
  criteria: Readonly<Record<string, Criterion>>,
  { operator = true }: Shape = {},
): Filter {
  const entries = Object.entries(criteria);
  return { schema: filterSchema(title, criteria, operator), condition: (body) => combine(body, said(body, entries)) };
}

function said(body: FilterBody, entries: readonly (readonly [string, Criterion])[]): Condition[] {
  const conditions: Condition[] = [];
  for (const [name, { condition }] of entries) {
    const value = body[name];
    const found = value === null || value === undefined ? null : condition(value as FilterBody);
    if (found !== null) conditions.push(found);
  }
  return conditions;
}
