/** What each noun can be asked by: its table, its fields, and the relations by which conditions reach other nouns. */

import type { AskedNoun } from '../../core/query.ts';
import { EVENT_RELATIONS, EVENT_TABLES, type StoredPart } from '../nouns/event.ts';
import { TABLES } from '../nouns/table.ts';
import { few, id, list, number, some, someById, text, type NounTable, type Relation } from '../nouns/field.ts';
import { sql } from './sql.ts';

const flow: NounTable = {
  table: 'flow',
  fields: {
    id: few(id('flow.id')),
    name: { ...text('flow.name'), isUnique: true, isNeverNull: true },
    tags: list('flow.tags'),
    createdAt: number('flow.created_at'),
    updatedAt: number('coalesce(flow.updated_at, flow.created_at)'),
  },
};

const flowSummary: NounTable = { table: 'flow', fields: flow.fields };

const flowRun: NounTable = {
  table: 'flow_run',
  fields: {
    id: few(id('flow_run.id')),
    flowId: someById(id('flow_run.flow_id')),
    name: someById(text('flow_run.name')),
    flowVersion: text('flow_run.flow_version'),
    tags: list('flow_run.tags'),
    stateType: someById(text('flow_run.state_type')),
    stateName: text('flow_run.state_name'),
    stateTimestamp: number('flow_run.state_timestamp'),
    runCount: number('flow_run.run_count'),
    deploymentId: someById(id('flow_run.deployment_id')),
    workQueueId: some(id('flow_run.work_queue_id')),
    priority: number('flow_run.priority'),
    workQueueName: text(({ jsonText }) => jsonText('flow_run.submission', ['workQueueName'])),
    idempotencyKey: text('flow_run.idempotency_key'),
    retryType: text(({ jsonText }) => jsonText('flow_run.policy', ['retryType'])),
    parentTaskRunId: few(id('flow_run.parent_task_run_id')),
    parentFlowRunId: someById(id('flow_run.parent_flow_run_id')),
    processId: some(id('flow_run.lease_process_id')),
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
      within: (condition, column) =>
        sql`task_run.shape_id in (select task_shape.id from task_shape where ${condition(column)})`,
    },
    taskKey: {
      kind: 'text',
      column: 'task_shape.task_key',
      within: (condition, column) =>
        sql`task_run.shape_id in (select task_shape.id from task_shape where ${condition(column)})`,
    },
    stateType: text('task_run.state_type'),
    stateName: text('task_run.state_name'),
    createdAt: number('task_run.created_at'),
    startTime: number('task_run.start_time'),
    endTime: number('task_run.end_time'),
    // One that runs grows by itself.
    duration: {
      kind: 'number',
      column: ({ now, positive }) =>
        `(task_run.total_run_time_us + case when task_run.state_type = 'RUNNING' then ${positive(`${now} - task_run.start_time`)} else 0 end)`,
    },
    // Runs of our own engine are expected when they are made.
    expectedStartTime: number(
      '(case when task_run.foreign_fields is null then task_run.created_at else task_run.expected_start_time end)',
    ),
    nextScheduledStartTime: number(
      "(case when task_run.state_type = 'SCHEDULED' then task_run.expected_start_time end)",
    ),
  },
};

const log: NounTable = {
  table: 'log',
  tieBreak: 'seq',
  fields: {
    id: id('log.id'),
    seq: number('log.seq'),
    flowRunId: id('log.flow_run_id'),
    taskRunId: id('log.task_run_id'),
    name: text('log.name'),
    level: number('log.level'),
    message: text('log.message'),
    timestamp: number('log.timestamp'),
    text: text("(log.message || ' ' || log.name)"),
  },
};

const artifactFields = {
  id: id('artifact.id'),
  key: text('artifact.key'),
  type: text("nullif(artifact.type, '')"),
  flowRunId: id('artifact.flow_run_id'),
  taskRunId: id('artifact.task_run_id'),
  createdAt: number('artifact.created_at'),
  updatedAt: number('artifact.updated_at'),
};

const artifact: NounTable = { table: 'artifact', fields: artifactFields };

/** The newest artifact of each key. */
const artifactCollection: NounTable = {
  table: 'artifact',
  only: 'artifact.key is not null and not exists (select 1 from artifact as newer where newer.key = artifact.key and newer.id > artifact.id)',
  fields: { ...artifactFields, latestId: id('artifact.id') },
};

