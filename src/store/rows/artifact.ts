import type { Artifact, ArtifactCollection } from '../../core/artifact.ts';
import type { ArtifactCollectionId, ArtifactId, FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { isExact } from '../exact-json.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';

export interface ArtifactRow {
  readonly id: IdValue;
  readonly key: string | null;
  /** Empty: none. */
  readonly type: string;
  readonly description: string | null;
  /** JSON. */
  readonly data: string;
  readonly flow_run_id: IdValue | null;
  readonly task_run_id: IdValue | null;
  readonly created_at: number;
  readonly updated_at: number;
  /** JSON. */
  readonly metadata: string | null;
}

export interface ArtifactCollectionRow {
  readonly key: string;
  readonly id: IdValue;
  readonly created_at: number;
  readonly updated_at: number;
}

export function readArtifactRow(row: ArtifactRow): Artifact {
  const data: unknown = JSON.parse(row.data);
  return {
    id: readId<ArtifactId>(row.id),
    key: row.key,
    type: row.type === '' ? null : row.type,
    description: row.description,
    data,
    ...(isExact(data, row.data) ? {} : { exactData: row.data }),
    ...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) as Record<string, string> }),
    flowRunId: readIdOrNull<FlowRunId>(row.flow_run_id),
    taskRunId: readIdOrNull<TaskRunId>(row.task_run_id),
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

export function readArtifactCollectionRow(row: ArtifactCollectionRow): ArtifactCollection {
  return {
    id: readId<ArtifactCollectionId>(row.id),
    key: row.key,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}
