import type { ArtifactCollectionId, ArtifactId, FlowRunId, TaskRunId } from './ids.ts';
import type { Instant } from './time.ts';

export const ARTIFACT_TYPES = ['markdown', 'table', 'link', 'progress', 'image', 'result'] as const;
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

/** Pictures travel inside the row as `data:` URLs: 16 Mi characters hold 12 MB of picture. */
export const ARTIFACT_CHARACTERS_MAX = 16 * 1024 * 1024;

export interface Artifact {
  readonly id: ArtifactId;
  /**
   * Groups the versions of one artifact over time: lower-case letters, digits and dashes; `null` for one that is not
   * listed by key.
   */
  readonly key: string | null;
  /** One of `ARTIFACT_TYPES`; clients of the API may use other texts, or none. */
  readonly type: string | null;
  readonly description: string | null;
  /**
   * As Prefect's wire has it: markdown text (links too), a JSON string of rows for a table, a number 0…100 for
   * progress, a URL or a `data:` URL for an image.
   */
  readonly data: unknown;
  /** The data as JSON text, where JavaScript's numbers cannot say it (`1.0`, `12345678901234567890`). */
  readonly exactData?: string | undefined;
  /** Further text fields by name; stored for clients of the API. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly flowRunId: FlowRunId | null;
  readonly taskRunId: TaskRunId | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** All artifacts of one key, represented by the newest. */
export interface ArtifactCollection {
  readonly id: ArtifactCollectionId;
  readonly key: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/**
 * A collection's id is derived from its first artifact: the same id with UUID version 8 (custom), so that it is not
 * equal to an artifact's.
 */
export function collectionIdOf(first: ArtifactId): ArtifactCollectionId {
  return `${first.slice(0, 14)}8${first.slice(15)}` as ArtifactCollectionId;
}
