/** Our own server behind the client port: every field arrives as it was sent, and the server's rules decide. */

import { OWN_PREFIX, OWN_ROUTES as routes, type OwnRoute } from '../../../contract/own/routes.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { FlowRun } from '../../../core/flow-run.ts';
import type { IdSource } from '../../../core/ids.ts';
import type { State } from '../../../core/state.ts';
import type { Variable } from '../../../core/variable.ts';
import type { OutboxEntry, Remote } from '../remote.ts';
import { Unavailable, type Transport } from '../transport.ts';

export interface OwnParts {
  readonly transport: Transport;
  readonly ids: IdSource;
  /** How long one request of the port is tried again. */
  readonly patienceMs: number;
}

type SetVariable = Parameters<Remote['setVariable']>[0];
type Params = Readonly<Record<string, string>>;

class OwnServer {
  readonly #parts: OwnParts;
  /** The variable that an unanswered request may have made. */
  #doubtful: string | null = null;

  constructor(parts: OwnParts) {
    this.#parts = parts;
  }

  async ask<Body, Answer>(route: OwnRoute<Body, Answer>, params: Params = {}, body?: Body, once = false): Promise<Answer> {
    const { transport, patienceMs } = this.#parts;
    const path = OWN_PREFIX + route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const given = route.body === null || body === undefined ? undefined : JSON.stringify(route.body.write(body));
    const answer = await transport.json({ method: route.method, path, body: given, patienceMs, once });
    return route.answer === null ? (undefined as Answer) : route.answer.read(answer, `The answer of ${route.method} ${path}`);
  }

  /** A variable that must not be there yet: after a lost answer, one with this value is taken for the one that was set. */
  async setVariable({ name, ...body }: SetVariable): Promise<Variable> {
    try {
      return await this.ask(routes.setVariable, { name }, body, !body.overwrite);
    } catch (error) {
      if (error instanceof Unavailable && error.isAmbiguous) this.#doubtful = name;
      const isOwn = OstinatoError.is(error) && error.code === 'conflict' && this.#doubtful === name;
      if (isOwn) this.#doubtful = null;
      const there = isOwn ? await this.ask(routes.readVariable, { name }) : null;
      if (there === null || exactText(there) !== exactText(body)) throw error;
      return there;
    }
  }

  async record(run: FlowRun, states: readonly State[]): Promise<void> {
    await this.ask(routes.recordFlowRun, {}, { run, states });
  }

  async replay(entry: OutboxEntry): Promise<void> {
    switch (entry.kind) {
      case 'created':
        return await this.record(entry.run, [entry.run.state]);
      case 'moved':
        return await this.record(entry.run, [...(entry.before ?? []), ...entry.states]);
      case 'updated':
        return await this.ask(routes.updateFlowRun, { id: entry.id }, entry.change);
      case 'artifact': {
        const { createdAt: _created, updatedAt: _updated, ...artifact } = entry.artifact;
        return void (await this.ask(routes.createArtifact, {}, artifact));
      }
      case 'artifact-changed':
        return void (await this.ask(routes.updateArtifact, { id: entry.id }, artifactChange(entry.change)));
      case 'variable':
        return void (await this.setVariable(entry.request));
      case 'variable-unset':
        return void (await this.ask(routes.unsetVariable, { name: entry.name }));
      case 'cache-settled':
        return await this.ask(routes.settleCacheClaim, {}, entry.settlement);
    }
  }
}

function artifactChange({ data, description }: { readonly data?: unknown; readonly description?: string | null }) {
  return { ...(data === undefined ? {} : { data: JSON.stringify(data) }), ...(description === undefined ? {} : { description }) };
}

