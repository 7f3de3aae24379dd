/** Artifacts, and the collections of those that share a key. */

import { collectionIdOf, type Artifact, type ArtifactCollection } from '../../core/artifact.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { idOrNull, lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import type { ArtifactChange, ArtifactFacts, ArtifactStorage } from '../port/artifacts.ts';
import {
  readArtifactCollectionRow,
  readArtifactRow,
  type ArtifactCollectionRow,
  type ArtifactRow,
} from '../rows/artifact.ts';
import { insertEvents } from './events.ts';

export function artifactsOn(database: Database): ArtifactStorage {
  return {
    insertArtifact: (artifact, event) =>
      database.write(function* (db) {
        yield* writeArtifact(db, artifact);
        yield* insertEvents(db, [event]);
      }),
    changeArtifact(id, change) {
      const bytes = lookupBytes(id);
      if (bytes === null) return null;
      return database.write(function* (db) {
        const found = yield* findArtifact(db, bytes);
        if (found === null) return null;
        const { artifact, event } = change(found);
        yield* writeArtifact(db, artifact);
        yield* insertEvents(db, [event]);
        return artifact;
      });
    },
    moveArtifact: (id, key, change) => database.write((db) => moveArtifact(db, id, key, change)),
    readArtifact(id) {
      const bytes = lookupBytes(id);
      return bytes && database.read((db) => findArtifact(db, bytes));
    },
    readLatestArtifact: (key) =>
      database.read(function* (db) {
        const [artifact] = yield* newestOf(db, key, 1);
        const collection = yield* findCollection(db, key);
        return artifact && collection ? { artifact, collection } : null;
      }),
    readArtifactCollections: (keys) =>
      database.read(function* (db) {
        const found: ArtifactCollection[] = [];
        for (const key of keys) {
          const collection = yield* findCollection(db, key);
          if (collection) found.push(collection);
        }
        return found;
      }),
  };
}

function* writeArtifact(db: Statements, artifact: Artifact): Work<void> {
  yield* db.run(
    `INSERT INTO artifact (id, key, type, description, data, flow_run_id, task_run_id, created_at, updated_at, metadata)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET key = excluded.key, type = excluded.type,
    description = excluded.description, data = excluded.data, flow_run_id = excluded.flow_run_id,
    task_run_id = excluded.task_run_id, created_at = excluded.created_at, updated_at = excluded.updated_at, metadata = excluded.metadata`,
    uuidBytes(artifact.id),
    artifact.key,
    artifact.type ?? '',
    artifact.description,
    artifact.exactData ?? JSON.stringify(artifact.data ?? null),
    idOrNull(artifact.flowRunId),
    idOrNull(artifact.taskRunId),
    artifact.createdAt,
    artifact.updatedAt,
    artifact.metadata === undefined ? null : JSON.stringify(artifact.metadata),
  );
  if (artifact.key === null) return;
  yield* db.run(
    `INSERT INTO artifact_collection (key, id, created_at, updated_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at`,
    artifact.key,
    uuidBytes(collectionIdOf(artifact.id)),
    artifact.createdAt,
    artifact.updatedAt,
  );
}

function* moveArtifact<Answer>(
  db: Statements,
  id: ArtifactId,
  key: string | null,
  change: (facts: ArtifactFacts) => ArtifactChange<Answer>,
): Work<Answer> {
  const found = yield* findArtifact(db, uuidBytes(id));
  const changed = change({ artifact: found, ...(yield* collectionFacts(db, found === null ? key : found.key)) });
  if (changed.artifact) yield* writeArtifact(db, changed.artifact);
  if (changed.artifact === null) yield* removeArtifact(db, uuidBytes(id), found?.key ?? null);
  yield* insertEvents(db, changed.events ?? []);
  return changed.answer;
}

function* collectionFacts(db: Statements, key: string | null): Work<Pick<ArtifactFacts, 'collection' | 'newest'>> {
  const newest = key === null ? [] : yield* newestOf(db, key, 2);
  // Deleting a run deletes its artifacts: a collection may be left without any.
  const collection = newest.length > 0 && key !== null ? yield* findCollection(db, key) : null;
  return { collection, newest };
}

function* removeArtifact(db: Statements, id: IdValue, key: string | null): Work<void> {
  yield* db.run('DELETE FROM artifact WHERE id = ?', id);
  if (key !== null && (yield* newestOf(db, key, 1)).length === 0)
    yield* db.run('DELETE FROM artifact_collection WHERE key = ?', key);
}

function* findArtifact(db: Statements, id: IdValue): Work<Artifact | null> {
  const row = yield* db.get<ArtifactRow>('SELECT * FROM artifact WHERE id = ?', id);
  return row ? readArtifactRow(row) : null;
}

function* newestOf(db: Statements, key: string, limit: number): Work<readonly Artifact[]> {
  return (yield* db.all<ArtifactRow>('SELECT * FROM artifact WHERE key = ? ORDER BY id DESC LIMIT ?', key, limit)).map(
    readArtifactRow,
  );
}

function* findCollection(db: Statements, key: string): Work<ArtifactCollection | null> {
  const row = yield* db.get<ArtifactCollectionRow>('SELECT * FROM artifact_collection WHERE key = ?', key);
  return row ? readArtifactCollectionRow(row) : null;
}
