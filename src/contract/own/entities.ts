/** Runs, steps, logs, artifacts and the rest as our own wire has them: every field of `core/`, nothing lost. */

import { ARTIFACT_TYPES, type Artifact } from '../../core/artifact.ts';
import type { CacheClaim, CacheEntry, CacheRecord } from '../../core/cache-record.ts';
import type { ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import type { TagLimit, TagSlots } from '../../core/concurrency/tag-slots.ts';
import { DURABILITIES } from '../../core/durability.ts';
import type { Creator, Entrypoint, Flow, FlowRun, FlowRunPolicy, RunLease, Submission } from '../../core/flow-run.ts';
import type { LogRecord } from '../../core/log.ts';
import type { Participation, TransactionDecision } from '../../core/participation.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { ForeignTaskFields, MapItem, RecordedStep, TaskAbout, TaskInput, TaskRun, TaskRunPolicy, TaskRunRecord } from '../../core/task-run.ts';
import type { Transition } from '../../core/transition.ts';
import type { Variable } from '../../core/variable.ts';
import type { Because, Explanation } from '../../core/why.ts';
import { boolean, instant, integer, json, list, nullable, number, object, oneOf, optional, record, text, union, type Shape } from './shape.ts';
import { id, labels, state, valueRef, jsonText } from './values.ts';

export const durability = oneOf(...DURABILITIES);

export const entrypoint: Shape<Entrypoint> = object<Entrypoint>({ file: text(), exportName: nullable(text()) });

export const flowRunPolicy: Shape<FlowRunPolicy> = object<FlowRunPolicy>({
  retries: nullable(integer()), retryDelaySeconds: list(number()), timeoutSeconds: nullable(number()), resume: oneOf('manual', 'automatic'),
  resuming: optional(boolean()), pauseKeys: optional(list(text())), retryType: optional(nullable(oneOf('in_process', 'reschedule'))),
});

const lease: Shape<RunLease> = object<RunLease>({ processId: id(), token: integer() });
const creator: Shape<Creator> = object<Creator>({ id: nullable(text()), type: nullable(text()), displayValue: nullable(text()) });

export const submission: Shape<Submission> = object<Submission>({
  deploymentId: nullable(id()), deploymentVersion: nullable(text()), workQueueId: nullable(id()), autoScheduled: boolean(),
  infrastructurePid: nullable(text()), infrastructureDocumentId: nullable(text()), createdBy: nullable(creator), context: jsonText, jobVariables: nullable(jsonText),
});

export const flow: Shape<Flow> = object<Flow>({ id: id(), name: text(), tags: list(text()), labels, description: optional(text()), createdAt: instant, updatedAt: optional(instant) });

export const flowRun: Shape<FlowRun> = object<FlowRun>({
  id: id(), flowId: id(), flowName: text(), name: text(), flowVersion: nullable(text()), parameters: valueRef, tags: list(text()), labels, state,
  runCount: integer(), policy: flowRunPolicy, durability, parentTaskRunId: nullable(id()), parentFlowRunId: nullable(id()), idempotencyKey: nullable(text()),
  entrypoint: nullable(entrypoint), lease: nullable(lease), submission: nullable(submission), createdAt: instant, updatedAt: optional(instant),
  expectedStartTime: nullable(instant), startTime: nullable(instant), endTime: nullable(instant), totalRunTimeUs: integer(),
});

type FlowSummary = Flow & { readonly runCount: number; readonly lastRun: FlowRun | null };
export const flowSummary: Shape<FlowSummary> = object<FlowSummary>({
  id: id(), name: text(), tags: list(text()), labels, description: optional(text()), createdAt: instant, updatedAt: optional(instant), runCount: integer(), lastRun: nullable(flowRun),
});

const answered = <Status extends Transition<FlowRun>['status']>(status: Status) => ({ status: oneOf(status), run: flowRun });

export const transition: Shape<Transition<FlowRun>> = union<Transition<FlowRun>, 'status'>('status', {
  accept: object({ ...answered('accept'), state }),
  reject: object({ ...answered('reject'), state, written: boolean(), reason: text() }),
  wait: object({ ...answered('wait'), delaySeconds: number(), reason: text() }),
  abort: object({ ...answered('abort'), reason: text() }),
});

const taskInput: Shape<TaskInput> = union<TaskInput, 'kind'>('kind', {
  task_run: object({ kind: oneOf('task_run'), id: id() }),
  flow_run: object({ kind: oneOf('flow_run'), id: id() }),
  map: object({ kind: oneOf('map'), id: text(), count: integer() }),
  parameter: object({ kind: oneOf('parameter'), name: text() }),
  constant: object({ kind: oneOf('constant'), type: text() }),
});

const taskRunPolicy: Shape<TaskRunPolicy> = object<TaskRunPolicy>({
  retries: integer(), retryDelaySeconds: list(number()), retryJitterFactor: number(), timeoutSeconds: nullable(number()),
});

const cacheRecord: Shape<CacheRecord> = object<CacheRecord>({
  outcome: oneOf('hit', 'miss', 'refresh', 'disabled'), key: nullable(text()), reason: text(), from: optional(id()), expiresAt: optional(instant),
});

const decision: Shape<TransactionDecision> = object<TransactionDecision>({
  outcome: oneOf('committed', 'rolled-back', 'left'), ids: list(text()), by: text(), hooksDone: integer(), hooksFailed: integer(), isFinished: boolean(),
  values: nullable(valueRef), result: nullable(valueRef),
});

const mapItem: Shape<MapItem> = object<MapItem>({ index: integer(), input: nullable(text()) });
const taskAbout: Shape<TaskAbout> = object<TaskAbout>({ version: optional(text()), description: optional(text()) });

const participation: Shape<Participation> = object<Participation>({
  within: list(text()), inputs: nullable(valueRef), values: nullable(valueRef), unkept: list(text()), hooks: nullable(text()), decision: nullable(decision),
});

const foreign: Shape<ForeignTaskFields> = object<ForeignTaskFields>({
  naturalKey: nullable(text()), labels, taskVersion: nullable(text()), cacheKey: nullable(text()), cacheExpiration: nullable(instant),
  expectedStartTime: nullable(instant), nextScheduledStartTime: nullable(instant), empiricalPolicy: jsonText,
});

export const taskRun: Shape<TaskRun> = object<TaskRun>({
  id: id(), flowRunId: nullable(id()), processId: nullable(id()), parentTaskRunId: nullable(id()), name: text(), taskName: text(), taskKey: text(), dynamicKey: text(),
  step: text(), callSite: text(), sourceHash: text(), mapId: nullable(text()), item: optional(mapItem), about: optional(taskAbout), tags: list(text()), inputs: record(list(taskInput)),
  policy: taskRunPolicy, durability, isolation: oneOf('signal', 'thread', 'process'), cache: nullable(cacheRecord), participation: optional(participation), foreign: nullable(foreign), state,
  runCount: integer(), flowRunRunCount: integer(), createdAt: instant, startTime: nullable(instant), endTime: nullable(instant), totalRunTimeUs: integer(),
});

export const taskRunRecord: Shape<TaskRunRecord> = object<TaskRunRecord>({ run: taskRun, states: list(state) });

export const recordedStep: Shape<RecordedStep> = object<RecordedStep>({
  id: id(), step: text(), state, runCount: integer(), sourceHash: text(), taskKey: text(), dynamicKey: text(), createdAt: instant,
  parentTaskRunId: optional(nullable(id())), participation: optional(participation),
});

export const log: Shape<LogRecord> = object<LogRecord>({
  id: id(), name: text(), level: integer(), message: text(), timestamp: instant, flowRunId: nullable(id()), taskRunId: nullable(id()),
});

type NumberedLog = LogRecord & { readonly seq: number };
export const numberedLog: Shape<NumberedLog> = object<NumberedLog>({
  id: id(), name: text(), level: integer(), message: text(), timestamp: instant, flowRunId: nullable(id()), taskRunId: nullable(id()), seq: integer(),
});

export const cacheEntry: Shape<CacheEntry> = object<CacheEntry>({
  key: text(), taskKey: text(), taskRunId: id(), parts: record(text()), data: valueRef, createdAt: instant, expiresAt: nullable(instant),
});

export const cacheClaim: Shape<CacheClaim> = union<CacheClaim, 'status'>('status', {
  hit: object({ status: oneOf('hit'), entry: cacheEntry }),
  claimed: object({ status: oneOf('claimed'), nearest: nullable(cacheEntry) }),
  busy: object({ status: oneOf('busy'), holder: id() }),
});

export const tagSlots: Shape<TagSlots> = union<TagSlots, 'outcome'>('outcome', {
  unlimited: object({ outcome: oneOf('unlimited') }),
  taken: object({ outcome: oneOf('taken'), leaseId: id() }),
  full: object({ outcome: oneOf('full'), tag: text(), slots: integer(), holders: list(id()) }),
  closed: object({ outcome: oneOf('closed'), tag: text() }),
});

const concurrencyLimit: Shape<ConcurrencyLimit> = object<ConcurrencyLimit>({
  id: id(), name: text(), limit: integer(), active: boolean(), activeSlots: integer(), deniedSlots: integer(), slotDecayPerSecond: number(),
  avgSlotOccupancySeconds: number(), slotsAt: instant, createdAt: instant, updatedAt: instant,
});

export const tagLimit: Shape<TagLimit> = object<TagLimit>({ tag: text(), limit: concurrencyLimit, taskRunIds: list(text()) });
export type SetLimit = TagLimit & { readonly isNew: boolean };
export const setTagLimit: Shape<SetLimit> = object<SetLimit>({ tag: text(), limit: concurrencyLimit, taskRunIds: list(text()), isNew: boolean() });

export const processRecord: Shape<ProcessRecord> = object<ProcessRecord>({
  id: id(), pid: integer(), host: text(), startMark: nullable(text()), command: text(), startedAt: instant, heartbeatAt: instant,
});

export const artifactType = oneOf(...ARTIFACT_TYPES);

export const artifact: Shape<Artifact> = object<Artifact>({
  id: id(), key: nullable(text()), type: nullable(text()), description: nullable(text()), data: json(), flowRunId: nullable(id()), taskRunId: nullable(id()),
  exactData: optional(jsonText), metadata: optional(record(text())),
  createdAt: instant, updatedAt: instant,
});

export const variable: Shape<Variable> = object<Variable>({ id: id(), name: text(), value: json(), exactValue: optional(jsonText), tags: list(text()), createdAt: instant, updatedAt: instant });

const because: Shape<Because> = object<Because>({ fact: text(), when: nullable(instant) });
export const explanation: Shape<Explanation> = object<Explanation>({ headline: text(), because: list(because), next: text() });
