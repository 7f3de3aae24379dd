/**
 * What a task run is decided on (its flow run, the cache, the slots of its tags) is read, and what follows written, in
 * one transaction.
 */
import assert from 'node:assert/strict';
import { tagLimitName } from '../../src/core/concurrency/limit.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { ConcurrencyLeaseId, TaskRunId } from '../../src/core/ids.ts';
import type { ProposedState } from '../../src/core/state.ts';
import type { TaskRun } from '../../src/core/task-run.ts';
import { addSeconds } from '../../src/core/time.ts';
import { createUseCases, type UseCases } from '../../src/orchestrator/use-cases.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeEvent, makeFlow, makeFlowRun, makeProcess, makeState, makeTaskRun, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const NAME = tagLimitName('db');

function casesOn(storage: Storage): UseCases {
  return createUseCases({
    storage,
    clock: { now: newInstant },
    ids: createIdSource(),
    random: () => 0.5,
    liveness: () => ({ alive: true, evidence: 'It answers.' }),
  });
}

async function runningFlow(storage: Storage): Promise<FlowRun> {
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const run = makeFlowRun(flow, { state: makeState({ type: 'RUNNING' }) });
  await storage.insertFlowRun(run, []);
  return run;
}

async function makeTask(storage: Storage, fields: Partial<TaskRun> = {}): Promise<TaskRun> {
  const run = { ...makeTaskRun({ state: makeState() }), flowRunId: null, processId: null, tags: ['db'], ...fields };
  await storage.changeTaskRun({ id: run.id, naturalKey: null, flowRunId: null }, {}, () => ({ run, answer: null }));
  return run;
}

/** What is taken of the limit, and who has it. */
async function held(storage: Storage): Promise<readonly [slots: number | undefined, (string | undefined)[]]> {
  const { limits, leases } = await storage.readSlots({ names: [NAME], withLeases: true });
  return [limits[0]?.activeSlots, leases.map(({ holder }) => holder?.id)];
}

const move = async (cases: UseCases, { id }: Pick<TaskRun, 'id'>, state: ProposedState, force = false) =>
  (await cases.setTaskRunState({ id, state, force })).status;

