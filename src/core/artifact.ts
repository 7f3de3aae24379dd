import type { ArtifactCollectionId, ArtifactId, FlowRunId, TaskRunId } from './ids.ts';
import type { Instant } from './time.ts';

export const ARTIFACT_TYPES = ['markdown', 'table', 'link', 'progress', 'image', 'result'] as const;
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

export interface Artifact {
  readonly id: ArtifactId;
  /** Groups the versions of one artifact over time: lower-case letters, digits and dashes; `null` for one that is not listed by key. */
  readonly key: string | null;
  /** One of `ARTIFACT_TYPES`; clients of the API may use other words, or none. */
  readonly type: string | null;
  readonly description: string | null;
  /**
   * As Prefect's wire has it: markdown text (links too), a JSON string of rows for a table, a number 0…100 for progress,
   * a URL or a `data:` URL for an image.
   */
  readonly data: unknown;
  /** The data as JSON text, where JavaScript's numbers cannot say it (`1.0`, `12345678901234567890`). */
  readonly exactData?: string | undefined;
  /** Marks by name; kept for clients of the API. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly flowRunId: FlowRunId | null;
  readonly taskRunId: TaskRunId | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** The newest artifact of a key stands for all of them. */
export interface ArtifactCollection {
  readonly id: ArtifactCollectionId;
  readonly key: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** A collection is named after its first artifact, and is no artifact itself: that one's id with another version (8: ids of one's own making). */
export function collectionIdOf(first: ArtifactId): ArtifactCollectionId {
  return `${first.slice(0, 14)}8${first.slice(15)}` as ArtifactCollectionId;
}
