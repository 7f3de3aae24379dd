/** Records for the tests of this room. */

import type { FlowRunId, LogId, StateId, TaskRunId } from '../src/core/ids.ts';
import { LOG_LEVELS, type LogRecord } from '../src/core/log.ts';
import { type ProposedState, type State, stampState } from '../src/core/state.ts';
import type { TaskRun, TaskRunRecord } from '../src/core/task-run.ts';
import type { Instant } from '../src/core/time.ts';
import type { LiveRecord } from '../src/client/recorder.ts';

const POLICIES = [0, 1, 2, 3].map((retries) => ({
  retries,
  retryDelaySeconds: [],
  retryJitterFactor: 0,
  timeoutSeconds: null,
}));
const NO_TAGS: readonly string[] = [];
/** Shared, as the engine shares them: the journal compares them with every record. */
const FLOW_RUNS = [0, 1, 2, 3].map((shape) => uuidOf(2, shape) as FlowRunId);
const SOURCE_HASH = 'a'.repeat(32);

const ENDS: readonly ProposedState[] = [
  { type: 'COMPLETED', data: { kind: 'inline', text: '{"rows":5}', hash: '0123456789abcdef0123456789abcdef' } },
  { type: 'COMPLETED', name: 'Cached', data: null, details: { cacheKey: 'k' } },
  { type: 'FAILED', failure: { name: 'TypeError', message: 'no “x”', stack: 'at …' }, message: 'it failed' },
  { type: 'CANCELLED', message: 'by hand' },
  { type: 'CRASHED', failure: null, evidence: 'pid 5 is gone' },
];

export function uuidOf(kind: number, index: number): string {
  return `0192f3a4-7b1c-7${String(kind).padStart(3, '0')}-8000-${String(index).padStart(12, '0')}`;
}

/** A run that was just opened: PENDING, then RUNNING. */
export function startedRecord(
  index: number,
  options: { readonly shape?: number; readonly at?: number } = {},
): LiveRecord {
  const { shape = 0, at = 1_700_000_000_000_000 + index } = options;
  const states = [stamp({ type: 'PENDING' }, index, 0, at), stamp({ type: 'RUNNING' }, index, 1, at + 3)];
  const run: TaskRun = {
    id: uuidOf(1, index) as TaskRunId,
    flowRunId: FLOW_RUNS[shape] ?? (uuidOf(2, shape) as FlowRunId),
    parentTaskRunId: index % 7 === 3 ? (uuidOf(1, index - 1) as TaskRunId) : null,
    name: `load page-${index}`,
    taskName: 'load page',
    taskKey: 'load page-3f2a9c',
    dynamicKey: String(index),
    step: `step${index}`.padEnd(24, '0'),
    callSite: 'src/sales.ts · main · const page = await loadPage(index)',
    sourceHash: SOURCE_HASH,
    mapId: null,
    tags: NO_TAGS,
    inputs: index % 2 === 0 ? {} : { page: [{ kind: 'task_run', id: uuidOf(1, index - 1) as TaskRunId }] },
    policy: POLICIES[shape % 4] ?? { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
    durability: 'process',
    isolation: 'signal',
    cache: index % 5 === 1 ? { outcome: 'miss', key: 'k', reason: 'first run with this key' } : null,
    processId: null,
    prefectClient: null,
    state: states[1] as State,
    runCount: 1,
    flowRunRunCount: 1,
    createdAt: at as Instant,
    startTime: (at + 3) as Instant,
    endTime: null,
    totalRunTimeUs: 0,
  };
  return { run, states, queued: false };
}

export function finish(record: LiveRecord, index: number, at = record.run.createdAt + 9): void {
  const state = stamp(ENDS[index % ENDS.length] as ProposedState, index, 2, at);
  record.run = { ...record.run, state, endTime: at as Instant, totalRunTimeUs: 6 };
  record.states.push(state);
}

export function finishedRecord(
  index: number,
  options: { readonly shape?: number; readonly at?: number } = {},
): TaskRunRecord {
  const record = startedRecord(index, options);
  finish(record, index);
  return { run: record.run, states: record.states };
}

function stamp(proposed: ProposedState, index: number, order: number, at: number): State {
  return stampState(proposed, uuidOf(3 + order, index) as StateId, at as Instant);
}

export function logOf(index: number): LogRecord {
  return {
    id: uuidOf(9, index) as LogId,
    name: 'ostinato.task_runs',
    level: LOG_LEVELS.info,
    message: `line ${index}`,
    timestamp: (1_700_000_000_000_000 + index) as Instant,
    flowRunId: uuidOf(2, 0) as FlowRunId,
    taskRunId: uuidOf(1, index) as TaskRunId,
  };
}
