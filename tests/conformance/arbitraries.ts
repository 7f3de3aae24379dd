/** Arbitrary records, for the property that what is written is read back. */
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { CacheRecord } from '../../src/core/cache-record.ts';
import type { Participation } from '../../src/core/participation.ts';
import { RUNNERS, type Flow, type FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId, ProcessId, TaskRunId } from '../../src/core/ids.ts';
import { DEFAULT_STATE_NAMES, STATE_TYPES, type State, type StateDetails } from '../../src/core/state.ts';
import type { TaskInput, TaskRun } from '../../src/core/task-run.ts';
import type { Instant } from '../../src/core/time.ts';
import type { FailureInfo, ValueRef } from '../../src/core/value.ts';
import { makeFlowRun, makeTaskRun, newId } from './samples.ts';

const { MAX_SAFE_INTEGER: INTEGER_MAX } = Number;
/** Objects as literals make them. */
const PLAIN = { noNullPrototype: true } as const;
/**
 * Any text without lone halves of surrogate pairs, which no UTF-8 can hold; with quotes, newlines and zero characters.
 */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'a\0b', `"'\\\n`, '😀'),
);
const instant = fc.integer({ min: 0, max: INTEGER_MAX }) as Arbitrary<Instant>;
const count = fc.nat();
/** Ids are made as they are in use, so that no two records of a test share one. */
function freshId<Id extends string>(): Arbitrary<Id> {
  return fc.constant(null).map(() => newId<Id>());
}

const valueRef: Arbitrary<ValueRef> = fc.oneof(
  fc.record({ kind: fc.constant('inline' as const), text, hash: text }, PLAIN),
  fc.record({ kind: fc.constant('stored' as const), key: text, hash: text, bytes: count }, PLAIN),
  fc.constant({ kind: 'unpersisted' as const }),
);

const failure: Arbitrary<FailureInfo> = fc.letrec<{ failure: FailureInfo }>((tie) => ({
  failure: fc.record(
    {
      name: text,
      message: text,
      code: text,
      stack: text,
      fields: text,
      cause: fc.option(tie('failure'), { nil: { name: 'Error', message: '' } }),
    },
    { noNullPrototype: true, requiredKeys: ['name', 'message'] },
  ),
})).failure;

const details: Arbitrary<StateDetails> = fc.record(
  {
    flowRunId: freshId<FlowRunId>(),
    taskRunId: freshId<TaskRunId>(),
    childFlowRunId: freshId<FlowRunId>(),
    cacheKey: text,
    cacheExpiration: instant,
    refreshCache: fc.boolean(),
    retriable: fc.boolean(),
    transitionId: text,
    pauseTimeout: instant,
    pauseReschedule: fc.boolean(),
    pauseKey: text,
    deferred: fc.boolean(),
    untrackableResult: fc.boolean(),
    traceparent: text,
    deploymentConcurrencyLeaseId: text,
    taskParametersId: text,
    runInputKeyset: fc.dictionary(text, text, { noNullPrototype: true }),
  },
  { noNullPrototype: true, requiredKeys: [] },
);

export const anyState: Arbitrary<State> = fc.constantFrom(...STATE_TYPES).chain((type) => {
  const base = {
    id: freshId<State['id']>(),
    type: fc.constant(type),
    name: fc.oneof(fc.constant(DEFAULT_STATE_NAMES[type]), text),
    timestamp: instant,
    message: fc.option(text),
    details,
  };
  const required = ['id', 'type', 'name', 'timestamp', 'message', 'details'] as const;
  switch (type) {
    case 'SCHEDULED':
      return fc.record({ ...base, scheduledTime: instant }, PLAIN);
    case 'PENDING':
      return fc.record({ ...base, scheduledTime: instant }, { noNullPrototype: true, requiredKeys: [...required] });
    case 'COMPLETED':
      return fc.record({ ...base, data: fc.option(valueRef) }, PLAIN);
    case 'FAILED':
      return fc.record(
        { ...base, failure: fc.option(failure), data: fc.option(valueRef) },
        { noNullPrototype: true, requiredKeys: [...required, 'failure'] },
      );
    case 'CRASHED':
      return fc.record(
        { ...base, failure: fc.option(failure), evidence: text },
        { noNullPrototype: true, requiredKeys: [...required] },
      );
    case 'CANCELLED':
      return fc.record({ ...base, failure }, { noNullPrototype: true, requiredKeys: [...required] });
    case 'RUNNING':
    case 'PAUSED':
    case 'CANCELLING':
      return fc.record(base, PLAIN);
  }
}) as Arbitrary<State>;

