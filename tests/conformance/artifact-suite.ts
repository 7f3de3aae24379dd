import assert from 'node:assert/strict';
import type { Artifact } from '../../src/core/artifact.ts';

import type { ArtifactId, FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { EVERYTHING, type Condition } from '../../src/core/query.ts';
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
    for (const id of [newId<ArtifactId>(), 'nonsense' as ArtifactId])
      assert.equal(await storage.readArtifact(id), null);
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
    const is = (field: string, value: string): Condition => ({ op: 'eq', field, value });
    const list = (noun: 'artifact' | 'artifact_collection', where: Condition, limit = 50) =>
      storage.find(noun, { where, sort: [{ field: 'id', direction: 'desc' }], limit, offset: 0 });
    const expectations: readonly [where: Condition, artifacts: readonly Artifact[], newest: readonly Artifact[]][] = [
      [EVERYTHING, [d, c, b, a], [c, b]],
      [is('key', 'report'), [c, a], [c]],
      [is('type', 'image'), [b], [b]],
      [is('flowRunId', flowRunId), [d, a], []],
      [is('taskRunId', taskRunId), [c, b], [c, b]],
      [is('key', 'none'), [], []],
    ];
    for (const [where, artifacts, newest] of expectations) {
      assert.deepEqual(await list('artifact', where), artifacts, JSON.stringify(where));
      assert.deepEqual(await list('artifact_collection', where), newest, JSON.stringify(where));
    }
    const first = await list('artifact', EVERYTHING, 3);
    const rest = await list('artifact', { op: 'lt', field: 'id', value: first[2]?.id ?? '' });
    assert.deepEqual([...first, ...rest], [d, c, b, a]);
  },
};
