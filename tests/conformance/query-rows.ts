/** Random rows of every noun that can be listed, in a store and in memory alike. */
import type { PrefectClientFields, TaskRun } from '../../src/core/task-run.ts';
import type { Artifact } from '../../src/core/artifact.ts';
import { RUNNERS, type Flow, type FlowRun, type Submission } from '../../src/core/flow-run.ts';
import type { DeploymentId, FlowRunId } from '../../src/core/ids.ts';
import type { LogRecord } from '../../src/core/log.ts';
import type { AskedNoun, RelationName } from '../../src/core/query.ts';
import { stampState, type ProposedState } from '../../src/core/state.ts';
import { saidPriority } from '../../src/core/run-priority.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Variable } from '../../src/core/variable.ts';
import { NO_QUEUE, queueOfRun, type Worker, type WorkPool, type WorkQueue } from '../../src/core/work-pool.ts';
import type { Storage } from '../../src/store/port.ts';
import type { MemoryRow, MemoryTables, Value } from './query-evaluator.ts';
import {
  makeArtifact,
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeLog,
  makeTaskRun,
  makeVariable,
  makeWorker,
  makeWorkPool,
  makeWorkQueue,
  newId,
  makeSubmission,
} from './samples.ts';

export const NAMES = ['Quick-Otter', 'quick_otter', 'ÄRGER 100%', 'ärger', 'a\\b', '', 'it\'s "b"', '10% off', '日本'];
export const TAGS = ['a', 'b', 'x","etl', 'etl', 'it\'s "b"', 'ä', ''];
export const START = 1_790_000_000_000_000;

/** Draws with a seed, so that a failure can be had again. */
export type Draw = <T>(from: readonly T[]) => T;

export function drawing(seed: number): Draw {
  let state = seed | 1;
  return (from) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    const index = ((state ^ (state >>> 13)) >>> 0) % from.length;
    return from[index] as (typeof from)[number];
  };
}

export interface World {
  readonly flows: Flow[];
  readonly flowRuns: FlowRun[];
  readonly taskRuns: TaskRun[];
  readonly logs: LogRecord[];
  readonly artifacts: Artifact[];
  readonly variables: Variable[];
  readonly workPools: WorkPool[];
  readonly workQueues: WorkQueue[];
  readonly workers: Worker[];
}

const STATES: readonly ProposedState[] = [
  { type: 'SCHEDULED', scheduledTime: (START + 7_000_000) as Instant },
  { type: 'SCHEDULED', name: 'Late', scheduledTime: (START + 1_000_000) as Instant },
  { type: 'PENDING' },
  { type: 'RUNNING' },
  { type: 'COMPLETED', data: null },
  { type: 'FAILED', failure: null },
  { type: 'COMPLETED', name: 'Cached', data: null },
];

function instants(draw: Draw): Instant {
  return (START + draw([0, 1, 2, 3, 5, 8, 13]) * 1_000_000) as Instant;
}

function someTags(draw: Draw): string[] {
  return TAGS.filter(() => draw([true, false, false]));
}

function submission(world: World, draw: Draw): Submission | null {
  if (draw([true, false])) return null;
  return makeSubmission({
    ...someQueue(world, draw),
    deploymentId: draw([null, newId<DeploymentId>()]),
    ...saidPriority(draw([0, -5, 3])),
    createdBy: draw([
      null,
      { id: newId<FlowRunId>(), type: draw(['SCHEDULE', 'AUTOMATION', null]), displayValue: null },
    ]),
  });
}

