/**
 * Lists as Prefect's server is asked for them. Of a condition, what its filters can say is sent; the rest is looked at
 * here, row by row.
 */

import { holds } from '../../../core/condition-match.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { FlowRun } from '../../../core/flow-run.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import type { ListedNoun } from '../../../core/list-query.ts';
import type { LogRecord } from '../../../core/log.ts';
import { allOf, conjuncts, type Condition, type Scalar } from '../../../core/query.ts';
import type { TaskRun } from '../../../core/task-run.ts';

/** Rows of the largest page. */
export const PAGE_MAX = 200;

/** The server's id of a flow run. */
type Remote = (id: FlowRunId) => string;

export interface Asked {
  /** What the server's filter says. */
  readonly body: object;
  /** What it cannot say; `null` where it says all. */
  readonly rest: Condition | null;
}

/** Where the values of a field stand in the server's filter: below the filter of a noun, in one criterion. */
interface Place {
  readonly path: readonly string[];
  /** Ids that this process may know by others. */
  readonly isFlowRunId?: true;
}

const stateOf = (noun: string): Readonly<Record<string, Place>> => ({
  stateType: { path: [noun, 'state', 'type'] },
  stateName: { path: [noun, 'state', 'name'] },
});

const PLACES: Readonly<Record<ListedNoun, Readonly<Record<string, Place>>>> = {
  flow_summary: { id: { path: ['flows', 'id'] }, name: { path: ['flows', 'name'] }, tags: { path: ['flows', 'tags'] } },
  flow_run: {
    id: { path: ['flow_runs', 'id'], isFlowRunId: true },
    name: { path: ['flow_runs', 'name'] },
    tags: { path: ['flow_runs', 'tags'] },
    parentTaskRunId: { path: ['flow_runs', 'parent_task_run_id'] },
    ...stateOf('flow_runs'),
  },
  task_run: {
    id: { path: ['task_runs', 'id'] },
    name: { path: ['task_runs', 'name'] },
    tags: { path: ['task_runs', 'tags'] },
    flowRunId: { path: ['task_runs', 'flow_run_id'], isFlowRunId: true },
    ...stateOf('task_runs'),
  },
  log: {
    flowRunId: { path: ['logs', 'flow_run_id'], isFlowRunId: true },
    taskRunId: { path: ['logs', 'task_run_id'] },
    level: { path: ['logs', 'level'] },
  },
};

type Criteria = { [name: string]: Criteria | readonly Scalar[] | Scalar };

export function askedOf(noun: ListedNoun, where: Condition, remote: Remote): Asked {
  const body: Criteria = {};
  const rest = conjuncts(where).filter((part) => !say(body, noun, part, remote));
  return { body, rest: rest.length === 0 ? null : allOf(rest) };
}

/** Adds the condition to the body; returns whether the server's filter can say it. */
function say(body: Criteria, noun: ListedNoun, part: Condition, remote: Remote): boolean {
  switch (part.op) {
    case 'eq':
      return say(body, noun, { op: 'in', field: part.field, values: [part.value] }, remote);
    case 'in': {
      const place = PLACES[noun][part.field];
      if (place === undefined || part.field === 'level' || part.field === 'tags') return false;
      const values = place.isFlowRunId ? part.values.map((id) => remote(String(id) as FlowRunId)) : part.values;
      return sayOneOf(body, place, values);
    }
    case 'hasAll':
      return part.field === 'tags' && put(body, PLACES[noun]['tags'], 'all_', part.values);
    case 'ge':
      return part.field === 'level' && put(body, PLACES[noun]['level'], 'ge_', part.value);
    case 'isNull':
      // Who has a parent was started by a task run of it.
      return (
        noun === 'flow_run' &&
        (part.field === 'parentFlowRunId' || part.field === 'parentTaskRunId') &&
        put(body, PLACES.flow_run['parentTaskRunId'], 'is_null_', part.isNull)
      );
    case 'exists':
      return noun === 'flow_run' && part.noun === 'flow' && sayAll(body, 'flow_summary', part.where, remote);
    case 'or':
      return sayEither(body, noun, part.of);
    default:
      return false;
  }
}

