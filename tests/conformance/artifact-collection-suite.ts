import assert from 'node:assert/strict';
import { collectionIdOf } from '../../src/core/artifact.ts';
import { addSeconds } from '../../src/core/time.ts';
import { makeArtifact, makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const artifactCollectionTests: StorageTests = {
  'artifacts of a key make a collection, however they came and went': async (storage) => {
    const first = makeArtifact({ key: 'k', type: null, exactData: '1.0', data: 1, metadata: { a: 'b' } });
    await storage.moveArtifact(first.id, 'k', (facts) => {
      assert.deepEqual(facts, { artifact: null, collection: null, newest: [] });
      return { artifact: first, events: [makeEvent({ name: 'made' })], answer: null };
    });
    assert.deepEqual(await storage.readArtifact(first.id), first);
    const second = makeArtifact({ key: 'k' });
    await storage.insertArtifact(second, makeEvent());
    const latest = await storage.readLatestArtifact('k');
    assert.deepEqual(
      [latest?.artifact, latest?.collection.createdAt, latest?.collection.updatedAt],
      [second, first.createdAt, second.updatedAt],
    );
    assert.equal(latest?.collection.id, collectionIdOf(first.id));
    assert.deepEqual(await storage.readArtifactCollections(['k', 'none']), [latest?.collection]);
    await storage.moveArtifact(second.id, null, ({ artifact, collection, newest }) => {
      assert.deepEqual([artifact, collection?.id, newest], [second, latest?.collection.id, [second, first]]);
      return { artifact: null, answer: null };
    });
    assert.deepEqual((await storage.readLatestArtifact('k'))?.artifact, first);
    await storage.moveArtifact(first.id, null, () => ({ artifact: null, answer: null }));
    assert.equal(await storage.readLatestArtifact('k'), null);
    assert.deepEqual(await storage.readArtifactCollections(['k']), []);
  },

  'configuration and tokens are kept, replaced and removed': async (storage) => {
    const now = newInstant();
    await storage.writeConfiguration('a', '{"b":1}', now);
    await storage.writeConfiguration('a', '2', now);
    assert.deepEqual([await storage.readConfiguration('a'), await storage.readConfiguration('b')], ['2', null]);
    await storage.writeConfiguration('a', null, now);
    assert.equal(await storage.readConfiguration('a'), null);
    const token = {
      id: newId(),
      client: 'me',
      token: 't',
      createdAt: now,
      updatedAt: now,
      expiresAt: addSeconds(now, 60),
    };
    assert.deepEqual(await storage.writeCsrfToken(token), token);
    const later = addSeconds(now, 1);
    const replaced = await storage.writeCsrfToken({
      ...token,
      id: newId(),
      token: 'u',
      createdAt: later,
      updatedAt: later,
      expiresAt: addSeconds(later, 60),
    });
    assert.deepEqual(replaced, { ...token, token: 'u', updatedAt: later, expiresAt: addSeconds(later, 60) });
    const much = addSeconds(now, 1000);
    await storage.writeCsrfToken({
      ...token,
      id: newId(),
      client: 'you',
      createdAt: much,
      updatedAt: much,
      expiresAt: addSeconds(much, 60),
    });
    assert.deepEqual([await storage.readCsrfToken('me'), (await storage.readCsrfToken('you'))?.token], [null, 't']);
  },
};
