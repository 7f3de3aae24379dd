/** Made-up records for the conformance suite: ordinary unless a test says otherwise. */
import assert from 'node:assert/strict';
import type { Alert, AlertId } from '../../src/core/alerts/alert.ts';
import { ALERT_DEFAULTS } from '../../src/core/alerts/options.ts';
import { untoldAt } from '../../src/core/alerts/progress.ts';
import type { Automation, AutomationId } from '../../src/core/automation.ts';
import type { Webhook, WebhookId } from '../../src/core/webhooks/webhook.ts';
import type { ActionOrder } from '../../src/core/automation-firing.ts';
import type { Artifact } from '../../src/core/artifact.ts';
import type { CacheEntry } from '../../src/core/cache-record.ts';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { Flow, FlowRun, Submission } from '../../src/core/flow-run.ts';
import type {
  ArtifactId,
  EventId,
  FlowId,
  FlowRunId,
  LogId,
  ProcessId,
  StateId,
  TaskRunId,
  WorkerId,
  WorkPoolId,
  WorkQueueId,
} from '../../src/core/ids.ts';
import type { VariableId } from '../../src/core/variable.ts';
import type { LogRecord } from '../../src/core/log.ts';
import type { ProcessRecord } from '../../src/core/process-record.ts';
import { stampState, type ProposedState, type State } from '../../src/core/state.ts';
import type { TaskRun, TaskRunRecord } from '../../src/core/task-run.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Variable } from '../../src/core/variable.ts';
import { NO_QUEUE, type Worker, type WorkPool, type WorkQueue } from '../../src/core/work-pool.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import type { Storage } from '../../src/store/port.ts';

const ids = createIdSource();
let microseconds = 1_790_000_000_000_000;

export function newId<Id extends string>(): Id {
  return ids.next<Id>();
}

/** Later than every instant before. */
export function newInstant(): Instant {
  microseconds += 10;
  return microseconds as Instant;
}

export function makeState(proposed: ProposedState = { type: 'PENDING' }, timestamp: Instant = newInstant()): State {
  return stampState(proposed, newId<StateId>(), timestamp);
}

export function makeFlow(name: string): Flow {
  return { id: newId<FlowId>(), name, tags: ['a tag'], labels: {}, createdAt: newInstant() };
}

