import { ARTIFACT_CHARACTERS_MAX, ARTIFACT_TYPES, type Artifact } from '../core/artifact.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ArtifactId } from '../core/ids.ts';
import { jsonText } from '../core/json-value.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Prefect's rule for keys, which become parts of addresses. */
export const ARTIFACT_KEY = /^[a-z0-9-]{1,255}$/;

/** `bad-input` for a key, type or data that cannot be kept. */
export function createArtifact(
  ports: OrchestratorPorts,
  artifact: Omit<Artifact, 'createdAt' | 'updatedAt'>,
): MaybePromise<Artifact> {
  if (artifact.key !== null && !ARTIFACT_KEY.test(artifact.key)) {
    throw new OstinatoError(
      'bad-input',
      `The artifact key ${JSON.stringify(artifact.key)} has other characters than lower-case letters, digits and dashes, or is longer than 255.`,
      { remedy: 'For instance "sales-summary".' },
    );
  }
  if (!ARTIFACT_TYPES.some((type) => type === artifact.type)) {
    throw new OstinatoError('bad-input', `There is no artifact type ${JSON.stringify(artifact.type)}.`, {
      remedy: `Types: ${ARTIFACT_TYPES.join(', ')}.`,
    });
  }
  checkData(artifact);
  const now = ports.clock.now();
  const made = { ...artifact, createdAt: now, updatedAt: now };
  return chain(ports.storage.insertArtifact(made, artifactEvent(ports, made, 'created')), () => made);
}

/** `not-found`; `bad-input` for data that cannot be kept. */
export function updateArtifact(
  ports: OrchestratorPorts,
  id: ArtifactId,
  change: { readonly data?: unknown; readonly description?: string | null },
): MaybePromise<Artifact> {
  const now = ports.clock.now();
  const changed = ports.storage.changeArtifact(id, (artifact) => {
    const { exactData, ...plain } = artifact;
    const updated = {
      ...('data' in change ? plain : { ...plain, ...(exactData === undefined ? {} : { exactData }) }),
      ...change,
      updatedAt: now,
    };
    checkData(updated);
    return { artifact: updated, event: artifactEvent(ports, updated, 'updated') };
  });
  return chain(changed, (artifact) => {
    if (artifact === null) throw new OstinatoError('not-found', `There is no artifact ${id}.`);
    return artifact;
  });
}

function checkData(artifact: Pick<Artifact, 'key' | 'type' | 'data'>): void {
  const what =
    artifact.key === null ? `The data of the ${artifact.type} artifact` : `The data of artifact "${artifact.key}"`;
  if (
    artifact.type === 'progress' &&
    !(typeof artifact.data === 'number' && artifact.data >= 0 && artifact.data <= 100)
  ) {
    throw new OstinatoError('bad-input', `${what} is ${String(artifact.data)}; progress is a number from 0 to 100.`);
  }
  jsonText(artifact.data, what, ARTIFACT_CHARACTERS_MAX);
}

function artifactEvent(ports: OrchestratorPorts, artifact: Artifact, what: 'created' | 'updated') {
  const { key, type, flowRunId, taskRunId } = artifact;
  return changeEvent(ports.ids, 'artifact', artifact.id, what, artifact.updatedAt, { key, type, flowRunId, taskRunId });
}
