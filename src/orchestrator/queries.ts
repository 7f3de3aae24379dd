/** Lists and figures over the API, and what changes flows and saved searches there. */

import type { Flow } from '../core/flow-run.ts';
import type { FlowId, StateId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Condition, Noun, Query } from '../core/query.ts';
import type { Instant } from '../core/time.ts';
import type { EntityByNoun, HistoryRequest } from '../store/port/query.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function queryUseCases(ports: OrchestratorPorts) {
  const { storage, ids, clock } = ports;
  return {
    find: <N extends keyof EntityByNoun>(noun: N, query: Query) => storage.find(noun, query),
    count: (noun: Noun, where: Condition) => storage.count(noun, where),
    countBy: (noun: Noun, field: string, where: Condition) => storage.countBy(noun, field, where),
    runHistory: (noun: 'flow_run' | 'task_run', request: Omit<HistoryRequest, 'now'>) => storage.runHistory(noun, { ...request, now: clock.now() }),
    averageLateness: (where: Condition) => storage.averageLateness(where, clock.now()),
    readState: (of: 'flow_run' | 'task_run', id: StateId) => storage.readState(of, id),
    tagFlow: (id: FlowId, tags: readonly string[]) => tagFlow(ports, id, tags),
    deleteFlow: (id: FlowId) => deleteFlow(ports, id),
    /** Whether it is new: else it took the place of the one with its name. */
    async saveSearch(name: string, filters: string) {
      const now: Instant = clock.now();
      const id = ids.next();
      const search = await storage.writeSavedSearch({ id, name, filters, createdAt: now, updatedAt: now });
      return { search, isNew: search.id === id };
    },
    deleteSavedSearch: (id: string) => storage.deleteSavedSearch(id),
  };
}

function flowEvent({ ids, clock }: OrchestratorPorts, flow: Flow, what: 'updated' | 'deleted') {
  const { id, name, tags, labels } = flow;
  return changeEvent(ids, 'flow', id, what, clock.now(), { id, name, tags, labels }, { name });
}

/** Answers whether the flow is there. */
function tagFlow(ports: OrchestratorPorts, id: FlowId, tags: readonly string[]): MaybePromise<boolean> {
  return ports.storage.changeFlow(id, (flow) => {
    if (flow === null) return { answer: false };
    const tagged = { ...flow, tags, updatedAt: ports.clock.now() };
    return { flow: tagged, event: flowEvent(ports, tagged, 'updated'), answer: true };
  });
}

/** With all its runs. Answers whether it was there. */
function deleteFlow(ports: OrchestratorPorts, id: FlowId): MaybePromise<boolean> {
  return ports.storage.changeFlow(id, (flow) =>
    flow === null ? { answer: false } : { flow: null, event: flowEvent(ports, flow, 'deleted'), answer: true });
}