const deployment: NounTable = {
  table: 'deployment',
  fields: {
    id: few(id('deployment.id')),
    flowId: few(id('deployment.flow_id')),
    name: some(text('deployment.name')),
    tags: list('deployment.tags'),
    paused: { kind: 'boolean', column: 'deployment.paused' },
    workQueueName: text('deployment.work_queue_name'),
    workQueueId: id('deployment.work_queue_id'),
    createdAt: number('deployment.created_at'),
    updatedAt: number('deployment.updated_at'),
  },
};

const blockType: NounTable = {
  table: 'block_type',
  fields: {
    id: id('block_type.id'),
    name: text('block_type.name'),
    slug: text('block_type.slug'),
    createdAt: number('block_type.created_at'),
  },
};

const blockSchema: NounTable = {
  table: 'block_schema',
  fields: {
    id: id('block_schema.id'),
    blockTypeId: id('block_schema.block_type_id'),
    capabilities: list('block_schema.capabilities'),
    version: text('block_schema.version'),
    createdAt: number('block_schema.created_at'),
  },
};

const blockDocument: NounTable = {
  table: 'block_document',
  fields: {
    id: id('block_document.id'),
    name: text('block_document.name'),
    blockTypeId: id('block_document.block_type_id'),
    blockTypeName: text('block_document.block_type_name'),
    isAnonymous: { kind: 'boolean', column: 'block_document.is_anonymous' },
  },
};

const concurrencyLimit: NounTable = {
  table: 'concurrency_limit',
  fields: {
    id: few(id('concurrency_limit.id')),
    name: { ...few(text('concurrency_limit.name')), isUnique: true },
    createdAt: number('concurrency_limit.created_at'),
  },
};

const workPool: NounTable = {
  table: 'work_pool',
  fields: {
    id: few(id('work_pool.id')),
    name: few(text('work_pool.name')),
    type: text('work_pool.type'),
    status: text('work_pool.status'),
    createdAt: number('work_pool.created_at'),
  },
};

const workQueue: NounTable = {
  table: 'work_queue',
  fields: {
    id: few(id('work_queue.id')),
    workPoolId: few(id('work_queue.work_pool_id')),
    name: text('work_queue.name'),
    priority: number('work_queue.priority'),
    status: text('work_queue.status'),
    lastPolled: number('work_queue.last_polled'),
  },
};

const worker: NounTable = {
  table: 'worker',
  fields: {
    id: id('worker.id'),
    workPoolId: few(id('worker.work_pool_id')),
    name: text('worker.name'),
    status: text('worker.status'),
    lastHeartbeat: number('worker.last_heartbeat'),
  },
};

/** What conditions are compiled for: what can be asked, and what stands for parts of it in the store. */
export type TableName = AskedNoun | StoredPart;

export const NOUN_TABLES: Readonly<Record<TableName, NounTable>> = {
  block_type: blockType,
  block_schema: blockSchema,
  block_document: blockDocument,
  flow,
  flow_summary: flowSummary,
  flow_run: flowRun,
  task_run: taskRun,
  log,
  artifact,
  artifact_collection: artifactCollection,
  deployment,
  concurrency_limit: concurrencyLimit,
  work_pool: workPool,
  work_queue: workQueue,
  worker,
  ...TABLES,
  ...EVENT_TABLES,
};

const toOne = (from: string, to: string): Relation => ({ from, to, isToOne: true });
const toMany = (from: string, to: string): Relation => ({ from, to, isToOne: false });

/** By `from>to`, or `from>to:by`. */
export const RELATIONS: Readonly<Record<string, Relation>> = {
  'flow>deployment': toMany('flow.id', 'deployment.flow_id'),
  'deployment>flow': toOne('deployment.flow_id', 'flow.id'),
  'deployment>work_queue': toOne('deployment.work_queue_id', 'work_queue.id'),
  'deployment>flow_run': toMany('deployment.id', 'flow_run.deployment_id'),
  'flow_run>deployment': toOne('flow_run.deployment_id', 'deployment.id'),
  'flow>flow_run': toMany('flow.id', 'flow_run.flow_id'),
  'flow_run>flow': toOne('flow_run.flow_id', 'flow.id'),
  'flow_run>task_run': toMany('flow_run.id', 'task_run.flow_run_id'),
  'flow_run>task_run:parent': toOne('flow_run.parent_task_run_id', 'task_run.id'),
  'flow_run>log': toMany('flow_run.id', 'log.flow_run_id'),
  'flow_run>work_queue': toOne('flow_run.work_queue_id', 'work_queue.id'),
  'work_queue>work_pool': toOne('work_queue.work_pool_id', 'work_pool.id'),
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
  ...EVENT_RELATIONS,
};
