import type * as wire from '../schema/artifact.ts';
import type { Artifact, ArtifactCollection } from '../../core/artifact.ts';
import { formatInstant } from '../../core/time.ts';
import { rawJson } from '../wire-json.ts';

export function encodeArtifact(artifact: Artifact): wire.Artifact {
  const { id, key, type, description, data, exactData, metadata, flowRunId, taskRunId, createdAt, updatedAt } = artifact;
  return {
    id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), key, type, description,
    data: exactData === undefined ? data : rawJson(exactData), metadata_: metadata ? { ...metadata } : null, flow_run_id: flowRunId, task_run_id: taskRunId,
  };
}

export function encodeArtifactCollection({ artifact, collection }: { readonly artifact: Artifact; readonly collection: ArtifactCollection }): wire.ArtifactCollection {
  const { id, key, createdAt, updatedAt } = collection;
  return { ...encodeArtifact(artifact), id, key, latest_id: artifact.id, created: formatInstant(createdAt), updated: formatInstant(updatedAt) };
}