export function createOwnRemote(parts: OwnParts): Remote {
  const server = new OwnServer(parts);
  return {
    kind: 'ostinato',
    description: `over HTTP, the server at ${parts.transport.apiUrl}`,
    createFlowRun: (request) => server.ask(routes.createFlowRun, {}, request),
    setFlowRunState: ({ id, ...request }) => server.ask(routes.setFlowRunState, { id }, request),
    // The mark tells a request that is sent twice from a second one.
    resumeFlowRun: ({ id, transitionId = parts.ids.next(), processId }) => server.ask(routes.resumeFlowRun, { id }, { processId, transitionId }),
    updateFlowRun: (id, change) => server.ask(routes.updateFlowRun, { id }, change),
    cancelFlowRun: (id) => server.ask(routes.cancelFlowRun, { id }),
    readFlowRun: (id) => server.ask(routes.readFlowRun, { id }),
    deleteFlowRun: (id) => server.ask(routes.deleteFlowRun, { id }),
    listFlowRuns: (filter, page = {}) => server.ask(routes.listFlowRuns, {}, { filter, page }),
    countFlowRuns: (filter) => server.ask(routes.countFlowRuns, {}, { filter }),
    listFlows: (page = {}) => server.ask(routes.listFlows, {}, { page }),
    listFlowRunStates: (id) => server.ask(routes.listFlowRunStates, { id }),
    recordTaskRuns: (records, logs) => server.ask(routes.recordTaskRuns, {}, { records, logs }),
    readTaskRun: (id) => server.ask(routes.readTaskRun, { id }),
    listTaskRuns: (filter, page = {}) => server.ask(routes.listTaskRuns, {}, { filter, page }),
    countTaskRuns: (filter) => server.ask(routes.countTaskRuns, {}, { filter }),
    listTaskRunStates: (id) => server.ask(routes.listTaskRunStates, { id }),
    listRecordedSteps: (id, page) => server.ask(routes.listRecordedSteps, { id }, { page }),
    readLogs: (filter, page = {}) => server.ask(routes.readLogs, {}, { filter, page }),
    readEvents: () => Promise.reject(new OstinatoError('unsupported', 'Events are not read over HTTP in the order of their commits.', { remedy: 'Ask POST /api/events/filter.' })),
    explainRun: (id) => server.ask(routes.explainRun, { id }),
    claimCacheKey: (request) => server.ask(routes.claimCacheKey, {}, request),
    settleCacheClaim: (settlement) => server.ask(routes.settleCacheClaim, {}, settlement),
    takeTagSlots: (request) => server.ask(routes.takeTagSlots, {}, request),
    renewTagSlots: (leaseIds) => server.ask(routes.renewTagSlots, {}, { leaseIds }),
    releaseLease: (id) => server.ask(routes.releaseLease, { id }),
    setTagLimit: (tag, slots) => server.ask(routes.setTagLimit, {}, { tag, slots }),
    listTagLimits: (page) => server.ask(routes.listTagLimits, {}, page),
    deleteTagLimit: (key) => server.ask(routes.deleteTagLimit, {}, key),
    registerProcess: (process) => server.ask(routes.registerProcess, {}, process),
    beat: (id) => server.ask(routes.beat, { id }),
    endProcess: (id) => server.ask(routes.endProcess, { id }),
    reapLostRuns: () => server.ask(routes.reapLostRuns),
    createArtifact: (artifact) => server.ask(routes.createArtifact, {}, artifact),
    updateArtifact: (id, change) => server.ask(routes.updateArtifact, { id }, artifactChange(change)),
    readArtifact: (id) => server.ask(routes.readArtifact, { id }),
    listArtifacts: (filter, page = {}) => server.ask(routes.listArtifacts, {}, { filter, page }),
    readVariable: (name) => server.ask(routes.readVariable, { name }),
    setVariable: (request) => server.setVariable(request),
    unsetVariable: (name) => server.ask(routes.unsetVariable, { name }),
    listVariables: (page = {}) => server.ask(routes.listVariables, {}, { page }),
    replay: (entry) => server.replay(entry),
    reclaim: async (runs) => {
      for (const { run, states } of runs) await server.record(run, states);
    },
  };
}

function exactText({ value, exactValue }: Pick<Variable, 'value' | 'exactValue'>): string {
  return exactValue ?? JSON.stringify(value);
}
