/**
 * The task runs of one flow run in groups.
 *
 * 1. They are counted in steps of the index of the flow run. Grouping all of them at once sorts them: measured, a
 *    million takes 2.7 s and 50 MB; in steps as long and a megabyte, and nobody waits longer than a step.
 * 2. A page of a group is a walk along the same index from a known run on; the type of state stands in it.
 */

import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { StateMark } from '../../core/run-segments.ts';
import type { StateType } from '../../core/state.ts';
import type { FoldedGroup, FoldedRuns, TaskRunGroup } from '../../core/task-run-groups.ts';
import type { Instant } from '../../core/time.ts';
import { FIRST_ID, lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { GroupPage } from '../port/query.ts';
import { Slots } from './condition.ts';
import { planOf, type Plan } from './find.ts';
import type { Shape } from './shape.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { sql, type Sql } from './sql.ts';
import { TASK_RUN_SELECTION, type TaskShape } from '../rows/task-run.ts';

/** Runs in one step: some 40 ms. */
const STEP_RUNS = 20_000;
const MARKS_MAX = 100_000;
/** An id that no run has. */
const NOBODY = FIRST_ID;

export interface FoldRow {
  readonly shape_id: number;
  readonly state_type: StateType;
  readonly state_name: string;
  readonly count: number;
  readonly start: number;
  readonly end: number | null;
  readonly first_id: IdValue;
  readonly last_id: IdValue;
}

export function shapeOfFold(flowRunId: FlowRunId, after: IdValue): Shape {
  return { key: 'groups of task runs', values: [lookupBytes(flowRunId) ?? NOBODY, after, STEP_RUNS] };
}

export function foldPlan({ smallestId, largestId }: SqlDialect): Plan {
  const [flowRun, after, limit] = new Slots().take(3);
  return planOf(sql`select shape_id, state_type, state_name, count(*) as count, min(start) as start, max(end_time) as "end", ${sql.raw(smallestId('id'))} as first_id, ${sql.raw(largestId('id'))} as last_id
    from (select id, shape_id, state_type, state_name, coalesce(start_time, expected_start_time, created_at) as start, end_time
      from task_run where flow_run_id = ${flowRun} and id > ${after} order by id limit ${limit}) as step group by 1, 2, 3`);
}

export function readFoldRow(row: FoldRow): FoldedRuns {
  return {
    shape: row.shape_id,
    type: row.state_type,
    name: row.state_name,
    count: row.count,
    firstId: readId<TaskRunId>(row.first_id),
    start: row.start as Instant,
    end: row.end as Instant | null,
  };
}

/** The run after which the next step begins; `null`: this was the last one. */
export function endOfStep(rows: readonly FoldRow[]): IdValue | null {
  const runs = rows.reduce((sum, { count }) => sum + count, 0);
  // As text, ids sort like their bytes.
  const last = rows
    .map((row) => readId<TaskRunId>(row.last_id))
    .sort()
    .at(-1);
  return runs < STEP_RUNS || last === undefined ? null : uuidBytes(last);
}

export interface NameRow {
  readonly id: number;
  readonly body: string;
}

export function shapeOfNames({ list }: SqlDialect, groups: readonly FoldedGroup[]): Shape {
  return {
    key: 'names of task shapes',
    values: [
      list(
        'number',
        groups.flatMap(({ first, last }) => [first, last]),
      ),
    ],
  };
}

export function namesPlan({ isOneOf }: SqlDialect): Plan {
  const [shapes] = new Slots().take(1);
  return planOf(sql`select id, body from task_shape where ${isOneOf('id', 'number', shapes as Sql)}`);
}

export function namedGroups(groups: readonly FoldedGroup[], rows: readonly NameRow[]): readonly TaskRunGroup[] {
  const shapes = new Map(rows.map(({ id, body }) => [id, JSON.parse(body) as TaskShape]));
  return groups.map((group) => {
    const first = shapes.get(group.first);
    return {
      ...group,
      taskName: first?.taskName ?? '',
      mapId: first?.mapId ?? null,
      lastTaskName: shapes.get(group.last)?.taskName ?? '',
    };
  });
}

export function shapeOfGroup({ list }: SqlDialect, { flowRunId, shapes, stateTypes, after, limit }: GroupPage): Shape {
  const [first, last, single] = 'first' in shapes ? [shapes.first, shapes.last, []] : [1, 0, shapes];
  return {
    key: 'task runs of a group',
    values: [
      lookupBytes(flowRunId) ?? NOBODY,
      after === '' ? FIRST_ID : uuidBytes(after),
      list('text', stateTypes),
      first,
      last,
      list('number', single),
      limit,
    ],
  };
}

export function groupPlan({ isOneOf, byIndex, orderedJoin }: SqlDialect): Plan {
  const [flowRun, after, types, first, last, single, limit] = new Slots().take(7);
  return planOf(sql`select ${sql.raw(TASK_RUN_SELECTION.join(', '))} from (select id as page_key from task_run ${sql.raw(byIndex('task_run_by_flow_run'))}
      where flow_run_id = ${flowRun} and id > ${after} and ${isOneOf('state_type', 'text', types as Sql)}
      and (shape_id between ${first} and ${last} or ${isOneOf('shape_id', 'number', single as Sql)}) order by id limit ${limit}) as page
    ${sql.raw(orderedJoin)} task_run on task_run.id = page.page_key join task_shape on task_shape.id = task_run.shape_id
    join task_run_state on task_run_state.run_id = task_run.id and task_run_state.id = task_run.state_id order by task_run.id`);
}

export interface MarkRow {
  readonly run_id: IdValue;
  readonly type: StateType;
  readonly name: string;
  readonly timestamp: number;
}

export function shapeOfMarks({ list }: SqlDialect, ids: readonly TaskRunId[]): Shape {
  return { key: 'states of task runs', values: [list('id', ids)] };
}

export function marksPlan({ isOneOf }: SqlDialect): Plan {
  const [ids] = new Slots().take(1);
  return planOf(sql`select state.run_id, state.type, state.name, state.timestamp from task_run_state as state where ${isOneOf('state.run_id', 'id', ids as Sql)}
    order by state.run_id, state.timestamp, state.id limit ${sql.raw(String(MARKS_MAX))}`);
}

export function readMarks(rows: readonly MarkRow[]): ReadonlyMap<TaskRunId, readonly StateMark[]> {
  const marks = new Map<TaskRunId, StateMark[]>();
  for (const { run_id: runId, type, name, timestamp } of rows) {
    const id = readId<TaskRunId>(runId);
    const mark = { type, name, timestamp: timestamp as Instant };
    const known = marks.get(id);
    if (known === undefined) marks.set(id, [mark]);
    else known.push(mark);
  }
  return marks;
}
