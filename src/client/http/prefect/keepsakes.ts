/** Artifacts and variables on Prefect's server. */

import { rawJson, wireText } from '../../../contract/wire-json.ts';
import type { Artifact, ArtifactType } from '../../../core/artifact.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { ArtifactFilter, Page } from '../../../core/filter.ts';
import type { ArtifactId, TaskRunId, VariableId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import type { SetVariable, Variable } from '../../../core/variable.ts';
import { Unavailable } from '../transport.ts';
import { instantIn, text, texts } from './fields.ts';
import type { PrefectFlowRuns } from './flow-runs.ts';
import { artifactBody, Cursors } from './lists.ts';
import type { RunIds } from './run-ids.ts';
import type { Entity, PrefectWire, Reply } from './wire.ts';

const BEGINNING = 0 as Instant;

/** Artifacts made here that may still be changed; the server gave them ids of its own. */
const KNOWN_MAX = 10_000;
/** Newer artifacts of the same run and key that one is looked for among. */
const COMPARED_MAX = 50;

type NewArtifact = Omit<Artifact, 'createdAt' | 'updatedAt'>;

export class PrefectArtifacts {
  readonly #wire: PrefectWire;
  readonly #ids: RunIds;
  readonly #flowRuns: PrefectFlowRuns;
  readonly #cursors = new Cursors();
  readonly #remote = new Map<ArtifactId, string>();
  /** Of which nobody knows whether the server made them. */
  readonly #doubtful = new Set<ArtifactId>();

  constructor(wire: PrefectWire, ids: RunIds, flowRuns: PrefectFlowRuns) {
    this.#wire = wire;
    this.#ids = ids;
    this.#flowRuns = flowRuns;
  }

  /** Keeps its id in this process. */
  async create(artifact: NewArtifact): Promise<Artifact> {
    const { id, data } = artifact;
    if (this.#remote.has(id)) return (await this.read(id)) ?? gone(id);
    const made = (this.#doubtful.has(id) ? await this.#find(artifact) : null) ?? (await this.#make(artifact));
    this.#doubtful.delete(id);
    if (this.#remote.size >= KNOWN_MAX) this.#remote.delete(this.#remote.keys().next().value as ArtifactId);
    this.#remote.set(id, text(made.plain['id']) ?? id);
    return { ...this.#decode(made), id, data };
  }

  async #make({ id, key, type, description, data, flowRunId, taskRunId }: NewArtifact): Promise<Entity> {
    const remoteId = flowRunId === null ? null : await this.#flowRuns.remoteId(flowRunId);
    try {
      return await this.#wire.ask('POST', '/artifacts/', { key, type, description, data, flow_run_id: remoteId, task_run_id: taskRunId }, { once: true });
    } catch (error) {
      if (error instanceof Unavailable && error.isAmbiguous) this.#doubtful.add(id);
      throw error;
    }
  }

  /** The server gave it an id of its own, and the answer was lost: it is known by what it says. */
  async #find({ key, type, data, flowRunId, taskRunId }: NewArtifact): Promise<Entity | null> {
    const filter = { ...(key === null ? {} : { key }), ...(flowRunId === null ? {} : { flowRunId }), ...(taskRunId === null ? {} : { taskRunId }) };
    if (flowRunId !== null) await this.#flowRuns.knownOrFound(flowRunId);
    const { rows } = await this.#wire.pages('/artifacts/filter', { ...artifactBody(filter, (own) => this.#ids.remote(own)), sort: 'CREATED_DESC' }, { offset: 0, limit: COMPARED_MAX });
    const text = JSON.stringify(data);
    return rows.find(({ plain }) => plain['type'] === type && JSON.stringify(plain['data']) === text) ?? null;
  }

  async update(id: ArtifactId, change: { readonly data?: unknown; readonly description?: string | null }): Promise<Artifact> {
    await this.#wire.ask('PATCH', `/artifacts/${this.#remote.get(id) ?? id}`, change);
    return (await this.read(id)) ?? gone(id);
  }

  async read(id: ArtifactId): Promise<Artifact | null> {
    const found = await this.#wire.find(`/artifacts/${this.#remote.get(id) ?? id}`);
    return found === null ? null : { ...this.#decode(found), id };
  }

  async list(filter: ArtifactFilter, page: Page<ArtifactId>): Promise<readonly Artifact[]> {
    const path = filter.latest === true ? '/artifacts/latest/filter' : '/artifacts/filter';
    const { rows, next } = await this.#wire.pages(path, { ...artifactBody(filter, (id) => this.#ids.remote(id)), sort: 'CREATED_DESC' }, {
      offset: this.#cursors.offsetAfter(page.after), limit: page.limit ?? 50,
      // Results of runs lie there too.
      wanted: ({ plain }) => filter.type === 'result' || (plain['type'] !== null && plain['type'] !== 'result'),
    });
    const artifacts = rows.map((entity) => this.#decode(entity));
    this.#cursors.remember(artifacts.at(-1)?.id, next);
    return artifacts;
  }

  #decode({ plain }: Entity): Artifact {
    const flowRunId = text(plain['flow_run_id']);
    return {
      // The collection of a key names its newest version.
      id: (text(plain['latest_id']) ?? plain['id']) as ArtifactId,
      key: text(plain['key']), type: plain['type'] as ArtifactType, description: text(plain['description']), data: plain['data'] ?? null,
      flowRunId: flowRunId === null ? null : this.#ids.own(flowRunId), taskRunId: text(plain['task_run_id']) as TaskRunId | null,
      createdAt: instantIn(plain, 'created') ?? BEGINNING, updatedAt: instantIn(plain, 'updated') ?? BEGINNING,
    };
  }
}

function gone(id: ArtifactId): never {
  throw new OstinatoError('not-found', `There is no artifact ${id}.`);
}

export class PrefectVariables {
  readonly #wire: PrefectWire;
  /** The variable that an unanswered request may have made. */
  #doubtful: string | null = null;
  readonly #cursors = new Cursors();

  constructor(wire: PrefectWire) {
    this.#wire = wire;
  }

  async read(name: string): Promise<Variable | null> {
    const found = await this.#wire.find(`/variables/name/${encodeURIComponent(name)}`);
    return found === null ? null : decodeVariable(found);
  }

  async set({ name, exactValue, tags, overwrite, ...request }: SetVariable): Promise<Variable> {
    const value = exactValue === undefined ? request.value : rawJson(exactValue);
    const reply = await this.#make({ name, value, tags }, overwrite);
    if (reply.status !== 409) return decodeVariable(reply);
    if (!overwrite) return await this.#own(name, value);
    await this.#wire.ask('PATCH', `/variables/name/${encodeURIComponent(name)}`, { value, tags });
    const changed = await this.read(name);
    if (changed === null) throw new OstinatoError('conflict', `Variable ${name} was removed while it was changed.`);
    return changed;
  }

  async #make(body: { readonly name: string; readonly value: unknown; readonly tags: readonly string[] }, overwrite: boolean): Promise<Reply> {
    try {
      return await this.#wire.ask('POST', '/variables/', body, { expected: [409], once: !overwrite });
    } catch (error) {
      if (error instanceof Unavailable && error.isAmbiguous) this.#doubtful = body.name;
      throw error;
    }
  }

  /** It is there already: by this very request, whose answer was lost, or by somebody else's. */
  async #own(name: string, value: unknown): Promise<Variable> {
    const there = this.#doubtful === name ? await this.read(name) : null;
    this.#doubtful = null;
    if (there !== null && (there.exactValue ?? JSON.stringify(there.value)) === wireText(value)) return there;
    throw new OstinatoError('conflict', `The variable "${name}" exists already.`, { remedy: 'Pass overwrite: true to replace it.' });
  }

  async unset(name: string): Promise<boolean> {
    const { status } = await this.#wire.ask('DELETE', `/variables/name/${encodeURIComponent(name)}`, undefined, { expected: [404] });
    return status !== 404;
  }

  async list(page: Page<string>): Promise<readonly Variable[]> {
    const { rows, next } = await this.#wire.pages('/variables/filter', { sort: 'NAME_ASC' }, { offset: this.#cursors.offsetAfter(page.after), limit: page.limit ?? 50 });
    const variables = rows.map(decodeVariable);
    this.#cursors.remember(variables.at(-1)?.name, next);
    return variables;
  }
}

function decodeVariable({ plain, exact }: Entity): Variable {
  const exactValue = wireText(exact['value']);
  return {
    id: plain['id'] as VariableId, name: text(plain['name']) ?? '', value: plain['value'], ...(exactValue === wireText(plain['value']) ? {} : { exactValue }), tags: texts(plain['tags']),
    createdAt: instantIn(plain, 'created') ?? BEGINNING, updatedAt: instantIn(plain, 'updated') ?? BEGINNING,
  };
}
