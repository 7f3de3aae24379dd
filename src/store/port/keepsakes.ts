/** Artifacts and variables as clients of the API change them. */

import type { Artifact, ArtifactCollection } from '../../core/artifact.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { ArtifactId, VariableId } from '../../core/ids.ts';
import type { Variable } from '../../core/variable.ts';
import type { Stored } from '../port.ts';

export interface ArtifactFacts {
  readonly artifact: Artifact | null;
  /** Of the artifact's key; `null` while nothing has it. */
  readonly collection: ArtifactCollection | null;
  /** The newest ones of the key, two at most. */
  readonly newest: readonly Artifact[];
}

export interface ArtifactChange<Answer> {
  /** Inserted or written over; `null` deletes it. Its collection is made, touched and deleted with it. */
  readonly artifact?: Artifact | null;
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export type VariableKey = { readonly name: string } | { readonly id: VariableId };

export interface KeepsakeStorage {
  /** @param key where the artifact is not there yet: the key that it will have */
  moveArtifact<Answer>(id: ArtifactId, key: string | null, change: (facts: ArtifactFacts) => ArtifactChange<Answer>): Stored<Answer>;
  readLatestArtifact(key: string): Stored<{ readonly artifact: Artifact; readonly collection: ArtifactCollection } | null>;
  readArtifactCollections(keys: readonly string[]): Stored<readonly ArtifactCollection[]>;

  readVariableBy(key: VariableKey): Stored<Variable | null>;
  /** As `changeVariable`, also by id; the variable may get another name. `conflict` when that is taken. */
  moveVariable<Answer>(
    key: VariableKey, change: (variable: Variable | null) => { readonly variable?: Variable | null; readonly event?: OutboxEvent; readonly answer: Answer },
  ): Stored<Answer>;
}
