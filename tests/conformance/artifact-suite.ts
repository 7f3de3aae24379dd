import assert from 'node:assert/strict';
import type { Artifact } from '../../src/core/artifact.ts';
import type { ArtifactFilter } from '../../src/core/filter.ts';
import type { ArtifactId, FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { makeArtifact, makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const artifactTests: StorageTests = {
  'artifacts are inserted with their event and read back, whatever their data': async (storage) => {
    for (const data of ['# text', '[{"a":1}]', 42.5, null, { nested: ['ü', true] }]) {
      const artifact = makeArtifact({ data, key: 'report', description: 'what it is', flowRunId: newId<FlowRunId>() });
      await storage.insertArtifact(artifact, makeEvent({ name: 'artifact' }));
      assert.deepEqual(await storage.readArtifact(artifact.id), artifact);
    }
    assert.equal((await storage.readEvents({ afterSeq: 0, limit: 10 })).length, 5);
    for (const id of [newId<ArtifactId>(), 'nonsense' as ArtifactId]) assert.equal(await storage.readArtifact(id), null);
  },

  'artifacts change with their event': async (storage) => {
    const artifact = makeArtifact({ type: 'progress', data: 0 });
    await storage.insertArtifact(artifact, makeEvent());
    const event = makeEvent({ name: 'moved' });
    const changed = await storage.changeArtifact(artifact.id, (found) => {
      assert.deepEqual(found, artifact);
      return { artifact: { ...found, data: 50, updatedAt: newInstant() }, event };
    });
    assert.equal(changed?.data, 50);
    assert.deepEqual(await storage.readArtifact(artifact.id), changed);
    assert.equal((await storage.readEvents({ afterSeq: 0, limit: 10 })).at(-1)?.name, 'moved');
    assert.equal(await storage.changeArtifact(newId<ArtifactId>(), () => assert.fail('there is none')), null);
  },

  'artifacts are listed newest first, by each part of the filter': async (storage) => {
    const [flowRunId, taskRunId] = [newId<FlowRunId>(), newId<TaskRunId>()];
    const a = makeArtifact({ key: 'report', flowRunId });
    const b = makeArtifact({ key: 'plot', type: 'image', taskRunId });
    const c = makeArtifact({ key: 'report', taskRunId });
    const d = makeArtifact({ flowRunId });
    for (const artifact of [a, b, c, d]) await storage.insertArtifact(artifact, makeEvent());
    const expectations: readonly [filter: ArtifactFilter, artifacts: readonly Artifact[]][] = [
      [{}, [d, c, b, a]], [{ key: 'report' }, [c, a]], [{ type: 'image' }, [b]], [{ flowRunId }, [d, a]], [{ taskRunId }, [c, b]],
      [{ latest: true }, [c, b]], [{ latest: false }, [d, c, b, a]], [{ latest: true, key: 'report' }, [c]],
      [{ latest: true, flowRunId }, []], [{ key: 'none' }, []],
    ];
    for (const [filter, artifacts] of expectations) {
      assert.deepEqual(await storage.listArtifacts(filter, {}), artifacts, JSON.stringify(filter));
    }
    const first = await storage.listArtifacts({}, { limit: 3 });
    assert.deepEqual([...first, ...(await storage.listArtifacts({}, { limit: 3, after: first[2]?.id }))], [d, c, b, a]);
  },
};
