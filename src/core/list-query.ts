/**
 * Lists that page by key, and the conditions that they are usually asked by: the one language of lists (`query.ts`), as
 * the programs of this package ask it of a client or a store.
 */

import { idRange, type FlowRunId, type TaskRunId } from './ids.ts';
import {
  allOf,
  EVERYTHING,
  NOTHING,
  type Condition,
  type EntityByNoun,
  type Query,
  type Scalar,
  type Sort,
} from './query.ts';

/** By what a page of each of these nouns goes on. */
export interface KeyByNoun {
  /** The flow's name. */
  readonly flow_summary: string;
  readonly flow_run: FlowRunId;
  readonly task_run: TaskRunId;
  /** `seq`: logs are in the order of their commits. */
  readonly log: number;
}

export type ListedNoun = keyof KeyByNoun;

export interface KeyPage<N extends ListedNoun = ListedNoun> {
  /** Default: everything. */
  readonly where?: Condition | undefined;
  /** Of the key. Default: runs newest first (`desc`), logs in the order of their commits, flows by name (`asc`). */
  readonly direction?: Sort['direction'] | undefined;
  /** Key of the last row of the page before: rows that come and go before it move nothing. */
  readonly after?: KeyByNoun[N] | undefined;
  /** 1…1000, default 50. */
  readonly limit?: number | undefined;
}

const KEYS: Readonly<Record<ListedNoun, Sort>> = {
  flow_summary: { field: 'name', direction: 'asc' },
  flow_run: { field: 'id', direction: 'desc' },
  task_run: { field: 'id', direction: 'desc' },
  log: { field: 'seq', direction: 'asc' },
};

export function keyQuery<N extends ListedNoun>(
  noun: N,
  { where = EVERYTHING, direction = KEYS[noun].direction, after }: KeyPage<N>,
  limit: number,
): Query {
  const { field } = KEYS[noun];
  const rest: readonly Condition[] =
    after === undefined ? [] : [{ op: direction === 'asc' ? 'gt' : 'lt', field, value: after }];
  const parts = where.op === 'and' ? where.of : [where];
  return { where: allOf([...parts, ...rest]), sort: [{ field, direction }], limit, offset: 0 };
}

/** After which row the next page begins. */
export function keyOf<N extends ListedNoun>(noun: N, row: EntityByNoun[N]): KeyByNoun[N] {
  return (row as unknown as Readonly<Record<string, KeyByNoun[N]>>)[KEYS[noun].field] as KeyByNoun[N];
}

/**
 * Each of these fields has the value, or one of the values, that is named: `matching({ flowRunId, stateType: ['FAILED',
 * 'CRASHED'] })`. One that is `undefined` narrows nothing; an empty list matches nothing.
 */
export function matching(fields: Readonly<Record<string, Scalar | readonly Scalar[] | undefined>>): Condition {
  return allOf(
    Object.entries(fields).flatMap(([field, value]): readonly Condition[] => {
      if (value === undefined) return [];
      return typeof value === 'object' ? [{ op: 'in', field, values: value }] : [{ op: 'eq', field, value }];
    }),
  );
}

/** Flow runs of the flow of this name. */
export function ofFlow(name: string): Condition {
  return { op: 'exists', noun: 'flow', where: matching({ name }) };
}

/** Runs that carry all of these. */
export function withTags(tags: readonly string[]): Condition {
  return { op: 'hasAll', field: 'tags', values: tags };
}

/** Flow runs that no other flow run started. */
export const ROOT_RUNS: Condition = Object.freeze({ op: 'isNull', field: 'parentFlowRunId', isNull: true });

/**
 * The id begins so, with dashes or without: people type the first characters. What no id can begin with matches
 * nothing.
 */
export function idBegins(prefix: string): Condition {
  const range = idRange(prefix);
  if (range === null) return NOTHING;
  return allOf([
    { op: 'ge', field: 'id', value: range.from },
    { op: 'le', field: 'id', value: range.to },
  ]);
}
