/** Artifacts on the wire: what one is, how lists of them are narrowed and ordered, and the routes. */

import type { Artifact as CoreArtifact, ArtifactCollection as CoreCollection } from '../core/artifact.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ArtifactId, FlowRunId, TaskRunId } from '../core/ids.ts';
import { formatInstant } from '../core/time.ts';
import { readInstant } from './encode/instant.ts';
import { criterion, filter } from './filter/filter.ts';
import { anyOf, isPresent, like, noneOf } from './filter/leaf.ts';
import { taskRunFilters } from './filter/related.ts';
import { asc, BY_AGE, desc, NEWEST, sorts } from './filter/sort.ts';
import { BULKY_BODY } from './json-bounds.ts';
import { Action, Limit, Maybe, Offset, Parts, UuidIn, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Json, Nullable, Uuid } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson, wireText, type BothViews } from './wire-json.ts';

const fields = {
  id: Uuid,
  created: DateTime,
  updated: DateTime,
  key: Nullable(Type.String()),
  type: Nullable(Type.String()),
  description: Nullable(Type.String()),
  data: Json,
  metadata_: Nullable(Type.Record(Type.String(), Type.String())),
  flow_run_id: Nullable(Uuid),
  task_run_id: Nullable(Uuid),
};

/**
 * `data` by type: markdown and link are text, a table is JSON text of its rows, progress is 0…100, an image is a URL.
 */
export const Artifact = Type.Object(fields, EXACT);
export type Artifact = Static<typeof Artifact>;

/** The newest artifact of a key, `latest_id`; `id`, `created` and `updated` are the collection's. */
export const ArtifactCollection = Type.Object({ ...fields, key: Type.String(), latest_id: Uuid }, EXACT);
export type ArtifactCollection = Static<typeof ArtifactCollection>;

interface Latest {
  readonly artifact: CoreArtifact;
  readonly collection: CoreCollection;
}

export function encodeArtifact(artifact: CoreArtifact): Artifact {
  const { id, key, type, description, data, exactData, metadata, flowRunId, taskRunId, createdAt, updatedAt } =
    artifact;
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    key,
    type,
    description,
    data: encodeData({ data, exactData }),
    metadata_: metadata ? { ...metadata } : null,
    flow_run_id: flowRunId,
    task_run_id: taskRunId,
  };
}

/** The newest artifact of a key under the id of the collection, which stays the same. */
export function encodeLatestArtifact({ artifact, collection: { id, createdAt, updatedAt } }: Latest): Artifact {
  return { ...encodeArtifact(artifact), id, created: formatInstant(createdAt), updated: formatInstant(updatedAt) };
}

export function encodeArtifactCollection({ artifact, collection }: Latest): ArtifactCollection {
  const { id, key, createdAt, updatedAt } = collection;
  return {
    ...encodeArtifact(artifact),
    id,
    key,
    latest_id: artifact.id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
  };
}

/** As a body has it: with the numbers that JavaScript cannot say. */
export function encodeData({ data, exactData }: Pick<CoreArtifact, 'data' | 'exactData'>): unknown {
  return exactData === undefined ? data : rawJson(exactData);
}

/** Of our own server or Prefect's. The newest of a key has the id of the artifact, not that of its collection. */
export function decodeArtifact({ plain, exact }: BothViews<Artifact | ArtifactCollection>): CoreArtifact {
  if (typeof plain.id !== 'string')
    throw new OstinatoError('bad-input', 'The server answered something else than an artifact.');
  const data = plain.data ?? null;
  const exactData = wireText(exact.data);
  return {
    id: ('latest_id' in plain ? plain.latest_id : plain.id) as ArtifactId,
    key: plain.key ?? null,
    type: plain.type ?? null,
    description: plain.description ?? null,
    data,
    ...(exactData === wireText(data) ? {} : { exactData }),
    ...(plain.metadata_ ? { metadata: plain.metadata_ } : {}),
    flowRunId: (plain.flow_run_id ?? null) as FlowRunId | null,
    taskRunId: (plain.task_run_id ?? null) as TaskRunId | null,
    createdAt: readInstant(plain.created),
    updatedAt: readInstant(plain.updated),
  };
}

const artifactCriteria = {
  key: criterion({ any_: anyOf('key'), like_: like('key'), exists_: isPresent('key') }),
  flow_run_id: criterion({ any_: anyOf('flowRunId', UuidIn) }),
  task_run_id: criterion({ any_: anyOf('taskRunId', UuidIn) }),
  type: criterion({ any_: anyOf('type'), not_any_: noneOf('type') }),
};

export const artifactFilter = filter('ArtifactFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  ...artifactCriteria,
});

/** Of the newest artifact of each key. */
export const artifactCollectionFilter = filter('ArtifactCollectionFilter', {
  latest_id: criterion({ any_: anyOf('latestId', UuidIn) }),
  ...artifactCriteria,
});
export const artifactSorts = sorts('ID_DESC', { ...BY_AGE, ...NEWEST, KEY_DESC: desc('key'), KEY_ASC: asc('key') });

const MetadataIn = Type.Record(Type.String(), Type.String());

