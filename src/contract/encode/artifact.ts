import type * as wire from '../schema/artifact.ts';
import type { Artifact } from '../../core/artifact.ts';
import { formatInstant } from '../../core/time.ts';

export function encodeArtifact(artifact: Artifact): wire.Artifact {
  const { id, key, type, description, data, flowRunId, taskRunId, createdAt, updatedAt } = artifact;
  return { id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), key, type, description, data, flow_run_id: flowRunId, task_run_id: taskRunId };
}
