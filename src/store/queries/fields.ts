/**
 * What each noun can be asked by: its table, its fields, and the ties by which conditions reach over to other nouns.
 *
 * A noun whose table is not here has no rows: asking for one that is related to it finds nothing.
 */

import type { Noun } from '../../core/query.ts';
import { sql, type Sql } from './sql.ts';

export type FieldKind = 'id' | 'text' | 'number' | 'boolean' | 'list';

/** Pieces of SQL in which the dialects differ; each answers an expression. */
export interface ColumnSpelling {
  /** The text at a path in a JSON column; null where nothing is. */
  jsonText(column: string, path: readonly string[]): string;
  /** The list at a key of a JSON column. */
  jsonList(column: string, key: string): string;
  /** The column by which a row of the table is found fastest. */
  rowKey(table: string): string;
  /** Microseconds since 1970, by the database's clock. */
  readonly now: string;
  /** The same value, by which no index will be looked up. */
  unindexed(column: string): string;
}

export interface Field {
  readonly kind: FieldKind;
  /**
   * `few`: an index finds the rows that have a value, and they are few or lie in the order of their ids. `some`: an index
   * finds them, and they may be most of the table. Absent: no index begins with it.
   */
  readonly index?: 'few' | 'some';
  /** An expression; for ones with `within`, of the tables that it names. */
  readonly column: string | ((spelling: ColumnSpelling) => string);
  /** Puts a condition on the column where it belongs: for columns that lie in another table than the noun's. */
  readonly within?: (condition: (column: string) => Sql, column: string) => Sql;
}

export interface NounTable {
  readonly table: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Breaks ties of an order; `id` unless said. */
  readonly tieBreak?: string;
  /** Rows of the table that are none of the noun's are left out. */
  readonly only?: string;
}

const id = (column: string): Field => ({ kind: 'id', column });
const text = (column: Field['column']): Field => ({ kind: 'text', column });
const number = (column: string): Field => ({ kind: 'number', column });
const list = (column: string): Field => ({ kind: 'list', column });
const few = (field: Field): Field => ({ ...field, index: 'few' });
const some = (field: Field): Field => ({ ...field, index: 'some' });

const flow: NounTable = {
  table: 'flow',
  fields: {
    id: few(id('flow.id')), name: text('flow.name'), tags: list('flow.tags'), createdAt: number('flow.created_at'), updatedAt: number('coalesce(flow.updated_at, flow.created_at)'),
  },
};

const flowRun: NounTable = {
  table: 'flow_run',
  fields: {
    id: few(id('flow_run.id')),
    flowId: some(id('flow_run.flow_id')),
    name: some(text('flow_run.name')),
    flowVersion: text('flow_run.flow_version'),
    tags: list('flow_run.tags'),
    stateType: some(text('flow_run.state_type')),
    stateName: text('flow_run.state_name'),
    stateTimestamp: number('flow_run.state_timestamp'),
    runCount: number('flow_run.run_count'),
    deploymentId: some(id('flow_run.deployment_id')),
    workQueueId: id('flow_run.work_queue_id'),
    workQueueName: text(({ jsonText }) => jsonText('flow_run.submission', ['workQueueName'])),
    idempotencyKey: text('flow_run.idempotency_key'),
    parentTaskRunId: few(id('flow_run.parent_task_run_id')),
    parentFlowRunId: some(id('flow_run.parent_flow_run_id')),
    creator: text(({ jsonText }) => jsonText('flow_run.submission', ['createdBy'])),
    creatorId: text(({ jsonText }) => jsonText('flow_run.submission', ['createdBy', 'id'])),
    creatorType: text(({ jsonText }) => jsonText('flow_run.submission', ['createdBy', 'type'])),
    createdAt: number('flow_run.created_at'),
    startTime: number('flow_run.start_time'),
    endTime: some(number('flow_run.end_time')),
    expectedStartTime: some(number('flow_run.expected_start_time')),
    startOrExpectedTime: some(number('coalesce(flow_run.start_time, flow_run.expected_start_time)')),
    nextScheduledStartTime: some(number('flow_run.next_scheduled_start_time')),
  },
};

const taskRun: NounTable = {
  table: 'task_run',
  fields: {
    id: few(id('task_run.id')),
    flowRunId: few(id('task_run.flow_run_id')),
    parentTaskRunId: id('task_run.parent_task_run_id'),
    name: text('task_run.name'),
    // Shapes are few: the condition is asked of each of them, not of each run.
    tags: {
      kind: 'list',
      column: ({ jsonList }) => jsonList('task_shape.body', 'tags'),
      within: (condition, column) => sql`task_run.shape_id in (select task_shape.id from task_shape where ${condition(column)})`,
    },
    stateType: text('task_run.state_type'),
    stateName: text('task_run.state_name'),
    createdAt: number('task_run.created_at'),
    startTime: number('task_run.start_time'),
    endTime: number('task_run.end_time'),
    // One that runs grows by itself.
    duration: { kind: 'number', column: ({ now }) => `(task_run.total_run_time_us + case when task_run.state_type = 'RUNNING' then max(0, ${now} - task_run.start_time) else 0 end)` },
    // Runs of our own engine are expected when they are made.
    expectedStartTime: number('(case when task_run.foreign_fields is null then task_run.created_at else task_run.expected_start_time end)'),
    nextScheduledStartTime: number("(case when task_run.state_type = 'SCHEDULED' then task_run.expected_start_time end)"),
  },
};

