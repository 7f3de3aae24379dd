/** Our own server behind the client port: every field arrives as it was sent, and the server's rules decide. */

import { codecOf } from '../../../contract/codec.ts';
import { OWN_PREFIX, OWN_ROUTES as routes, type OwnRoute } from '../../../contract/own/routes.ts';
import type { FlowRun } from '../../../core/flow-run.ts';
import type { IdSource } from '../../../core/ids.ts';
import type { KeyPage, ListedNoun } from '../../../core/list-query.ts';
import type { EntityByNoun } from '../../../core/query.ts';
import type { State } from '../../../core/state.ts';
import type { ControlClient } from '../../control/client.ts';
import { controlOverHttp } from '../control-wire.ts';
import type { OutboxEntry, Remote } from '../remote.ts';
import { tellControl } from '../tolerant-control.ts';
import type { Transport } from '../transport.ts';

export interface OwnParts {
  readonly transport: Transport;
  readonly ids: IdSource;
  /** How long one request of the port is tried again. */
  readonly patienceMs: number;
}

type ListRoutes = { readonly [N in ListedNoun]: OwnRoute<KeyPage<N>, readonly EntityByNoun[N][]> };
const LISTS: ListRoutes = {
  flow_summary: routes.listFlows,
  flow_run: routes.listFlowRuns,
  task_run: routes.listTaskRuns,
  log: routes.listLogs,
};
const COUNTS = { flow_run: routes.countFlowRuns, task_run: routes.countTaskRuns } as const;

function listRoute<N extends ListedNoun>(noun: N): ListRoutes[N] {
  return LISTS[noun];
}

type Params = Readonly<Record<string, string>>;

class OwnServer {
  readonly #parts: OwnParts;
  readonly control: ControlClient;

  constructor(parts: OwnParts) {
    this.#parts = parts;
    this.control = controlOverHttp('ostinato', parts);
  }

  async ask<Body, Answer>(
    route: OwnRoute<Body, Answer>,
    params: Params = {},
    body?: Body,
    once = false,
  ): Promise<Answer> {
    const { transport, patienceMs } = this.#parts;
    const path =
      OWN_PREFIX +
      route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((params[name] ?? '').toWellFormed()));
    const given =
      route.body === null || body === undefined ? undefined : JSON.stringify(codecOf(route.body).write(body));
    const answer = await transport.json({ method: route.method, path, body: given, patienceMs, once });
    return route.answer === null
      ? (undefined as Answer)
      : codecOf(route.answer).read(answer, `The answer of ${route.method} ${path}`);
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
      case 'control':
        return await tellControl(this.control, entry);
      case 'cache-settled':
        return await this.ask(routes.settleCacheClaim, {}, entry.settlement);
    }
  }
}

export function createOwnRemote(parts: OwnParts): Remote {
  const server = new OwnServer(parts);
  return {
    kind: 'ostinato',
    description: `over HTTP, the server at ${parts.transport.apiUrl}`,
    createFlowRun: (request) => server.ask(routes.createFlowRun, {}, request),
    setFlowRunState: ({ id, ...request }) => server.ask(routes.setFlowRunState, { id }, request),
    // The mark tells a request that is sent twice from a second one.
    resumeFlowRun: ({ id, transitionId = parts.ids.next(), ...request }) =>
      server.ask(routes.resumeFlowRun, { id }, { ...request, transitionId }),
    updateFlowRun: (id, change) => server.ask(routes.updateFlowRun, { id }, change),
    cancelFlowRun: (id) => server.ask(routes.cancelFlowRun, { id }),
    readFlowRun: (id) => server.ask(routes.readFlowRun, { id }),
    deleteFlowRun: (id) => server.ask(routes.deleteFlowRun, { id }),
    listFlowRunStates: (id) => server.ask(routes.listFlowRunStates, { id }),
    recordTaskRuns: (records, logs) => server.ask(routes.recordTaskRuns, {}, { records, logs }),
    readTaskRun: (id) => server.ask(routes.readTaskRun, { id }),
    listTaskRunStates: (id) => server.ask(routes.listTaskRunStates, { id }),
    listRecordedSteps: (id, page) => server.ask(routes.listRecordedSteps, { id }, { page }),
    list: (noun, page = {}) => server.ask(listRoute(noun), {}, page),
    countByState: (noun, where) => server.ask(COUNTS[noun], {}, { where }),
    explainRun: (id) => server.ask(routes.explainRun, { id }),
    claimCacheKey: (request) => server.ask(routes.claimCacheKey, {}, request),
    settleCacheClaim: (settlement) => server.ask(routes.settleCacheClaim, {}, settlement),
    takeTagSlots: (request) => server.ask(routes.takeTagSlots, {}, request),
    renewTagSlots: (leaseIds) => server.ask(routes.renewTagSlots, {}, { leaseIds }),
    releaseLease: (id) => server.ask(routes.releaseLease, { id }),
    registerProcess: (process) => server.ask(routes.registerProcess, {}, process),
    beat: (id) => server.ask(routes.beat, { id }),
    endProcess: (id) => server.ask(routes.endProcess, { id }),
    reapLostRuns: () => server.ask(routes.reapLostRuns),
    control: server.control,
    replay: (entry) => server.replay(entry),
    reclaim: async (runs) => {
      for (const { run, states } of runs) await server.record(run, states);
    },
  };
}
