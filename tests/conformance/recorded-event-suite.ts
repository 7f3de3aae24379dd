/** Events that clients send, and the task runs that are built from them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { EventId, FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { stampState, type ProposedState } from '../../src/core/state.ts';
import type { TaskRunReport } from '../../src/core/task-run-report.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import type { EventReport } from '../../src/store/port/events.ts';
import { makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

interface Reported {
  readonly id?: TaskRunId;
  readonly flowRunId?: FlowRunId | null;
  readonly dynamicKey?: string;
  readonly fields?: TaskRunReport['fields'];
}

const LIFE: readonly ProposedState[] = [
  { type: 'PENDING' },
  { type: 'RUNNING' },
  { type: 'SCHEDULED', name: 'AwaitingRetry', scheduledTime: 1 as Instant },
  { type: 'RUNNING', name: 'Retrying' },
  { type: 'COMPLETED', data: { kind: 'foreign', text: '{"x": 1.0}' } },
];

function report(
  proposed: ProposedState,
  { id = newId<TaskRunId>(), flowRunId = null, dynamicKey = '0', fields = { prefectClient: {} } }: Reported,
): EventReport {
  const occurred = newInstant();
  const eventId = newId<EventId>();
  const state = stampState(proposed, eventId as string as never, occurred);
  const event: OutboxEvent = {
    id: eventId,
    name: `prefect.task-run.${state.name}`,
    resourceId: `prefect.task-run.${id}`,
    occurred,
    payload: '{"big": 12345678901234567890}',
    labels: { 'prefect.resource.name': 'clean-0' },
    related: [{ 'prefect.resource.id': `prefect.flow-run.${flowRunId}`, 'prefect.resource.role': 'flow-run' }],
  };
  return {
    event,
    taskRun: { id, flowRunId, taskKey: 'clean-12ab34cd', dynamicKey, state, fields, received: occurred },
  };
}

/** The reports of one run's life; each says what is known by then. */
function lifeOf(run: Reported): readonly EventReport[] {
  return LIFE.map((proposed, index) =>
    report(proposed, {
      ...run,
      fields: {
        name: 'clean-0',
        runCount: index,
        totalRunTimeUs: index * 10,
        prefectClient: { labels: { step: index } },
      },
    }),
  );
}

async function written(storage: Storage, id: TaskRunId) {
  const run = await storage.readTaskRun(id);
  return { run: run && { ...run, createdAt: 0 }, states: await storage.listTaskRunStates(id) };
}

export const recordedEventTests: StorageTests = {
  'the reports of a run, in any order, in any batches, some twice, give the same rows': async (storage) => {
    const inOrder = { id: newId<TaskRunId>(), flowRunId: newId<FlowRunId>() };
    await storage.recordEvents(lifeOf(inOrder));
    const expected = await written(storage, inOrder.id);
    assert.equal(expected.states.length, LIFE.length);
    const shape = ({ run, states }: Awaited<ReturnType<typeof written>>) => ({
      type: run?.state.type,
      name: run?.state.name,
      runCount: run?.runCount,
      total: run?.totalRunTimeUs,
      labels: run?.prefectClient?.labels,
      states: states.map((state) => [state.type, state.name, 'data' in state ? state.data : null]),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], { minLength: 10, maxLength: 10 }),
        fc.integer({ min: 1, max: 5 }),
        async (order, size) => {
          const id = newId<TaskRunId>();
          const life = lifeOf({ id, flowRunId: inOrder.flowRunId, dynamicKey: id });
          const sent = order.map((index) => life[index] as EventReport);
          for (let start = 0; start < sent.length; start += size)
            await storage.recordEvents(sent.slice(start, start + size));
          assert.deepEqual(shape(await written(storage, id)), shape(expected));
        },
      ),
      { numRuns: 40 },
    );
  },

  'an event that is known is left out with all it says': async (storage) => {
    const first = report({ type: 'RUNNING' }, {});
    assert.deepEqual(await storage.recordEvents([first, first]), [true, false]);
    assert.deepEqual(await storage.recordEvents([first]), [false]);
    assert.equal((await storage.readFullEvents({ afterSeq: 0, limit: 10 })).length, 1);
  },

  'a run is found by its natural key and keeps its id; its states name it': async (storage) => {
    const flowRunId = newId<FlowRunId>();
    const [first, second] = [newId<TaskRunId>(), newId<TaskRunId>()];
    await storage.recordEvents([report({ type: 'PENDING' }, { id: first, flowRunId, dynamicKey: 'a' })]);
    await storage.recordEvents([report({ type: 'RUNNING' }, { id: second, flowRunId, dynamicKey: 'a' })]);
    assert.equal(await storage.readTaskRun(second), null);
    const run = await storage.readTaskRun(first);
    assert.equal(run?.state.type, 'RUNNING');
    assert.equal(run.state.details.taskRunId, first);
    assert.equal(run.state.details.flowRunId, flowRunId);
    assert.equal((await storage.listTaskRunStates(first)).length, 2);
  },

  'what a report does not say stays, what it clears is cleared': async (storage) => {
    const id = newId<TaskRunId>();
    const fields = {
      name: 'a',
      tags: ['x'],
      startTime: 5 as Instant,
      prefectClient: { cacheKey: 'k', empiricalPolicy: '{"retry_delay": 1.0}' },
    };
    await storage.recordEvents([report({ type: 'PENDING' }, { id, fields })]);
    await storage.recordEvents([report({ type: 'RUNNING' }, { id, fields: { startTime: null, prefectClient: {} } })]);
    const run = await storage.readTaskRun(id);
    assert.deepEqual(
      [run?.name, run?.tags, run?.startTime, run?.prefectClient?.cacheKey, run?.prefectClient?.empiricalPolicy],
      ['a', ['x'], null, 'k', '{"retry_delay": 1.0}'],
    );
  },

  'one event that cannot be kept takes back its batch': async (storage) => {
    await assert.rejects(
      async () =>
        storage.recordEvents([
          { event: makeEvent({ labels: {} }), taskRun: null },
          { event: makeEvent({ id: 'no id' as never }), taskRun: null },
        ]),
      { code: 'bad-input' },
    );
    assert.equal(await storage.newestEventSeq(), 0);
  },

  'old events go, with what they say and by what they are found; the newest stays': async (storage) => {
    const old = [1, 2, 3].map((at) =>
      makeEvent({
        occurred: at as Instant,
        labels: {},
        related: [{ 'prefect.resource.id': 'r', 'prefect.resource.role': 'x' }],
      }),
    );
    await storage.recordEvents(old.map((event) => ({ event, taskRun: null })));
    const noCursors = { now: 20 as Instant, givenUpBefore: 20 as Instant };
    assert.equal(await storage.deleteEventsBefore(10 as Instant, 1, noCursors), 1);
    assert.equal(await storage.deleteEventsBefore(10 as Instant, 10, noCursors), 1);
    assert.equal(await storage.deleteEventsBefore(10 as Instant, 10, noCursors), 0);
    const left = await storage.readFullEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(
      left.map(({ occurred }) => occurred),
      [3],
    );
  },
};
