/** Artifacts, and the collections of those that share a key. */

import { collectionIdOf, type Artifact, type ArtifactCollection } from '../../../core/artifact.ts';
import type { OutboxEvent } from '../../../core/event.ts';
import type { ArtifactId } from '../../../core/ids.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import type { ArtifactChange, ArtifactFacts } from '../../port/keepsakes.ts';
import { readArtifactCollectionRow, readArtifactRow, type ArtifactCollectionRow, type ArtifactRow } from '../../rows/artifact.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';

export function insertArtifact(connection: Connection, artifact: Artifact, event: OutboxEvent): void {
  connection.write(() => {
    writeArtifact(connection, artifact);
    insertEvents(connection, [event]);
  });
}

function writeArtifact(connection: Connection, artifact: Artifact): void {
  connection
    .statement(
      `INSERT INTO artifact (id, key, type, description, data, flow_run_id, task_run_id, created_at, updated_at, metadata)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET key = excluded.key, type = excluded.type,
      description = excluded.description, data = excluded.data, flow_run_id = excluded.flow_run_id,
      task_run_id = excluded.task_run_id, created_at = excluded.created_at, updated_at = excluded.updated_at, metadata = excluded.metadata`,
    )
    .run(
      uuidBytes(artifact.id), artifact.key, artifact.type ?? '', artifact.description, artifact.exactData ?? JSON.stringify(artifact.data ?? null),
      artifact.flowRunId === null ? null : uuidBytes(artifact.flowRunId),
      artifact.taskRunId === null ? null : uuidBytes(artifact.taskRunId), artifact.createdAt, artifact.updatedAt,
      artifact.metadata === undefined ? null : JSON.stringify(artifact.metadata),
    );
  if (artifact.key === null) return;
  connection
    .statement(
      `INSERT INTO artifact_collection (key, id, created_at, updated_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at`,
    )
    .run(artifact.key, uuidBytes(collectionIdOf(artifact.id)), artifact.createdAt, artifact.updatedAt);
}

export function changeArtifact(
  connection: Connection, id: ArtifactId,
  change: (artifact: Artifact) => { readonly artifact: Artifact; readonly event: OutboxEvent },
): Artifact | null {
  const bytes = lookupBytes(id);
  if (bytes === null) return null;
  return connection.write(() => {
    const found = findArtifact(connection, bytes);
    if (found === null) return null;
    const { artifact, event } = change(found);
    writeArtifact(connection, artifact);
    insertEvents(connection, [event]);
    return artifact;
  });
}

export function moveArtifact<Answer>(
  connection: Connection, id: ArtifactId, key: string | null, change: (facts: ArtifactFacts) => ArtifactChange<Answer>,
): Answer {
  return connection.write(() => {
    const found = findArtifact(connection, uuidBytes(id));
    const changed = change({ artifact: found, ...collectionFacts(connection, found === null ? key : found.key) });
    if (changed.artifact) writeArtifact(connection, changed.artifact);
    if (changed.artifact === null) removeArtifact(connection, uuidBytes(id), found?.key ?? null);
    insertEvents(connection, changed.events ?? []);
    return changed.answer;
  });
}

function collectionFacts(connection: Connection, key: string | null): Pick<ArtifactFacts, 'collection' | 'newest'> {
  const newest = key === null ? [] : newestOf(connection, key, 2);
  // Runs are deleted with their artifacts: what is left of a collection without any is no fact.
  const collection = newest.length > 0 && key !== null ? findCollection(connection, key) : null;
  return { collection, newest };
}

function removeArtifact(connection: Connection, id: Uint8Array, key: string | null): void {
  connection.statement('DELETE FROM artifact WHERE id = ?').run(id);
  if (key !== null && newestOf(connection, key, 1).length === 0) connection.statement('DELETE FROM artifact_collection WHERE key = ?').run(key);
}

export function readArtifact(connection: Connection, id: ArtifactId): Artifact | null {
  const bytes = lookupBytes(id);
  return bytes && connection.read(() => findArtifact(connection, bytes));
}

export function readLatestArtifact(connection: Connection, key: string): { readonly artifact: Artifact; readonly collection: ArtifactCollection } | null {
  return connection.read(() => {
    const [artifact] = newestOf(connection, key, 1);
    const collection = findCollection(connection, key);
    return artifact && collection ? { artifact, collection } : null;
  });
}

export function readArtifactCollections(connection: Connection, keys: readonly string[]): readonly ArtifactCollection[] {
  return connection.read(() => keys.flatMap((key) => findCollection(connection, key) ?? []));
}

function findArtifact(connection: Connection, id: Uint8Array): Artifact | null {
  const row = connection.statement('SELECT * FROM artifact WHERE id = ?').get(id);
  return row ? readArtifactRow(row as unknown as ArtifactRow) : null;
}

function newestOf(connection: Connection, key: string, limit: number): readonly Artifact[] {
  const rows = connection.statement('SELECT * FROM artifact WHERE key = ? ORDER BY id DESC LIMIT ?').all(key, limit);
  return rows.map((row) => readArtifactRow(row as unknown as ArtifactRow));
}

function findCollection(connection: Connection, key: string): ArtifactCollection | null {
  const row = connection.statement('SELECT * FROM artifact_collection WHERE key = ?').get(key);
  return row ? readArtifactCollectionRow(row as unknown as ArtifactCollectionRow) : null;
}
