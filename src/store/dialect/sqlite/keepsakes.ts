import type { KeepsakeStorage } from '../../port/keepsakes.ts';
import { moveArtifact, readArtifactCollections, readLatestArtifact } from './artifacts.ts';
import type { Connection } from './connection.ts';
import { changeVariable, readVariable } from './variables.ts';

export function keepsakesOn(connection: Connection): KeepsakeStorage {
  return {
    moveArtifact: (id, key, change) => moveArtifact(connection, id, key, change),
    readLatestArtifact: (key) => readLatestArtifact(connection, key),
    readArtifactCollections: (keys) => readArtifactCollections(connection, keys),
    readVariableBy: (key) => readVariable(connection, key),
    moveVariable: (key, change) => changeVariable(connection, key, change),
  };
}