export function makeFlowRun(flow: Flow, fields: Partial<FlowRun> = {}): FlowRun {
  const createdAt = newInstant();
  return {
    id: newId<FlowRunId>(),
    flowId: flow.id,
    flowName: flow.name,
    name: 'quick-otter',
    flowVersion: null,
    parameters: { kind: 'inline', text: '{}', hash: 'empty' },
    tags: [],
    labels: {},
    state: makeState(),
    runCount: 0,
    policy: { retries: 0, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
    durability: 'process',
    parentTaskRunId: null,
    parentFlowRunId: null,
    idempotencyKey: null,
    entrypoint: null,
    lease: null,
    runner: 'ostinato',
    submission: null,
    createdAt,
    expectedStartTime: null,
    startTime: null,
    endTime: null,
    totalRunTimeUs: 0,
    ...fields,
  };
}

/** With what was known of such runs before it was said who runs them. */
export async function insertRunOfEachRunner(storage: Storage): Promise<readonly FlowRun[]> {
  const sample = makeFlow('sales');
  const flow = await storage.ensureFlow(sample.name, () => sample);
  const runs = [
    makeFlowRun(flow),
    makeFlowRun(flow, { runner: 'prefect-client', submission: makeSubmission() }),
    makeFlowRun(flow, { runner: 'worker', submission: makeSubmission({ deploymentId: newId() }) }),
  ];
  for (const run of runs) await storage.insertFlowRun(run, []);
  return runs;
}

export function makeSubmission(fields: Partial<Submission> = {}): Submission {
  return {
    deploymentId: null,
    deploymentVersion: null,
    ...NO_QUEUE,
    autoScheduled: false,
    infrastructurePid: null,
    infrastructureDocumentId: null,
    createdBy: null,
    context: '{}',
    jobVariables: null,
    ...fields,
  };
}

export function makeTaskRun(fields: Partial<TaskRun> = {}): TaskRun {
  const createdAt = newInstant();
  return {
    id: newId<TaskRunId>(),
    flowRunId: null,
    parentTaskRunId: null,
    name: 'clean-0',
    taskName: 'clean',
    taskKey: 'clean-12ab',
    dynamicKey: '0',
    step: 'step',
    callSite: 'sales.ts:sales:clean(rows)',
    sourceHash: 'source',
    mapId: null,
    tags: [],
    inputs: {},
    policy: { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
    durability: 'process',
    isolation: 'signal',
    cache: null,
    processId: null,
    prefectClient: null,
    state: makeState(),
    runCount: 0,
    flowRunRunCount: 1,
    createdAt,
    startTime: null,
    endTime: null,
    totalRunTimeUs: 0,
    ...fields,
  };
}

/** A task run that went from Pending over Running to Completed. */
export function makeRecord(fields: Partial<TaskRun> = {}): TaskRunRecord {
  const completed: ProposedState = { type: 'COMPLETED', data: { kind: 'inline', text: '1', hash: 'one' } };
  const states = [makeState(), makeState({ type: 'RUNNING' }), makeState(completed)];
  return { run: makeTaskRun({ state: states[2] as State, runCount: 1, ...fields }), states };
}

export function makeLog(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    id: newId<LogId>(),
    name: 'ostinato.task_runs',
    level: 20,
    message: 'hello',
    timestamp: newInstant(),
    flowRunId: null,
    taskRunId: null,
    ...fields,
  };
}

export function makeEvent(fields: Partial<OutboxEvent> = {}): OutboxEvent {
  return {
    id: newId<EventId>(),
    name: 'prefect.flow-run.Pending',
    resourceId: 'prefect.flow-run.x',
    occurred: newInstant(),
    payload: null,
    ...fields,
  };
}

export function makeArtifact(fields: Partial<Artifact> = {}): Artifact {
  const now = newInstant();
  return {
    id: newId<ArtifactId>(),
    key: null,
    type: 'markdown',
    description: null,
    data: '# text',
    flowRunId: null,
    taskRunId: null,
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

export function makeVariable(name: string, value: unknown): Variable {
  const now = newInstant();
  return { id: newId<VariableId>(), name, value, tags: [], createdAt: now, updatedAt: now };
}

export function makeProcess(fields: Partial<ProcessRecord> = {}): ProcessRecord {
  const now = newInstant();
  return {
    id: newId<ProcessId>(),
    pid: 42,
    host: 'here',
    startMark: null,
    command: 'node flow.ts',
    startedAt: now,
    heartbeatAt: now,
    ...fields,
  };
}

export function makeCacheEntry(key: string, fields: Partial<CacheEntry> = {}): CacheEntry {
  return {
    key,
    taskKey: 'clean-12ab',
    taskRunId: newId<TaskRunId>(),
    parts: { input: 'x' },
    data: { kind: 'inline', text: '1', hash: 'one' },
    createdAt: newInstant(),
    expiresAt: null,
    ...fields,
  };
}

/** A row as it was before it was committed. */
export function withoutSeq<Row extends { readonly seq: number }>(row: Row): Omit<Row, 'seq'> {
  const { seq, ...rest } = row;
  assert.ok(seq > 0);
  return rest;
}

export function makeWorkPool(name: string, fields: Partial<WorkPool> = {}): WorkPool {
  const createdAt = newInstant();
  return {
    id: newId<WorkPoolId>(),
    name,
    description: null,
    type: 'process',
    baseJobTemplate: '{}',
    isPaused: false,
    concurrencyLimit: null,
    status: 'NOT_READY',
    defaultQueueId: newId<WorkQueueId>(),
    storageConfiguration: '{}',
    statusEventId: null,
    statusAt: null,
    createdAt,
    updatedAt: createdAt,
    ...fields,
  };
}

export function makeWorkQueue(pool: WorkPool, name: string, fields: Partial<WorkQueue> = {}): WorkQueue {
  const createdAt = newInstant();
  return {
    id: newId<WorkQueueId>(),
    workPoolId: pool.id,
    name,
    description: null,
    isPaused: false,
    concurrencyLimit: null,
    priority: 1,
    filter: null,
    lastPolled: null,
    status: 'NOT_READY',
    createdAt,
    updatedAt: createdAt,
    ...fields,
  };
}

export function makeWorker(pool: WorkPool, name: string, fields: Partial<Worker> = {}): Worker {
  const createdAt = newInstant();
  return {
    id: newId<WorkerId>(),
    workPoolId: pool.id,
    name,
    lastHeartbeat: createdAt,
    heartbeatIntervalSeconds: 30,
    status: 'ONLINE',
    createdAt,
    updatedAt: createdAt,
    ...fields,
  };
}

export function makeActionOrder(automationId: AutomationId = newId<AutomationId>(), index = 0): ActionOrder {
  return {
    id: newId(),
    firing: {
      id: newId(),
      automationId,
      triggerId: newId(),
      state: 'Triggered',
      at: newInstant(),
      labels: { 'prefect.resource.id': 'ü' },
      eventId: null,
    },
    index,
    action: '{"type":"do-nothing","n":1.0}',
  };
}

export function makeAlert(more: Partial<Alert> = {}): Alert {
  const now = newInstant();
  const { id: orderId, firing, action } = makeActionOrder();
  return {
    id: newId<AlertId>(),
    channel: newId(),
    cause: 'ValueError: "ü" (task load)',
    state: 'open',
    severity: 'error',
    isOnce: false,
    digest: null,
    automationId: firing.automationId,
    automations: ['watch'],
    options: ALERT_DEFAULTS,
    openedAt: now,
    count: 1,
    repeatedAt: now,
    affected: [{ id: 'prefect.flow-run.1', name: 'calm-otter' }],
    affectedCount: 1,
    orderId,
    firing,
    action,
    message: { subject: 'a', body: 'b' },
    told: untoldAt(now),
    acknowledged: null,
    escalated: 0,
    snoozedUntil: null,
    healthySince: null,
    closedAt: null,
    secret: '00',
    ...more,
  };
}

export function makeWebhook(name: string, more: Partial<Webhook> = {}): Webhook {
  const now = newInstant();
  return {
    id: newId<WebhookId>(),
    name,
    description: 'ü "quoted"',
    isEnabled: true,
    form: 'template',
    template: '{"event": "{{ body.x }}"}',
    slugHash: `hash of ${name}`,
    secret: null,
    createdAt: now,
    updatedAt: now,
    ...more,
  };
}

export function makeAutomation(name: string, more: Partial<Automation> = {}): Automation {
  const now = newInstant();
  return {
    id: newId<AutomationId>(),
    name,
    description: 'ü',
    isEnabled: true,
    tags: ['a', 'it\'s "b"'],
    trigger: '{"type":"event","threshold":1.0}',
    actions: { always: '[{"type":"do-nothing"}]', onTrigger: '[]', onResolve: '[12345678901234567890]' },
    createdAt: now,
    updatedAt: now,
    ...more,
  };
}
