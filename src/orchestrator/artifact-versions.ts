/**
 * Artifacts as clients of the API create and change them: any type, any data, and events for the collection of their
 * key.
 */

import { ARTIFACT_CHARACTERS_MAX, collectionIdOf, type Artifact, type ArtifactCollection } from '../core/artifact.ts';
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID, RESOURCE_ROLE, type OutboxEvent } from '../core/event.ts';
import type { ArtifactCollectionId, ArtifactId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Query } from '../core/query.ts';
import type { Instant } from '../core/time.ts';
import { ARTIFACT_KEY } from './artifacts.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Data as it was sent: `exactData` where JavaScript's numbers cannot say it. */
export type SentData = Pick<Artifact, 'data' | 'exactData'>;

/** `bad-input` for a key or data that cannot be kept. */
export function addArtifact(
  ports: OrchestratorPorts,
  artifact: Omit<Artifact, 'id' | 'createdAt' | 'updatedAt'>,
): MaybePromise<Artifact> {
  if (artifact.key !== null && !ARTIFACT_KEY.test(artifact.key)) {
    throw new OstinatoError(
      'bad-input',
      'An artifact key has lower-case letters, digits and dashes only, 255 at most.',
    );
  }
  checkSize(artifact);
  const now = ports.clock.now();
  const made: Artifact = { ...artifact, id: ports.ids.next<ArtifactId>(), createdAt: now, updatedAt: now };
  return ports.storage.moveArtifact<Artifact>(made.id, made.key, ({ collection }) => ({
    artifact: made,
    events: collectionEvents(
      ports,
      made,
      collection?.id ?? collectionIdOf(made.id),
      collection ? 'updated' : 'created',
      now,
    ),
    answer: made,
  }));
}

export interface ArtifactUpdate {
  readonly data?: SentData | undefined;
  readonly description?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

/** Absent fields stay. Returns whether the artifact existed. */
export function changeArtifactFields(
  ports: OrchestratorPorts,
  id: ArtifactId,
  change: ArtifactUpdate,
): MaybePromise<boolean> {
  const now = ports.clock.now();
  if (change.data) checkSize(change.data);
  return ports.storage.moveArtifact<boolean>(id, null, ({ artifact: found }) => {
    if (found === null) return { answer: false };
    const { data, exactData, metadata, ...fields } = {
      ...found,
      ...(change.data ? { exactData: undefined, ...change.data } : {}),
    };
    const marks = change.metadata === undefined ? metadata : (change.metadata ?? undefined);
    const artifact: Artifact = {
      ...fields,
      data,
      ...(exactData === undefined ? {} : { exactData }),
      ...(marks === undefined ? {} : { metadata: marks }),
      description: change.description === undefined ? found.description : change.description,
      updatedAt: now,
    };
    return { artifact, answer: true };
  });
}

/** The previous artifact of its key becomes the newest. Returns whether the artifact existed. */
export function deleteArtifact(ports: OrchestratorPorts, id: ArtifactId): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.moveArtifact<boolean>(id, null, ({ artifact, collection, newest: [latest, before] }) => {
    if (artifact === null) return { answer: false };
    const isLatest = latest?.id === artifact.id;
    const events =
      collection && isLatest
        ? collectionEvents(ports, before ?? artifact, collection.id, before ? 'updated' : 'deleted', now)
        : [];
    return { artifact: null, events, answer: true };
  });
}

/** The newest artifact of each key, with its collection. */
export function findLatestArtifacts(
  { storage }: OrchestratorPorts,
  query: Query,
): MaybePromise<readonly { readonly artifact: Artifact; readonly collection: ArtifactCollection }[]> {
  return chain(storage.find('artifact_collection', query), (artifacts) =>
    chain(storage.readArtifactCollections(artifacts.map(({ key }) => key as string)), (collections) => {
      const byKey = new Map(collections.map((collection) => [collection.key, collection]));
      return artifacts.flatMap((artifact) => {
        const collection = byKey.get(artifact.key as string);
        return collection ? [{ artifact, collection }] : [];
      });
    }),
  );
}

function checkSize({ data, exactData }: SentData): void {
  const length = (exactData ?? JSON.stringify(data ?? null)).length;
  if (length > ARTIFACT_CHARACTERS_MAX) {
    throw new OstinatoError(
      'bad-input',
      `The data of the artifact is ${length} characters of JSON; at most ${ARTIFACT_CHARACTERS_MAX} are kept.`,
    );
  }
}

function collectionEvents(
  ports: OrchestratorPorts,
  artifact: Artifact,
  id: ArtifactCollectionId,
  what: 'created' | 'updated' | 'deleted',
  now: Instant,
): readonly OutboxEvent[] {
  const { key, type, data, exactData, description, flowRunId, taskRunId } = artifact;
  if (key === null) return [];
  const related = [
    { [RESOURCE_ID]: `prefect.artifact.${artifact.id}`, [RESOURCE_ROLE]: 'latest' },
    ...(flowRunId === null ? [] : [{ [RESOURCE_ID]: `prefect.flow-run.${flowRunId}`, [RESOURCE_ROLE]: 'flow-run' }]),
    ...(taskRunId === null ? [] : [{ [RESOURCE_ID]: `prefect.task-run.${taskRunId}`, [RESOURCE_ROLE]: 'task-run' }]),
  ];
  const event = (payload: unknown) =>
    changeEvent(ports.ids, 'artifact-collection', id, what, now, payload, { name: key, related });
  if (exactData === undefined) return [event({ key, type, data, description })];
  // Inserted as text: parsing a quarter of a million numbers exactly takes a second, during which the database would be
  // locked.
  const made = event({ key, type, description });
  return [{ ...made, payload: `{"data":${exactData},${(made.payload as string).slice(1)}` }];
}