export async function fillWorld(storage: Storage, draw: Draw): Promise<World> {
  const world: World = {
    flows: [],
    flowRuns: [],
    taskRuns: [],
    logs: [],
    artifacts: [],
    variables: [],
    workPools: [],
    workQueues: [],
    workers: [],
  };
  for (const name of NAMES.slice(0, 3)) await addWorkPool(storage, world, draw, name);
  for (const name of NAMES.slice(0, 5)) {
    const flow = { ...makeFlow(`${name} flow`), tags: someTags(draw) };
    world.flows.push(await storage.ensureFlow(flow.name, () => flow));
  }
  for (let index = 0; index < 40; index += 1) {
    await addFlowRun(storage, world, draw, index);
    await addTaskRun(storage, world, draw, index);
  }
  for (let index = 0; index < 30; index += 1) {
    world.logs.push(
      makeLog({
        name: draw(['ostinato.flow_runs', 'ostinato.task_runs']),
        level: draw([10, 20, 30, 40]),
        message: `${draw(NAMES)} and ${draw(NAMES)}`,
        timestamp: instants(draw),
        flowRunId: draw([null, draw(world.flowRuns).id]),
        taskRunId: draw([null, draw(world.taskRuns).id]),
      }),
    );
    const artifact = makeArtifact({
      key: draw([null, 'sales', 'other']),
      type: draw(['markdown', 'table', 'result']),
      flowRunId: draw([null, draw(world.flowRuns).id]),
      taskRunId: draw([null, draw(world.taskRuns).id]),
      updatedAt: instants(draw),
    });
    world.artifacts.push(artifact);
    await storage.insertArtifact(artifact, makeEvent());
  }
  await storage.writeTaskRuns([], world.logs);
  for (const name of NAMES) {
    const variable = { ...makeVariable(`v ${name}`, 1), tags: someTags(draw), updatedAt: instants(draw) };
    world.variables.push(variable);
    await storage.changeVariable({ name: variable.name }, () => ({ variable, answer: null }));
  }
  return world;
}

async function addWorkPool(storage: Storage, world: World, draw: Draw, name: string): Promise<void> {
  const pool = makeWorkPool(name, { type: draw(['process', 'docker']), status: draw(['READY', 'PAUSED', null]) });
  const queues = NAMES.slice(0, 4).map((queueName, index) =>
    makeWorkQueue(pool, queueName, { priority: index + 1, lastPolled: draw([null, instants(draw)]) }),
  );
  await storage.changeWorkPool({ name }, () => ({ pool, queues, answer: null }));
  const worker = makeWorker(pool, name, { status: draw(['ONLINE', 'OFFLINE']), lastHeartbeat: instants(draw) });
  await storage.changeWorker({ pool: { name }, name }, () => ({ worker, answer: null }));
  world.workPools.push(pool);
  world.workQueues.push(...queues);
  world.workers.push(worker);
}

function someQueue({ workPools, workQueues }: World, draw: Draw) {
  const queue = draw([null, draw(workQueues)]);
  const pool = workPools.find(({ id }) => id === queue?.workPoolId);
  return queue === null || pool === undefined ? NO_QUEUE : queueOfRun(pool, queue);
}

async function addFlowRun(storage: Storage, world: World, draw: Draw, index: number): Promise<void> {
  const flow = draw(world.flows);
  const parent = world.taskRuns.length > 0 && draw([true, false, false]) ? draw(world.taskRuns) : null;
  const run = makeFlowRun(flow, {
    name: draw(NAMES),
    tags: someTags(draw),
    flowVersion: draw([null, '1', '2']),
    idempotencyKey: draw([null, `key ${index}`]),
    state: stampState(draw(STATES), newId(), instants(draw)),
    runner: draw(RUNNERS),
    submission: submission(world, draw),
    parentTaskRunId: parent?.id ?? null,
    parentFlowRunId: parent && draw([null, parent.flowRunId]),
    expectedStartTime: draw([null, instants(draw)]),
    startTime: draw([null, instants(draw)]),
    endTime: draw([null, instants(draw)]),
  });
  world.flowRuns.push(run);
  await storage.insertFlowRun(run, []);
}

async function addTaskRun(storage: Storage, world: World, draw: Draw, index: number): Promise<void> {
  const prefectClient: PrefectClientFields | null = draw([
    null,
    {
      naturalKey: `natural ${index}`,
      labels: {},
      taskVersion: null,
      cacheKey: null,
      cacheExpiration: null,
      expectedStartTime: draw([null, instants(draw)]),
      nextScheduledStartTime: null,
      empiricalPolicy: '{}',
    },
  ]);
  const run = makeTaskRun({
    name: draw(NAMES),
    tags: someTags(draw),
    dynamicKey: String(index),
    prefectClient,
    flowRunId: draw([null, draw(world.flowRuns).id]),
    state: stampState(draw(STATES), newId(), instants(draw)),
    startTime: draw([null, instants(draw)]),
    endTime: draw([null, instants(draw)]),
  });
  world.taskRuns.push(run);
  await storage.changeTaskRun({ id: run.id, naturalKey: null, flowRunId: run.flowRunId }, {}, () => ({
    run,
    states: [run.state],
    answer: null,
  }));
}