export const taskRunSlotTests: StorageTests = {
  'facts of a task run are read only when they are named': async (storage) => {
    await casesOn(storage).setTagLimit('db', 1);
    const flowRun = await runningFlow(storage);
    const task = await makeTask(storage, { flowRunId: flowRun.id });
    const key = { id: task.id, naturalKey: null, flowRunId: null };
    assert.deepEqual(await storage.changeTaskRun(key, {}, (_, context) => ({ answer: context })), {});
    const some = await storage.changeTaskRun(key, { flowRun: true, tagSlots: null }, (_, context) => ({
      answer: context,
    }));
    assert.deepEqual([Object.keys(some), some.flowRun?.id, some.tagSlots], [['flowRun', 'tagSlots'], flowRun.id, null]);
    const ofRun = await storage.changeTaskRun(
      key,
      (run) => ({ tagSlots: { tags: run?.tags ?? [] } }),
      (_, { tagSlots }) => ({ answer: tagSlots }),
    );
    assert.deepEqual([ofRun.limits.map(({ name }) => name), ofRun.leases], [[NAME], []]);
  },

  'a slot is taken with RUNNING and given back with the end, in the transactions that write them': async (storage) => {
    const cases = casesOn(storage);
    await cases.setTagLimit('db', 1);
    const [first, second] = [await makeTask(storage), await makeTask(storage)];
    assert.equal(await move(cases, first, { type: 'RUNNING' }), 'accept');
    assert.deepEqual(await held(storage), [1, [first.id]]);
    assert.equal(await move(cases, second, { type: 'RUNNING' }), 'wait');
    assert.equal((await storage.readSlots({ names: [NAME] })).limits[0]?.deniedSlots, 1, 'what was refused counts');
    assert.equal((await storage.readTaskRun(second.id))?.state.type, second.state.type);
    assert.equal(await move(cases, first, { type: 'COMPLETED', data: null }), 'accept');
    assert.deepEqual(await held(storage), [0, []]);
    assert.equal(await move(cases, second, { type: 'RUNNING' }), 'accept');
    assert.equal(await move(cases, second, { type: 'CRASHED' }, true), 'accept');
    assert.deepEqual(await held(storage), [0, []]);
  },

  'of many that start at once only as many get a slot as there are': async (storage, { openSecond }) => {
    const other = (await openSecond?.()) ?? storage;
    const [here, there] = [casesOn(storage), casesOn(other)];
    await here.setTagLimit('db', 2);
    const tasks: TaskRun[] = [];
    for (let index = 0; index < 8; index += 1) tasks.push(await makeTask(storage));
    const start = (task: TaskRun, index: number) => move(index % 2 === 0 ? here : there, task, { type: 'RUNNING' });
    const answers = await Promise.all(tasks.map(start));
    assert.equal(answers.filter((status) => status === 'accept').length, 2);
    const running = tasks.filter((_, index) => answers[index] === 'accept').map(({ id }) => id);
    const [slots, holders] = await held(storage);
    assert.deepEqual([slots, new Set(holders)], [2, new Set<string | undefined>(running)]);
  },

  'no slot is taken by a run that does not start: its flow run is over, or its result is known': async (storage) => {
    const cases = casesOn(storage);
    await cases.setTagLimit('db', 1);
    const flowRun = await runningFlow(storage);
    const known = await makeTask(storage);
    const details = { cacheKey: 'k' };
    await move(cases, known, { type: 'RUNNING', details });
    await move(cases, known, { type: 'COMPLETED', details, data: { kind: 'foreign', text: '1' } });
    const again = await makeTask(storage);
    const late = await makeTask(storage, { flowRunId: flowRun.id });
    await cases.setFlowRunState({ id: flowRun.id, state: { type: 'CANCELLED' }, force: true });
    assert.equal(await move(cases, late, { type: 'RUNNING' }), 'abort');
    const other = await makeTask(storage);
    await move(cases, other, { type: 'RUNNING' });
    assert.equal(await move(cases, again, { type: 'RUNNING', details }), 'reject', 'though no slot is free');
    const found = await storage.readTaskRun(again.id);
    assert.deepEqual([found?.state.name, found?.state.data], ['Cached', { kind: 'foreign', text: '1' }]);
    assert.deepEqual(await held(storage), [1, [other.id]]);
  },

  'what is deleted, or ended as lost, gives its slots back': async (storage) => {
    const cases = casesOn(storage);
    await cases.setTagLimit('db', 4);
    const flowRun = await runningFlow(storage);
    const process = makeProcess();
    await storage.writeProcess(process);
    const tasks = {
      inFlow: await makeTask(storage, { flowRunId: flowRun.id }),
      alone: await makeTask(storage),
      lost: await makeTask(storage, { processId: process.id }),
      other: await makeTask(storage),
    };
    for (const task of Object.values(tasks)) assert.equal(await move(cases, task, { type: 'RUNNING' }), 'accept');
    await storage.deleteFlowRun(flowRun.id, makeEvent());
    assert.deepEqual(await held(storage), [3, [tasks.alone.id, tasks.lost.id, tasks.other.id]]);
    await storage.deleteTaskRun(tasks.alone.id, makeEvent());
    assert.deepEqual(await held(storage), [2, [tasks.lost.id, tasks.other.id]]);
    const ended = await storage.changeHeldTaskRuns(process.id, 10, (run) => {
      const state = makeState({ type: 'CRASHED', failure: null });
      return { run: { ...run, state, endTime: state.timestamp }, states: [state] };
    });
    assert.equal(ended, 1);
    assert.deepEqual(await held(storage), [1, [tasks.other.id]]);
  },

  'retention gives the slots back that an ended task run has left': async (storage) => {
    await casesOn(storage).setTagLimit('db', 1);
    const now = newInstant();
    const ended = makeState({ type: 'COMPLETED', data: null }, addSeconds(now, -60));
    const task = await makeTask(storage, { state: ended, endTime: ended.timestamp });
    const { limits } = await storage.readSlots({ names: [NAME] });
    await storage.changeSlots({ names: [NAME] }, () => ({
      limits: limits.map((limit) => ({ ...limit, activeSlots: 1 })),
      leases: [
        {
          id: newId<ConcurrencyLeaseId>(),
          slots: 1,
          limitIds: limits.map(({ id }) => id),
          holder: { type: 'task_run', id: task.id as TaskRunId },
          createdAt: now,
          expiresAt: addSeconds(now, 600),
        },
      ],
      answer: null,
    }));
    assert.equal(await storage.deleteTaskRunsBefore(now, 10), 1);
    assert.deepEqual(await held(storage), [0, []]);
  },
};