const ArtifactCreate = Action({
  /** Artifacts with one key are versions of one another. */
  key: Maybe(Type.String({ title: 'Artifact key', pattern: '^[a-z0-9-]+$', maxLength: 255 })),
  type: Maybe(Type.String()),
  description: Maybe(Type.String()),
  data: Type.Optional(Json),
  metadata_: Maybe(MetadataIn),
  flow_run_id: Maybe(UuidIn),
  task_run_id: Maybe(UuidIn),
});

const ArtifactUpdate = Action({
  data: Type.Optional(Json),
  description: Maybe(Type.String()),
  metadata_: Maybe(MetadataIn),
});

const ArtifactsCount = Parts({ artifacts: Maybe(artifactFilter.schema), ...taskRunFilters });
const ArtifactsFilter = Parts({
  ...ArtifactsCount.properties,
  sort: artifactSorts.schema,
  limit: Limit,
  offset: Offset,
});
const LatestArtifactsCount = Parts({ artifacts: Maybe(artifactCollectionFilter.schema), ...taskRunFilters });
const LatestArtifactsFilter = Parts({
  ...LatestArtifactsCount.properties,
  sort: artifactSorts.schema,
  limit: Limit,
  offset: Offset,
});

const tag = 'Artifacts';

export const CREATE_ARTIFACT = {
  method: 'POST',
  path: '/artifacts/',
  name: 'create_artifact',
  tag,
  summary: 'Keep an artifact',
  body: ArtifactCreate,
  bodyLimits: BULKY_BODY,
  answers: { 201: Artifact },
} as const satisfies RouteContract;

export const READ_ARTIFACT = {
  method: 'GET',
  path: '/artifacts/{id}',
  name: 'read_artifact',
  tag,
  summary: 'Read an artifact',
  answers: { 200: Artifact },
} as const satisfies RouteContract;

export const READ_LATEST_ARTIFACT = {
  method: 'GET',
  path: '/artifacts/{key}/latest',
  name: 'read_latest_artifact',
  tag,
  summary: 'Read the newest artifact of a key',
  params: { key: Type.String() },
  answers: { 200: Artifact },
} as const satisfies RouteContract;

export const LIST_ARTIFACTS = {
  method: 'POST',
  path: '/artifacts/filter',
  name: 'read_artifacts',
  tag,
  summary: 'List artifacts',
  body: ArtifactsFilter,
  isBodyOptional: true,
  answers: { 200: Type.Array(Artifact) },
} as const satisfies RouteContract;

export const LIST_LATEST_ARTIFACTS = {
  method: 'POST',
  path: '/artifacts/latest/filter',
  name: 'read_latest_artifacts',
  tag,
  summary: 'List the newest artifact of each key',
  body: LatestArtifactsFilter,
  isBodyOptional: true,
  answers: { 200: Type.Array(ArtifactCollection) },
} as const satisfies RouteContract;

export const COUNT_ARTIFACTS = {
  method: 'POST',
  path: '/artifacts/count',
  name: 'count_artifacts',
  tag,
  summary: 'Count artifacts',
  body: ArtifactsCount,
  isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const COUNT_LATEST_ARTIFACTS = {
  method: 'POST',
  path: '/artifacts/latest/count',
  name: 'count_latest_artifacts',
  tag,
  summary: 'Count keys of artifacts',
  body: LatestArtifactsCount,
  isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const UPDATE_ARTIFACT = {
  method: 'PATCH',
  path: '/artifacts/{id}',
  name: 'update_artifact',
  tag,
  summary: 'Change an artifact',
  body: ArtifactUpdate,
  bodyLimits: BULKY_BODY,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_ARTIFACT = {
  method: 'DELETE',
  path: '/artifacts/{id}',
  name: 'delete_artifact',
  tag,
  summary: 'Delete an artifact',
  answers: { 204: null },
} as const satisfies RouteContract;

/** Ours alone: under an id that its maker has drawn, so that it is made once however often it is sent. */
export const MAKE_ARTIFACT = {
  method: 'POST',
  path: '/ostinato/artifacts',
  name: 'ostinato_make_artifact',
  tag: 'Ostinato',
  summary: 'Keep an artifact under its id; a repeated request answers the one that is there',
  body: Action({
    id: UuidIn,
    key: Nullable(Type.String()),
    type: Nullable(Type.String()),
    description: Nullable(Type.String()),
    data: Json,
    metadata_: Maybe(MetadataIn),
    flow_run_id: Nullable(UuidIn),
    task_run_id: Nullable(UuidIn),
  }),
  bodyLimits: BULKY_BODY,
  answers: { 200: Artifact },
} as const satisfies RouteContract;

/** Ours alone: checked by the artifact's type, told as an event, and answered with what it became. */
export const CHANGE_ARTIFACT = {
  method: 'PATCH',
  path: '/ostinato/artifacts/{id}',
  name: 'ostinato_change_artifact',
  tag: 'Ostinato',
  summary: 'Change an artifact',
  body: Action({ data: Type.Optional(Json), description: Maybe(Type.String()) }),
  bodyLimits: BULKY_BODY,
  answers: { 200: Artifact },
} as const satisfies RouteContract;
