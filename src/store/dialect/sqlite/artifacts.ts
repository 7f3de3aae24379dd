/** Artifacts. */

import type { Artifact } from '../../../core/artifact.ts';
import type { OutboxEvent } from '../../../core/event.ts';
import type { ArtifactId } from '../../../core/ids.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { readArtifactRow, type ArtifactRow } from '../../rows/artifact.ts';
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
      `INSERT INTO artifact (id, key, type, description, data, flow_run_id, task_run_id, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET key = excluded.key, type = excluded.type,
      description = excluded.description, data = excluded.data, flow_run_id = excluded.flow_run_id,
      task_run_id = excluded.task_run_id, created_at = excluded.created_at, updated_at = excluded.updated_at`,
    )
    .run(
      uuidBytes(artifact.id), artifact.key, artifact.type, artifact.description, JSON.stringify(artifact.data ?? null),
      artifact.flowRunId === null ? null : uuidBytes(artifact.flowRunId),
      artifact.taskRunId === null ? null : uuidBytes(artifact.taskRunId), artifact.createdAt, artifact.updatedAt,
    );
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

export function readArtifact(connection: Connection, id: ArtifactId): Artifact | null {
  const bytes = lookupBytes(id);
  return bytes && connection.read(() => findArtifact(connection, bytes));
}

function findArtifact(connection: Connection, id: Uint8Array): Artifact | null {
  const row = connection.statement('SELECT * FROM artifact WHERE id = ?').get(id);
  return row ? readArtifactRow(row as unknown as ArtifactRow) : null;
}
