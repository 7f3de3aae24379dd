import assert from 'node:assert/strict';
import type { TaskRunId } from '../../src/core/ids.ts';
import { matching } from '../../src/core/list-query.ts';
import { makeArtifact, makeEvent, makeFlow, makeFlowRun, makeLog, makeRecord } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const deletionTests: StorageTests = {
  'deleting a flow run removes its task runs, states, logs and artifacts, and nothing else': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const artifactsOf = (taskRunId: TaskRunId) =>
      storage.find('artifact', {
        where: { op: 'eq', field: 'taskRunId', value: taskRunId },
        sort: [],
        limit: 10,
        offset: 0,
      });
    const kept: (() => Promise<void>)[] = [];
    const gone: (() => Promise<void>)[] = [];
    const [doomed, other] = [makeFlowRun(flow, { idempotencyKey: 'k' }), makeFlowRun(flow)];
    for (const run of [doomed, other]) {
      const { run: task, states } = makeRecord({ flowRunId: run.id });
      const artifacts = [makeArtifact({ flowRunId: run.id }), makeArtifact({ taskRunId: task.id })];
      const logs = [makeLog({ flowRunId: run.id }), makeLog({ taskRunId: task.id })];
      await storage.insertFlowRun(run, []);
      await storage.writeTaskRuns([{ run: task, states }], logs);
      for (const artifact of artifacts) await storage.insertArtifact(artifact, makeEvent());
      kept.push(async () => {
        assert.deepEqual(await storage.readTaskRun(task.id), task);
        assert.deepEqual(await storage.listTaskRunStates(task.id), states);
        assert.deepEqual(await artifactsOf(task.id), [artifacts[1]]);
        assert.equal(
          (await storage.list('log', { where: matching({ flowRunId: run.id }) })).length +
            (await storage.list('log', { where: matching({ taskRunId: task.id }) })).length,
          2,
        );
      });
      gone.push(async () => {
        assert.equal(await storage.readFlowRun(run.id), null);
        assert.deepEqual(await storage.listFlowRunStates(run.id), []);
        assert.equal(await storage.readTaskRun(task.id), null);
        assert.deepEqual(await storage.listTaskRunStates(task.id), []);
        for (const artifact of artifacts) assert.equal(await storage.readArtifact(artifact.id), null);
        for (const about of [{ flowRunId: run.id }, { taskRunId: task.id }])
          assert.deepEqual(await storage.list('log', { where: matching(about) }), []);
      });
    }
    const event = makeEvent({ name: 'prefect.flow-run.deleted' });
    assert.equal(await storage.deleteFlowRun(doomed.id, event, other.state.id), false, 'it is in another state');
    await kept[0]?.();
    assert.equal(await storage.deleteFlowRun(doomed.id, event, doomed.state.id), true);
    await gone[0]?.();
    await kept[1]?.();
    assert.deepEqual(await storage.readFlowRun(other.id), other);
    assert.equal((await storage.readEvents({ afterSeq: 0, limit: 100 })).at(-1)?.name, event.name);
    assert.equal(await storage.deleteFlowRun(doomed.id, makeEvent()), false, 'a second time');
    assert.equal(
      (await storage.readEvents({ afterSeq: 0, limit: 100 })).filter(({ name }) => name === event.name).length,
      1,
    );
  },

  'deleting a flow run takes its subflow runs along, and theirs': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const root = makeFlowRun(flow);
    const standIn = makeRecord({ flowRunId: root.id });
    const child = makeFlowRun(flow, { parentTaskRunId: standIn.run.id, parentFlowRunId: root.id });
    const inner = makeRecord({ flowRunId: child.id });
    const grandchild = makeFlowRun(flow, { parentTaskRunId: inner.run.id, parentFlowRunId: child.id });
    const leaf = makeRecord({ flowRunId: grandchild.id });
    const other = makeFlowRun(flow);
    for (const run of [root, child, grandchild, other]) await storage.insertFlowRun(run, []);
    await storage.writeTaskRuns([standIn, inner, leaf], []);
    assert.equal(await storage.deleteFlowRun(child.id, makeEvent()), true);
    assert.deepEqual(
      [
        await storage.readFlowRun(root.id),
        await storage.readFlowRun(child.id),
        await storage.readFlowRun(grandchild.id),
      ],
      [root, null, null],
    );
    assert.equal(await storage.readTaskRun(leaf.run.id), null);
    await storage.insertFlowRun(child, []);
    assert.equal(await storage.deleteFlowRun(root.id, makeEvent()), true);
    assert.deepEqual([await storage.readFlowRun(child.id), await storage.readFlowRun(other.id)], [null, other]);
  },

  'deleting a flow run frees its idempotency key': async (storage) => {
    const flow = makeFlow('sales');
    await storage.ensureFlow('sales', () => flow);
    const run = makeFlowRun(flow, { idempotencyKey: 'k' });
    await storage.insertFlowRun(run, []);
    await storage.deleteFlowRun(run.id, makeEvent());
    assert.equal((await storage.insertFlowRun(makeFlowRun(flow, { idempotencyKey: 'k' }), [])).created, true);
  },
};
