import type { ArtifactId, FlowRunId, TaskRunId } from './ids.ts';
import type { Instant } from './time.ts';

export const ARTIFACT_TYPES = ['markdown', 'table', 'link', 'progress', 'image', 'result'] as const;
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

export interface Artifact {
  readonly id: ArtifactId;
  /** Groups the versions of one artifact over time: lower-case letters, digits and dashes; `null` for one that is not listed by key. */
  readonly key: string | null;
  readonly type: ArtifactType;
  readonly description: string | null;
  /**
   * As Prefect's wire has it: markdown text (links too), a JSON string of rows for a table, a number 0…100 for progress,
   * a URL or a `data:` URL for an image.
   */
  readonly data: unknown;
  readonly flowRunId: FlowRunId | null;
  readonly taskRunId: TaskRunId | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