const log: NounTable = {
  table: 'log',
  tieBreak: 'seq',
  fields: {
    id: id('log.id'), seq: number('log.seq'), flowRunId: id('log.flow_run_id'), taskRunId: id('log.task_run_id'), name: text('log.name'),
    level: number('log.level'), message: text('log.message'), timestamp: number('log.timestamp'),
    text: text("(log.message || ' ' || log.name)"),
  },
};

const artifactFields = {
  id: id('artifact.id'), key: text('artifact.key'), type: text("nullif(artifact.type, '')"), flowRunId: id('artifact.flow_run_id'),
  taskRunId: id('artifact.task_run_id'), createdAt: number('artifact.created_at'), updatedAt: number('artifact.updated_at'),
};

const artifact: NounTable = { table: 'artifact', fields: artifactFields };

/** The newest artifact of each key. */
const artifactCollection: NounTable = {
  table: 'artifact',
  only: 'artifact.key is not null and not exists (select 1 from artifact as newer where newer.key = artifact.key and newer.id > artifact.id)',
  fields: { ...artifactFields, latestId: id('artifact.id') },
};

const variable: NounTable = {
  table: 'variable',
  fields: {
    id: id('variable.id'), name: text('variable.name'), tags: list('variable.tags'), createdAt: number('variable.created_at'),
    updatedAt: number('variable.updated_at'),
  },
};

const savedSearch: NounTable = {
  table: 'saved_search',
  fields: {
    id: id('saved_search.id'), name: text('saved_search.name'), createdAt: number('saved_search.created_at'), updatedAt: number('saved_search.updated_at'),
  },
};

const blockType: NounTable = {
  table: 'block_type',
  fields: { id: id('block_type.id'), name: text('block_type.name'), slug: text('block_type.slug'), createdAt: number('block_type.created_at') },
};

const blockSchema: NounTable = {
  table: 'block_schema',
  fields: {
    id: id('block_schema.id'), blockTypeId: id('block_schema.block_type_id'), capabilities: list('block_schema.capabilities'),
    version: text('block_schema.version'), createdAt: number('block_schema.created_at'),
  },
};

const blockDocument: NounTable = {
  table: 'block_document',
  fields: {
    id: id('block_document.id'), name: text('block_document.name'), blockTypeId: id('block_document.block_type_id'),
    blockTypeName: text('block_document.block_type_name'), isAnonymous: { kind: 'boolean', column: 'block_document.is_anonymous' },
  },
};

export const NOUN_TABLES: Readonly<Partial<Record<Noun, NounTable>>> = {
  block_type: blockType, block_schema: blockSchema, block_document: blockDocument, flow, flow_run: flowRun, task_run: taskRun, log, artifact, artifact_collection: artifactCollection, variable,
  saved_search: savedSearch,
};

/** How a row of the second noun belongs to one of the first: `[column of the first, column of the second]`. */
export interface Tie {
  readonly from: string;
  readonly to: string;
  /** At most one row of the second noun belongs to a row of the first. */
  readonly isToOne: boolean;
}

const toOne = (from: string, to: string): Tie => ({ from, to, isToOne: true });
const toMany = (from: string, to: string): Tie => ({ from, to, isToOne: false });

/** By `from>to`, or `from>to:by`. */
export const TIES: Readonly<Record<string, Tie>> = {
  'flow>flow_run': toMany('flow.id', 'flow_run.flow_id'),
  'flow_run>flow': toOne('flow_run.flow_id', 'flow.id'),
  'flow_run>task_run': toMany('flow_run.id', 'task_run.flow_run_id'),
  'flow_run>task_run:parent': toOne('flow_run.parent_task_run_id', 'task_run.id'),
  'flow_run>log': toMany('flow_run.id', 'log.flow_run_id'),
  'flow_run>artifact': toMany('flow_run.id', 'artifact.flow_run_id'),
  'task_run>flow_run': toOne('task_run.flow_run_id', 'flow_run.id'),
  'task_run>flow_run:child': toMany('task_run.id', 'flow_run.parent_task_run_id'),
  'log>flow_run': toOne('log.flow_run_id', 'flow_run.id'),
  'block_type>block_schema': toMany('block_type.id', 'block_schema.block_type_id'),
  'block_document>block_type': toOne('block_document.block_type_id', 'block_type.id'),
  'block_document>block_schema': toOne('block_document.block_schema_id', 'block_schema.id'),
  'artifact>flow_run': toOne('artifact.flow_run_id', 'flow_run.id'),
  'artifact>task_run': toOne('artifact.task_run_id', 'task_run.id'),
  'artifact_collection>flow_run': toOne('artifact.flow_run_id', 'flow_run.id'),
  'artifact_collection>task_run': toOne('artifact.task_run_id', 'task_run.id'),
};