/** Values that are said twice of one field are those that are in both. */
function sayOneOf(body: Criteria, place: Place, values: readonly Scalar[]): boolean {
  const criterion = criterionAt(body, place);
  if (hasOperator(body, place)) return false;
  const before = criterion['any_'] as readonly Scalar[] | undefined;
  criterion['any_'] = before === undefined ? values : before.filter((value) => values.includes(value));
  return true;
}

function sayAll(body: Criteria, noun: ListedNoun, where: Condition, remote: Remote): boolean {
  return conjuncts(where).every((part) => say(body, noun, part, remote));
}

/** Of a state, the type or the name. */
function sayEither(body: Criteria, noun: ListedNoun, parts: readonly Condition[]): boolean {
  const [type, name, ...others] = parts;
  const place = PLACES[noun]['stateType'];
  if (place === undefined || others.length > 0 || type?.op !== 'in' || name?.op !== 'in') return false;
  if (type.field !== 'stateType' || name.field !== 'stateName') return false;
  const state = criterionAt(body, { path: place.path.slice(0, -1) });
  if (Object.keys(state).length > 0) return false;
  Object.assign(state, { operator: 'or_', type: { any_: type.values }, name: { any_: name.values } });
  return true;
}

function put(body: Criteria, place: Place | undefined, leaf: string, value: readonly Scalar[] | Scalar): boolean {
  if (place === undefined) return false;
  const criterion = criterionAt(body, place);
  if (leaf in criterion) return false;
  criterion[leaf] = value;
  return true;
}

function criterionAt(body: Criteria, { path }: Place): Criteria {
  let at = body;
  for (const name of path) at = (at[name] ??= {}) as Criteria;
  return at;
}

function hasOperator(body: Criteria, { path }: Place): boolean {
  return 'operator' in criterionAt(body, { path: path.slice(0, -1) });
}

/** @throws `unsupported` where the server's filter does not say all of a condition that rows are counted by */
export function bodyOf({ body, rest }: Asked): object {
  if (rest !== null) throw unsupported(rest);
  return body;
}

/**
 * Whether a row meets what the server could not be asked.
 * @throws `unsupported` for what a row does not tell
 */
export function meets(row: Row, where: Condition): boolean {
  const fields = fieldsOf(row);
  checkTold(fields, where);
  return holds(where, fields);
}

type Row = FlowRun | TaskRun | LogRecord;

/** By the names that lists ask by. */
function fieldsOf(row: Row): Readonly<Record<string, unknown>> {
  if (!('state' in row)) return { ...row };
  const { type: stateType, name: stateName, timestamp: stateTimestamp } = row.state;
  const processId = 'lease' in row ? (row.lease?.processId ?? null) : row.processId;
  return { ...row, stateType, stateName, stateTimestamp, processId };
}

function checkTold(fields: Readonly<Record<string, unknown>>, where: Condition): void {
  switch (where.op) {
    case 'and':
    case 'or':
      for (const part of where.of) checkTold(fields, part);
      return;
    case 'not':
      return checkTold(fields, where.of);
    case 'exists':
      throw unsupported(where);
    default:
      if (!Object.hasOwn(fields, where.field)) throw unsupported(where);
  }
}

function unsupported(where: Condition): OstinatoError {
  const what = 'field' in where ? `"${where.field}" (${where.op})` : `"${where.op}"`;
  return new OstinatoError('unsupported', `Prefect's server cannot be asked for rows by ${what}.`, {
    remedy: 'Ask for more, and choose among them; or use a server of Ostinato.',
  });
}

/**
 * Prefect's lists page by offset, ours by the last row: remembers the offset after each row that ended a page. A page
 * after an unknown row starts from the beginning.
 */
export class Cursors {
  readonly #offsets = new Map<string, number>();

  offsetAfter(id: string | undefined): number {
    return id === undefined ? 0 : (this.#offsets.get(id) ?? 0);
  }

  remember(id: string | undefined, offset: number): void {
    if (id === undefined) return;
    if (this.#offsets.size >= CURSORS_MAX) this.#offsets.clear();
    this.#offsets.set(id, offset);
  }
}

const CURSORS_MAX = 1000;
