import type { Artifact, ArtifactType } from '../../core/artifact.ts';
import type { ArtifactId, FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';

export interface ArtifactRow {
  readonly id: IdValue;
  readonly key: string | null;
  readonly type: string;
  readonly description: string | null;
  /** JSON. */
  readonly data: string;
  readonly flow_run_id: IdValue | null;
  readonly task_run_id: IdValue | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export function readArtifactRow(row: ArtifactRow): Artifact {
  return {
    id: readId<ArtifactId>(row.id),
    key: row.key,
    type: row.type as ArtifactType,
    description: row.description,
    data: JSON.parse(row.data),
    flowRunId: readIdOrNull<FlowRunId>(row.flow_run_id),
    taskRunId: readIdOrNull<TaskRunId>(row.task_run_id),
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}
