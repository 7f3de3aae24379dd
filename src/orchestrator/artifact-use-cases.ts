/** Use cases of artifacts: for flows that make them, and for clients of the API. */

import type { Artifact } from '../core/artifact.ts';
import type { ArtifactId } from '../core/ids.ts';
import type { Query } from '../core/query.ts';
import {
  addArtifact,
  changeArtifactFields,
  deleteArtifact,
  findLatestArtifacts,
  type ArtifactUpdate,
} from './artifact-versions.ts';
import { createArtifact, updateArtifact } from './artifacts.ts';
import type { OrchestratorPorts } from './ports.ts';

export function artifactUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    createArtifact: (artifact: Omit<Artifact, 'createdAt' | 'updatedAt'>) => createArtifact(ports, artifact),
    updateArtifact: (id: ArtifactId, change: { readonly data?: unknown; readonly description?: string | null }) =>
      updateArtifact(ports, id, change),
    readArtifact: (id: ArtifactId) => storage.readArtifact(id),

    addArtifact: (artifact: Parameters<typeof addArtifact>[1]) => addArtifact(ports, artifact),
    changeArtifactFields: (id: ArtifactId, change: ArtifactUpdate) => changeArtifactFields(ports, id, change),
    deleteArtifact: (id: ArtifactId) => deleteArtifact(ports, id),
    readLatestArtifact: (key: string) => storage.readLatestArtifact(key),
    findLatestArtifacts: (query: Query) => findLatestArtifacts(ports, query),
  };
}