const input: Arbitrary<TaskInput> = fc.oneof(
  fc.record({ kind: fc.constant('task_run' as const), id: freshId<TaskRunId>() }, PLAIN),
  fc.record({ kind: fc.constant('flow_run' as const), id: freshId<FlowRunId>() }, PLAIN),
  fc.record({ kind: fc.constant('map' as const), id: text, count }, PLAIN),
  fc.record({ kind: fc.constant('parameter' as const), name: text }, PLAIN),
);

const cacheRecord: Arbitrary<CacheRecord> = fc.record(
  {
    outcome: fc.constantFrom('hit', 'miss', 'refresh', 'disabled'),
    key: fc.option(text),
    reason: text,
    from: freshId<TaskRunId>(),
    expiresAt: instant,
  },
  { noNullPrototype: true, requiredKeys: ['outcome', 'key', 'reason'] },
);

const keptRef = fc.option(valueRef);

const participation: Arbitrary<Participation> = fc.record(
  {
    within: fc.array(text),
    inputs: keptRef,
    values: keptRef,
    unkept: fc.array(text),
    hooks: fc.option(text),
    decision: fc.option(
      fc.record(
        {
          outcome: fc.constantFrom('committed', 'rolled-back', 'left'),
          ids: fc.array(text),
          by: text,
          hooksDone: count,
          hooksFailed: count,
          isFinished: fc.boolean(),
          values: keptRef,
          result: keptRef,
        },
        PLAIN,
      ),
    ),
  },
  PLAIN,
);

export const anyTaskRun: Arbitrary<TaskRun> = fc
  .record(
    {
      flowRunId: fc.option(freshId<FlowRunId>()),
      processId: fc.option(freshId<ProcessId>()),
      parentTaskRunId: fc.option(freshId<TaskRunId>()),
      name: text,
      taskName: text,
      taskKey: text,
      dynamicKey: text,
      step: text,
      callSite: text,
      sourceHash: text,
      mapId: fc.option(text),
      tags: fc.array(text),
      inputs: fc.dictionary(text, fc.array(input), { noNullPrototype: true }),
      cache: fc.option(cacheRecord),
      state: anyState,
      runCount: count,
      policy: fc.record(
        {
          retries: count,
          retryDelaySeconds: fc.array(count),
          retryJitterFactor: fc.float({ min: 0, max: 1, noNaN: true }),
          timeoutSeconds: fc.option(count),
        },
        PLAIN,
      ),
      flowRunRunCount: count,
      createdAt: instant,
      startTime: fc.option(instant),
      endTime: fc.option(instant),
      totalRunTimeUs: count,
      durability: fc.constantFrom('process', 'sync', 'none'),
      isolation: fc.constantFrom('signal', 'thread', 'process'),
      participation: fc.option(participation, { nil: undefined }),
    },
    PLAIN,
  )
  .map(({ participation: part, ...fields }) =>
    makeTaskRun(part === undefined ? fields : { ...fields, participation: part }),
  );

export function anyFlowRun(flow: Flow): Arbitrary<FlowRun> {
  return fc
    .record(
      {
        name: text,
        flowVersion: fc.option(text),
        parameters: valueRef,
        tags: fc.array(text),
        labels: fc.dictionary(text, text, { noNullPrototype: true }),
        state: anyState,
        runCount: count,
        parentTaskRunId: fc.option(freshId<TaskRunId>()),
        parentFlowRunId: fc.option(freshId<FlowRunId>()),
        createdAt: instant,
        entrypoint: fc.option(fc.record({ file: text, exportName: fc.option(text) }, PLAIN)),
        expectedStartTime: fc.option(instant),
        runner: fc.constantFrom(...RUNNERS),
        lease: fc.option(fc.record({ processId: freshId<ProcessId>(), token: count }, PLAIN)),
        startTime: fc.option(instant),
        endTime: fc.option(instant),
        policy: fc.record(
          {
            retries: count,
            retryDelaySeconds: fc.array(count),
            timeoutSeconds: fc.option(count),
            resume: fc.constantFrom('manual', 'automatic'),
            resuming: fc.boolean(),
            pauseKeys: fc.array(text),
            retryType: fc.constantFrom('in_process', 'reschedule', null),
          },
          { noNullPrototype: true, requiredKeys: ['retries', 'retryDelaySeconds', 'timeoutSeconds', 'resume'] },
        ),
        durability: fc.constantFrom('process', 'sync', 'none'),
        totalRunTimeUs: count,
      },
      PLAIN,
    )
    .map((fields) => makeFlowRun(flow, fields));
}
