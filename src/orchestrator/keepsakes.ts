/** Artifacts and variables as clients of the API ask for them, bound to their ports. */

import type { ArtifactId } from '../core/ids.ts';
import type { Condition, Query } from '../core/query.ts';
import type { VariableKey } from '../store/port/keepsakes.ts';
import { addArtifact, changeArtifactFields, deleteArtifact, findLatestArtifacts, type ArtifactUpdate } from './artifact-versions.ts';
import type { OrchestratorPorts } from './ports.ts';
import { createVariable, deleteVariable, updateVariable, type VariableUpdate } from './variables.ts';

export function keepsakeUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    addArtifact: (artifact: Parameters<typeof addArtifact>[1]) => addArtifact(ports, artifact),
    changeArtifactFields: (id: ArtifactId, change: ArtifactUpdate) => changeArtifactFields(ports, id, change),
    deleteArtifact: (id: ArtifactId) => deleteArtifact(ports, id),
    readLatestArtifact: (key: string) => storage.readLatestArtifact(key),
    findArtifacts: (query: Query) => storage.find('artifact', query),
    findLatestArtifacts: (query: Query) => findLatestArtifacts(ports, query),
    countArtifacts: (noun: 'artifact' | 'artifact_collection', where: Condition) => storage.count(noun, where),

    createVariable: (variable: Parameters<typeof createVariable>[1]) => createVariable(ports, variable),
    readVariableBy: (key: VariableKey) => storage.readVariableBy(key),
    updateVariable: (key: VariableKey, change: VariableUpdate) => updateVariable(ports, key, change),
    deleteVariable: (key: VariableKey) => deleteVariable(ports, key),
    findVariables: (query: Query) => storage.find('variable', query),
    countVariables: (where: Condition) => storage.count('variable', where),
  };
}
