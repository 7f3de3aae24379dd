/** Artifacts, and the collections of artifacts with one key. */

import type { Artifact, ArtifactCollection } from '../../core/artifact.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';

export interface ArtifactFacts {
  readonly artifact: Artifact | null;
  /** The collection of the artifact's key; `null` while there is none. */
  readonly collection: ArtifactCollection | null;
  /** The newest artifacts of the key, two at most. */
  readonly newest: readonly Artifact[];
}

export interface ArtifactChange<Answer> {
  /** Inserted or replaced; `null` deletes it. Its collection is created, updated and deleted with it. */
  readonly artifact?: Artifact | null;
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface ArtifactStorage {
  insertArtifact(artifact: Artifact, event: OutboxEvent): MaybePromise<void>;
  changeArtifact(
    id: ArtifactId,
    change: (artifact: Artifact) => { readonly artifact: Artifact; readonly event: OutboxEvent },
  ): MaybePromise<Artifact | null>;
  readArtifact(id: ArtifactId): MaybePromise<Artifact | null>;
  /** @param key the key of an artifact that does not exist yet */
  moveArtifact<Answer>(
    id: ArtifactId,
    key: string | null,
    change: (facts: ArtifactFacts) => ArtifactChange<Answer>,
  ): MaybePromise<Answer>;
  readLatestArtifact(
    key: string,
  ): MaybePromise<{ readonly artifact: Artifact; readonly collection: ArtifactCollection } | null>;
  readArtifactCollections(keys: readonly string[]): MaybePromise<readonly ArtifactCollection[]>;
}
