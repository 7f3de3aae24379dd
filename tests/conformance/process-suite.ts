import assert from 'node:assert/strict';
import type { ProcessId } from '../../src/core/ids.ts';
import { makeFlow, makeFlowRun, makeProcess, makeState, newId, newInstant } from './samples.ts';
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

  'processes beat, and hear which of their runs are being cancelled': async (storage) => {
    const [process, other] = [makeProcess(), makeProcess()];
    await storage.writeProcess(process);
    await storage.writeProcess(other);
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const cancelling = (): ReturnType<typeof makeState> => makeState({ type: 'CANCELLING' });
    const mine = makeFlowRun(flow, { lease: { processId: process.id, token: 1 }, state: cancelling() });
    for (const run of [
      mine, makeFlowRun(flow, { lease: { processId: process.id, token: 1 }, state: makeState({ type: 'RUNNING' }) }),
      makeFlowRun(flow, { lease: { processId: other.id, token: 1 }, state: cancelling() }), makeFlowRun(flow, { state: cancelling() }),
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
};
