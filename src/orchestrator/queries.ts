/** Lists and figures over the API, and what changes flows there. */

import type { Flow } from '../core/flow-run.ts';
import type { FlowId, StateId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Condition, EntityByNoun, Noun, Query } from '../core/query.ts';
import type { HistoryRequest } from '../store/port/query.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function queryUseCases(ports: OrchestratorPorts) {
  const { storage, clock } = ports;
  return {
    find: <N extends keyof EntityByNoun>(noun: N, query: Query) => storage.find(noun, query),
    count: (noun: Noun, where: Condition) => storage.count(noun, where),
    countBy: (noun: Noun, field: string, where: Condition) => storage.countBy(noun, field, where),
    runHistory: (noun: 'flow_run' | 'task_run', request: Omit<HistoryRequest, 'now'>) =>
      storage.runHistory(noun, { ...request, now: clock.now() }),
    averageLateness: (where: Condition) => storage.averageLateness(where, clock.now()),
    observedStates: () => storage.observedStates(),
    readState: (of: 'flow_run' | 'task_run', id: StateId) => storage.readState(of, id),
    tagFlow: (id: FlowId, tags: readonly string[]) => tagFlow(ports, id, tags),
    deleteFlow: (id: FlowId) => deleteFlow(ports, id),
  };
}

function flowEvent({ ids, clock }: OrchestratorPorts, flow: Flow, what: 'updated' | 'deleted') {
  const { id, name, tags, labels } = flow;
  return changeEvent(ids, 'flow', id, what, clock.now(), { name, tags, labels }, { name });
}

/** Returns whether the flow is there. */
function tagFlow(ports: OrchestratorPorts, id: FlowId, tags: readonly string[]): MaybePromise<boolean> {
  return ports.storage.changeFlow(id, (flow) => {
    if (flow === null) return { answer: false };
    const tagged = { ...flow, tags, updatedAt: ports.clock.now() };
    return { flow: tagged, event: flowEvent(ports, tagged, 'updated'), answer: true };
  });
}

/** With all its runs. Returns whether it existed. */
function deleteFlow(ports: OrchestratorPorts, id: FlowId): MaybePromise<boolean> {
  return ports.storage.changeFlow(id, (flow) =>
    flow === null ? { answer: false } : { flow: null, event: flowEvent(ports, flow, 'deleted'), answer: true },
  );
}