/** The same rows in memory. */
export function tablesOf(world: World): MemoryTables {
  const rows: Partial<Record<AskedNoun, MemoryRow[]>> = {
    flow: world.flows.map((flow) => row(flow.id, { name: flow.name, tags: flow.tags, createdAt: flow.createdAt })),
    flow_run: world.flowRuns.map(flowRunRow),
    task_run: world.taskRuns.map(taskRunRow),
    log: world.logs.map((log, seq) =>
      row(log.id, {
        name: log.name,
        level: log.level,
        message: log.message,
        timestamp: log.timestamp,
        flowRunId: log.flowRunId,
        taskRunId: log.taskRunId,
        text: `${log.message} ${log.name}`,
        seq,
      }),
    ),
    artifact: world.artifacts.map(artifactRow),
    artifact_collection: world.artifacts
      .filter(({ id, key }) => key !== null && !world.artifacts.some((other) => other.key === key && other.id > id))
      .map(artifactRow),
    work_pool: world.workPools.map(({ id, name, type, status }) => row(id, { name, type, status })),
    work_queue: world.workQueues.map(({ id, workPoolId, name, priority, status, lastPolled }) =>
      row(id, { workPoolId, name, priority, status, lastPolled }),
    ),
    worker: world.workers.map(({ id, workPoolId, name, status, lastHeartbeat }) =>
      row(id, { workPoolId, name, status, lastHeartbeat }),
    ),
    variable: world.variables.map(({ id, name, tags, createdAt, updatedAt }) =>
      row(id, { name, tags, createdAt, updatedAt }),
    ),
  };
  return { rows: (noun) => rows[noun] ?? [], isTied };
}

function row(id: string, fields: Readonly<Record<string, Value>>): MemoryRow {
  return { id, fields: { ...fields, id } };
}

function flowRunRow(run: FlowRun): MemoryRow {
  const { submission: given, startTime, expectedStartTime } = run;
  return row(run.id, {
    flowId: run.flowId,
    name: run.name,
    tags: run.tags,
    flowVersion: run.flowVersion,
    stateType: run.state.type,
    stateName: run.state.name,
    deploymentId: given?.deploymentId ?? null,
    workQueueId: given?.workQueueId ?? null,
    workQueueName: given?.workQueueName ?? null,
    priority: given?.priority ?? null,
    retryType: run.policy.retryType ?? null,
    idempotencyKey: run.idempotencyKey,
    parentTaskRunId: run.parentTaskRunId,
    parentFlowRunId: run.parentFlowRunId,
    creator: given?.createdBy ? 'somebody' : null,
    creatorId: given?.createdBy?.id ?? null,
    creatorType: given?.createdBy?.type ?? null,
    createdAt: run.createdAt,
    startTime,
    endTime: run.endTime,
    expectedStartTime,
    startOrExpectedTime: startTime ?? expectedStartTime,
    nextScheduledStartTime: run.state.type === 'SCHEDULED' ? run.state.scheduledTime : null,
  });
}

function taskRunRow(run: TaskRun): MemoryRow {
  return row(run.id, {
    flowRunId: run.flowRunId,
    name: run.name,
    tags: run.tags,
    stateType: run.state.type,
    stateName: run.state.name,
    createdAt: run.createdAt,
    startTime: run.startTime,
    endTime: run.endTime,
    expectedStartTime: run.prefectClient ? run.prefectClient.expectedStartTime : run.createdAt,
  });
}

function artifactRow({ id, key, type, flowRunId, taskRunId, createdAt, updatedAt }: Artifact): MemoryRow {
  return row(id, { key, type, flowRunId, taskRunId, createdAt, updatedAt, latestId: id });
}

function isTied(
  from: AskedNoun,
  own: MemoryRow,
  to: AskedNoun,
  other: MemoryRow,
  by: RelationName | undefined,
): boolean {
  if (by === 'parent') return own.fields['parentTaskRunId'] === other.id;
  if (by === 'child') return other.fields['parentTaskRunId'] === own.id;
  if (to === 'work_queue') return own.fields['workQueueId'] === other.id;
  if (to === 'work_pool') return own.fields['workPoolId'] === other.id;
  if (from === 'flow' && to === 'flow_run') return other.fields['flowId'] === own.id;
  if (from === 'flow_run' && to === 'flow') return own.fields['flowId'] === other.id;
  if (from === 'flow_run') return other.fields['flowRunId'] === own.id;
  return own.fields[to === 'flow_run' ? 'flowRunId' : 'taskRunId'] === other.id;
}
