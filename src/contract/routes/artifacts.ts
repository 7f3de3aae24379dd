import { Type } from '../type.ts';

import { ArtifactCreate, ArtifactsCount, ArtifactsFilter, ArtifactUpdate, LatestArtifactsCount, LatestArtifactsFilter } from '../body/artifact.ts';
import { BULKY_BODY } from '../json-bounds.ts';
import type { RouteContract } from '../route.ts';
import { Artifact, ArtifactCollection } from '../schema/artifact.ts';
import { Count } from '../schema/scalars.ts';

const tag = 'Artifacts';

export const CREATE_ARTIFACT = {
  method: 'POST', path: '/artifacts/', name: 'create_artifact', tag, summary: 'Keep an artifact', body: ArtifactCreate, bodyLimits: BULKY_BODY, answers: { 201: Artifact },
} as const satisfies RouteContract;

export const READ_ARTIFACT = {
  method: 'GET', path: '/artifacts/{id}', name: 'read_artifact', tag, summary: 'Read an artifact', answers: { 200: Artifact },
} as const satisfies RouteContract;

export const READ_LATEST_ARTIFACT = {
  method: 'GET', path: '/artifacts/{key}/latest', name: 'read_latest_artifact', tag, summary: 'Read the newest artifact of a key',
  params: { key: Type.String() }, answers: { 200: Artifact },
} as const satisfies RouteContract;

export const LIST_ARTIFACTS = {
  method: 'POST', path: '/artifacts/filter', name: 'read_artifacts', tag, summary: 'List artifacts', body: ArtifactsFilter, isBodyOptional: true,
  answers: { 200: Type.Array(Artifact) },
} as const satisfies RouteContract;

export const LIST_LATEST_ARTIFACTS = {
  method: 'POST', path: '/artifacts/latest/filter', name: 'read_latest_artifacts', tag, summary: 'List the newest artifact of each key',
  body: LatestArtifactsFilter, isBodyOptional: true, answers: { 200: Type.Array(ArtifactCollection) },
} as const satisfies RouteContract;

export const COUNT_ARTIFACTS = {
  method: 'POST', path: '/artifacts/count', name: 'count_artifacts', tag, summary: 'Count artifacts', body: ArtifactsCount, isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const COUNT_LATEST_ARTIFACTS = {
  method: 'POST', path: '/artifacts/latest/count', name: 'count_latest_artifacts', tag, summary: 'Count keys of artifacts',
  body: LatestArtifactsCount, isBodyOptional: true, answers: { 200: Count },
} as const satisfies RouteContract;

export const UPDATE_ARTIFACT = {
  method: 'PATCH', path: '/artifacts/{id}', name: 'update_artifact', tag, summary: 'Change an artifact', body: ArtifactUpdate, bodyLimits: BULKY_BODY, answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_ARTIFACT = {
  method: 'DELETE', path: '/artifacts/{id}', name: 'delete_artifact', tag, summary: 'Delete an artifact', answers: { 204: null },
} as const satisfies RouteContract;
