import assert from 'node:assert/strict';
import type { ProcessId } from '../../src/core/ids.ts';
import { makeFlow, makeFlowRun, makeProcess, makeState, makeTaskRun, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const processTests: StorageTests = {
  'processes are written, written again, listed and deleted': async (storage) => {
    const [a, b] = [makeProcess(), makeProcess({ startMark: '12345', host: 'there' })];
    await storage.writeProcess(b);
    await storage.writeProcess(a);
    assert.deepEqual(await storage.listProcesses(), [a, b]);
    const changed = { ...a, command: 'node other.ts' };
    await storage.writeProcess(changed);
    assert.deepEqual(await storage.listProcesses(), [changed, b]);
    await storage.deleteProcess(a.id);
    await storage.deleteProcess(a.id);
    assert.deepEqual(await storage.listProcesses(), [b]);
  },

  'processes are written with the lease that names them': async (storage) => {
    const [process, flow] = [makeProcess(), makeFlow('sales')];
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow, { state: makeState({ type: 'PENDING' }) });
    await storage.insertFlowRun(run, []);
    const held = { ...run, lease: { processId: process.id, token: 1 } };
    await storage.changeFlowRun(run.id, {}, () => ({ run: held, process, answer: null }));
    assert.deepEqual(await storage.listProcesses(), [process]);
    const later = { ...process, heartbeatAt: newInstant() };
    await storage.changeFlowRun(run.id, {}, () => ({ run: held, process: later, answer: null }));
    assert.deepEqual(await storage.listProcesses(), [later]);
  },

  'processes beat, and hear which of their runs are being cancelled': async (storage) => {
    const [process, other] = [makeProcess(), makeProcess()];
    await storage.writeProcess(process);
    await storage.writeProcess(other);
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const cancelling = (): ReturnType<typeof makeState> => makeState({ type: 'CANCELLING' });
    const mine = makeFlowRun(flow, { lease: { processId: process.id, token: 1 }, state: cancelling() });
    for (const run of [
      mine,
      makeFlowRun(flow, { lease: { processId: process.id, token: 1 }, state: makeState({ type: 'RUNNING' }) }),
      makeFlowRun(flow, { lease: { processId: other.id, token: 1 }, state: cancelling() }),
      makeFlowRun(flow, { state: cancelling() }),
    ]) {
      await storage.insertFlowRun(run, []);
    }
    const now = newInstant();
    assert.deepEqual(await storage.beat(process.id, now), { isRegistered: true, cancelling: [mine.id] });
    assert.deepEqual(await storage.listProcesses(), [{ ...process, heartbeatAt: now }, other]);
  },

  'processes beat without a row: nothing is made': async (storage) => {
    assert.deepEqual(await storage.beat(newId<ProcessId>(), newInstant()), { isRegistered: false, cancelling: [] });
    assert.deepEqual(await storage.listProcesses(), []);
  },

  'processes hold the task runs outside flows that they have not ended': async (storage) => {
    const [mine, other] = [makeProcess(), makeProcess()];
    const runOf = (processId: ProcessId | null, ended: boolean) => {
      const state = makeState(ended ? { type: 'COMPLETED', data: null } : { type: 'RUNNING' });
      const run = makeTaskRun({ flowRunId: null, processId, state, endTime: ended ? state.timestamp : null });
      return { run, states: [state] };
    };
    const [first, second, done, foreign, loose] = [
      runOf(mine.id, false),
      runOf(mine.id, false),
      runOf(mine.id, true),
      runOf(other.id, false),
      runOf(null, false),
    ];
    await storage.writeTaskRuns([first, second, done, foreign, loose], []);
    assert.equal((await storage.readTaskRun(first.run.id))?.processId, mine.id);
    const end = (run: typeof first.run) => {
      const state = makeState({ type: 'CRASHED' });
      return { run: { ...run, state, endTime: state.timestamp }, states: [state] };
    };
    assert.equal(await storage.changeHeldTaskRuns(mine.id, 10, () => null), 0);
    assert.equal(await storage.changeHeldTaskRuns(mine.id, 1, end), 1);
    assert.equal(await storage.holdsTaskRuns(mine.id), true);
    assert.equal(await storage.changeHeldTaskRuns(mine.id, 10, end), 1);
    assert.deepEqual([await storage.holdsTaskRuns(mine.id), await storage.holdsTaskRuns(other.id)], [false, true]);
    const states = async ({ run }: typeof first) => (await storage.listTaskRunStates(run.id)).map(({ type }) => type);
    assert.deepEqual(await Promise.all([first, second, done, foreign, loose].map(states)), [
      ['RUNNING', 'CRASHED'],
      ['RUNNING', 'CRASHED'],
      ['COMPLETED'],
      ['RUNNING'],
      ['RUNNING'],
    ]);
    const events = await storage.readEvents({ afterSeq: 0, limit: 100 });
    assert.equal(events.filter(({ name }) => name.endsWith('Crashed')).length, 2);
  },
};
