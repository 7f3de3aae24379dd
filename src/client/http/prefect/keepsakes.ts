/** Artifacts and variables on Prefect's server. */

import type { Artifact, ArtifactType } from '../../../core/artifact.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { ArtifactFilter, Page } from '../../../core/filter.ts';
import type { ArtifactId, TaskRunId, VariableId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import type { Variable } from '../../../core/variable.ts';
import { instantIn, text, texts } from './fields.ts';
import type { PrefectFlowRuns } from './flow-runs.ts';
import { artifactBody, Cursors } from './lists.ts';
import type { RunIds } from './run-ids.ts';
import type { Entity, PrefectWire } from './wire.ts';

const BEGINNING = 0 as Instant;

/** Artifacts made here that may still be changed; the server gave them ids of its own. */
const KNOWN_MAX = 10_000;

export class PrefectArtifacts {
  readonly #wire: PrefectWire;
  readonly #ids: RunIds;
  readonly #flowRuns: PrefectFlowRuns;
  readonly #cursors = new Cursors();
  readonly #remote = new Map<ArtifactId, string>();

  constructor(wire: PrefectWire, ids: RunIds, flowRuns: PrefectFlowRuns) {
    this.#wire = wire;
    this.#ids = ids;
    this.#flowRuns = flowRuns;
  }

  /** Keeps its id in this process. */
  async create(artifact: Omit<Artifact, 'createdAt' | 'updatedAt'>): Promise<Artifact> {
    const { id, key, type, description, data, flowRunId, taskRunId } = artifact;
    if (this.#remote.has(id)) return (await this.read(id)) ?? gone(id);
    const made = await this.#wire.ask('POST', '/artifacts/', {
      key, type, description, data, flow_run_id: flowRunId === null ? null : await this.#flowRuns.remoteId(flowRunId), task_run_id: taskRunId,
    });
    if (this.#remote.size >= KNOWN_MAX) this.#remote.delete(this.#remote.keys().next().value as ArtifactId);
    this.#remote.set(id, text(made.plain['id']) ?? id);
    return { ...this.#decode(made), id, data };
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
  readonly #cursors = new Cursors();

  constructor(wire: PrefectWire) {
    this.#wire = wire;
  }

  async read(name: string): Promise<Variable | null> {
    const found = await this.#wire.find(`/variables/name/${encodeURIComponent(name)}`);
    return found === null ? null : decodeVariable(found);
  }

  async set({ name, value, tags, overwrite }: { readonly name: string; readonly value: unknown; readonly tags: readonly string[]; readonly overwrite: boolean }): Promise<Variable> {
    const reply = await this.#wire.ask('POST', '/variables/', { name, value, tags }, overwrite ? [409] : undefined);
    if (reply.status !== 409) return decodeVariable(reply);
    await this.#wire.ask('PATCH', `/variables/name/${encodeURIComponent(name)}`, { value, tags });
    const changed = await this.read(name);
    if (changed === null) throw new OstinatoError('conflict', `Variable ${name} was removed while it was changed.`);
    return changed;
  }

  async unset(name: string): Promise<boolean> {
    const { status } = await this.#wire.ask('DELETE', `/variables/name/${encodeURIComponent(name)}`, undefined, [404]);
    return status !== 404;
  }

  async list(page: Page<string>): Promise<readonly Variable[]> {
    const { rows, next } = await this.#wire.pages('/variables/filter', { sort: 'NAME_ASC' }, { offset: this.#cursors.offsetAfter(page.after), limit: page.limit ?? 50 });
    const variables = rows.map(decodeVariable);
    this.#cursors.remember(variables.at(-1)?.name, next);
    return variables;
  }
}

function decodeVariable({ plain }: Entity): Variable {
  return {
    id: plain['id'] as VariableId, name: text(plain['name']) ?? '', value: plain['value'], tags: texts(plain['tags']),
    createdAt: instantIn(plain, 'created') ?? BEGINNING, updatedAt: instantIn(plain, 'updated') ?? BEGINNING,
  };
}
