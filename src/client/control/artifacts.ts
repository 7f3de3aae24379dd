/** Artifacts, of whatever server; and while it is away. */

import {
  CHANGE_ARTIFACT,
  CREATE_ARTIFACT,
  decodeArtifact,
  encodeData,
  LIST_ARTIFACTS,
  LIST_LATEST_ARTIFACTS,
  MAKE_ARTIFACT,
  READ_ARTIFACT,
  UPDATE_ARTIFACT,
  type Artifact as WireArtifact,
} from '../../contract/artifact.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { ARTIFACT_CHARACTERS_MAX, type Artifact, type ArtifactType } from '../../core/artifact.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { ArtifactId, FlowRunId, TaskRunId } from '../../core/ids.ts';
import { jsonText } from '../../core/json-value.ts';
import { Remembered, type Absence } from './absence.ts';
import { mayBeDone, type ControlPlane } from './plane.ts';

export type NewArtifact = Omit<Artifact, 'createdAt' | 'updatedAt'>;
export interface ArtifactChange {
  readonly data?: unknown;
  readonly description?: string | null;
}
/** All parts must hold. */
export interface ArtifactFilter {
  readonly key?: string;
  readonly type?: ArtifactType;
  readonly flowRunId?: FlowRunId;
  readonly taskRunId?: TaskRunId;
  /** Only the newest version of each key. */
  readonly latest?: boolean;
}
interface Page {
  readonly limit?: number;
  readonly offset?: number;
}

export interface ArtifactClient {
  /** Once, however often it is sent under its id. `bad-input` for a key, type or data that cannot be kept. */
  create(artifact: NewArtifact): Promise<Artifact>;
  /** `not-found`; `bad-input` for data that cannot be kept. */
  update(id: ArtifactId, change: ArtifactChange): Promise<Artifact>;
  read(id: ArtifactId): Promise<Artifact | null>;
  /** Newest first. @param page default: the first 50 */
  list(filter: ArtifactFilter, page?: Page): Promise<readonly Artifact[]>;
}

export function artifactsOf(plane: ControlPlane): ArtifactClient {
  const made = plane.kind === 'ostinato' ? underOwnIds(plane) : underServersIds(plane);
  return {
    ...made,

    async list(filter, { limit = 50, offset } = {}) {
      const body = { artifacts: await filterBody(plane, filter), sort: 'CREATED_DESC' } as const;
      const rows: readonly BothViews<WireArtifact>[] =
        filter.latest === true
          ? await plane.list(LIST_LATEST_ARTIFACTS, body, { limit, offset })
          : await plane.list(LIST_ARTIFACTS, body, { limit, offset });
      return rows.map((row) => fromWire(plane, row));
    },
  };
}

type ByIds = Omit<ArtifactClient, 'list'>;

function underOwnIds(plane: ControlPlane): ByIds {
  return {
    async create(artifact) {
      checkData(artifact);
      const body = { id: artifact.id, ...bodyOf(artifact), flow_run_id: artifact.flowRunId };
      return decodeArtifact(await plane.ask(MAKE_ARTIFACT, { body }));
    },

    async update(id, change) {
      if ('data' in change) checkData({ key: null, type: null, ...change });
      return decodeArtifact(await plane.ask(CHANGE_ARTIFACT, { params: { id }, body: change }));
    },

    async read(id) {
      const found = await plane.find(READ_ARTIFACT, { id });
      return found === null ? null : decodeArtifact(found);
    },
  };
}

/** Artifacts made here that may still be changed; the server gave them ids of its own. */
const KNOWN_MAX = 10_000;
/** Newer artifacts of the same run and key that one is looked for among. */
const COMPARED_MAX = 50;

