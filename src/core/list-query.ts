/**
 * Lists that page by key, as queries: what `filter.ts` calls the parts of a filter, in the one language of lists
 * (`query.ts`).
 */

import type { FlowRunFilter, LogFilter, Page, TaskRunFilter } from './filter.ts';
import { idRange, type TaskRunId } from './ids.ts';
import { allOf, NOTHING, type Condition, type Query, type Scalar } from './query.ts';

type Direction = 'asc' | 'desc';

/** Newest first. */
export function flowRunQuery(filter: FlowRunFilter, page: Page<string>, limit: number): Query {
  return byKey('id', 'desc', flowRunCondition(filter), page.after, limit);
}

export function flowRunCondition(filter: FlowRunFilter): Condition {
  const { ids, idPrefix, name, flowName, stateTypes, stateNames, tags, parentTaskRunId, rootOnly, processId } = filter;
  return allOf([
    ...isOneOf('id', ids),
    ...beginsWith(idPrefix),
    ...is('name', name),
    ...(flowName === undefined
      ? []
      : [{ op: 'exists', noun: 'flow', where: { op: 'eq', field: 'name', value: flowName } } as const]),
    ...isOneOf('stateType', stateTypes),
    ...isOneOf('stateName', stateNames),
    ...(tags === undefined ? [] : [{ op: 'hasAll', field: 'tags', values: tags } as const]),
    ...is('parentTaskRunId', parentTaskRunId),
    ...(rootOnly === true ? [{ op: 'isNull', field: 'parentFlowRunId', isNull: true } as const] : []),
    ...is('processId', processId),
  ]);
}

export function taskRunQuery(
  filter: TaskRunFilter,
  page: Page<TaskRunId> & { readonly order?: 'newest' | 'oldest' },
  limit: number,
): Query {
  return byKey('id', page.order === 'oldest' ? 'asc' : 'desc', taskRunCondition(filter), page.after, limit);
}

export function taskRunCondition(filter: TaskRunFilter): Condition {
  const { ids, idPrefix, name, flowRunId, stateTypes, stateNames, taskKey } = filter;
  return allOf([
    ...isOneOf('id', ids),
    ...beginsWith(idPrefix),
    ...is('name', name),
    ...is('flowRunId', flowRunId),
    ...isOneOf('stateType', stateTypes),
    ...isOneOf('stateName', stateNames),
    ...is('taskKey', taskKey),
  ]);
}

/** In commit order, or the newest first. */
export function logQuery(
  { flowRunId, taskRunId, levelMin, text }: LogFilter,
  afterSeq: number | undefined,
  direction: Direction,
  limit: number,
): Query {
  const where = allOf([
    ...is('flowRunId', flowRunId),
    ...is('taskRunId', taskRunId),
    ...(levelMin === undefined ? [] : [{ op: 'ge', field: 'level', value: levelMin } as const]),
    ...(text ? [{ op: 'contains', field: 'message', text } as const] : []),
    ...(afterSeq === undefined ? [] : [{ op: 'gt', field: 'seq', value: afterSeq } as const]),
  ]);
  return { where, sort: [{ field: 'seq', direction }], limit, offset: 0 };
}

/** A page of a list that goes on after a key: rows that come and go before it move nothing. */
export function byKey(
  field: string,
  direction: Direction,
  where: Condition,
  after: string | undefined,
  limit: number,
): Query {
  const rest: readonly Condition[] =
    after === undefined ? [] : [{ op: direction === 'asc' ? 'gt' : 'lt', field, value: after }];
  const parts = where.op === 'and' ? where.of : [where];
  return { where: allOf([...parts, ...rest]), sort: [{ field, direction }], limit, offset: 0 };
}

function is(field: string, value: Scalar | undefined): readonly Condition[] {
  return value === undefined ? [] : [{ op: 'eq', field, value }];
}

function isOneOf(field: string, values: readonly Scalar[] | undefined): readonly Condition[] {
  return values === undefined ? [] : [{ op: 'in', field, values }];
}

function beginsWith(prefix: string | undefined): readonly Condition[] {
  if (prefix === undefined) return [];
  const range = idRange(prefix);
  return range === null
    ? [NOTHING]
    : [
        { op: 'ge', field: 'id', value: range.from },
        { op: 'le', field: 'id', value: range.to },
      ];
}