/** Prefect's server makes ids itself: an artifact keeps its own in this process. */
function underServersIds(plane: ControlPlane): ByIds {
  const named = new Map<ArtifactId, string>();
  /** Of which nobody knows whether the server made them. */
  const unconfirmed = new Set<ArtifactId>();

  const read = async (id: ArtifactId): Promise<Artifact | null> => {
    const found = await plane.find(READ_ARTIFACT, { id: named.get(id) ?? id });
    return found === null ? null : { ...fromWire(plane, found), id };
  };
  const make = async (artifact: NewArtifact): Promise<BothViews<WireArtifact>> => {
    const runId = artifact.flowRunId === null ? null : await plane.runNames.remote(artifact.flowRunId);
    try {
      return await plane.ask(CREATE_ARTIFACT, { body: { ...bodyOf(artifact), flow_run_id: runId }, once: true });
    } catch (error) {
      if (mayBeDone(error)) unconfirmed.add(artifact.id);
      throw error;
    }
  };
  /** The server gave it an id of its own, and the answer was lost: it is known by what it says. */
  const find = async ({ key, type, data, flowRunId, taskRunId }: NewArtifact) => {
    const filter = {
      ...(key === null ? {} : { key }),
      ...(flowRunId === null ? {} : { flowRunId }),
      ...(taskRunId === null ? {} : { taskRunId }),
    };
    const artifacts = await filterBody(plane, filter);
    const rows = await plane.list(LIST_ARTIFACTS, { artifacts, sort: 'CREATED_DESC' }, { limit: COMPARED_MAX });
    const text = JSON.stringify(data);
    return rows.find(({ plain }) => plain.type === type && JSON.stringify(plain.data) === text) ?? null;
  };

  return {
    read,

    async create(artifact) {
      checkData(artifact);
      const { id, data } = artifact;
      if (named.has(id)) return (await read(id)) ?? gone(id);
      const made = (unconfirmed.has(id) ? await find(artifact) : null) ?? (await make(artifact));
      unconfirmed.delete(id);
      if (named.size >= KNOWN_MAX) named.delete(named.keys().next().value as ArtifactId);
      named.set(id, made.plain.id);
      return { ...fromWire(plane, made), id, data };
    },

    async update(id, change) {
      if ('data' in change) checkData({ key: null, type: null, ...change });
      await plane.ask(UPDATE_ARTIFACT, { params: { id: named.get(id) ?? id }, body: change });
      return (await read(id)) ?? gone(id);
    },
  };
}

function gone(id: ArtifactId): never {
  throw new OstinatoError('not-found', `There is no artifact ${id}.`);
}

/** @throws `bad-input` for data that is no JSON, or is too large */
function checkData({ key, type, data }: { key: string | null; type: string | null; data?: unknown }): void {
  const what =
    key === null ? `The data of the ${type ?? ''} artifact`.replace('  ', ' ') : `The data of artifact "${key}"`;
  jsonText(data, what, ARTIFACT_CHARACTERS_MAX);
}

function bodyOf({ key, type, description, metadata, taskRunId, ...sent }: NewArtifact) {
  return {
    key,
    type,
    description,
    data: encodeData(sent),
    ...(metadata === undefined ? {} : { metadata_: { ...metadata } }),
    task_run_id: taskRunId,
  };
}

function fromWire(plane: ControlPlane, row: BothViews<WireArtifact>): Artifact {
  const artifact = decodeArtifact(row);
  const { flowRunId } = artifact;
  return flowRunId === null ? artifact : { ...artifact, flowRunId: plane.runNames.own(flowRunId) };
}

async function filterBody(plane: ControlPlane, { key, type, flowRunId, taskRunId }: ArtifactFilter) {
  const runId = flowRunId === undefined ? undefined : await plane.runNames.remote(flowRunId);
  // Prefect's server keeps results of runs among artifacts.
  const isAnyType = type === undefined && plane.kind === 'prefect';
  return {
    ...(key === undefined ? {} : { key: { any_: [key] } }),
    ...(type === undefined ? {} : { type: { any_: [type] } }),
    ...(isAnyType ? { type: { not_any_: ['result'] } } : {}),
    ...(runId === undefined ? {} : { flow_run_id: { any_: [runId] } }),
    ...(taskRunId === undefined ? {} : { task_run_id: { any_: [taskRunId] } }),
  };
}

/** What a flow gets while its server is away: what it makes or changes is told later, what it asks is waited for. */
export function tolerantArtifacts(absence: Absence): ArtifactClient {
  const known = new Remembered<ArtifactId, Artifact>();
  const told = { noun: 'artifacts', what: 'an artifact' } as const;
  return {
    async create(artifact) {
      checkData(artifact);
      const made = await absence.orLater<Artifact>({ ...told, method: 'create', args: [artifact] }, () => {
        const now = absence.clock.now();
        return { ...artifact, createdAt: now, updatedAt: now };
      });
      return known.keep(made.id, made);
    },

    async update(id, change) {
      const changed = await absence.orLater<Artifact>({ ...told, method: 'update', args: [id, change] }, () => {
        const now = absence.clock.now();
        return { ...(known.get(id) ?? unseen(id, now)), ...change, updatedAt: now };
      });
      return known.keep(id, changed);
    },

    read: (id) => absence.sure(({ artifacts }) => artifacts.read(id)),
    list: (filter, page) => absence.sure(({ artifacts }) => artifacts.list(filter, page)),
  };
}

/** Of one that was made before this process only the change is known. */
function unseen(id: ArtifactId, now: Artifact['createdAt']): Artifact {
  const none = { key: null, description: null, data: null, flowRunId: null, taskRunId: null };
  return { ...none, id, type: 'progress', createdAt: now, updatedAt: now };
}
