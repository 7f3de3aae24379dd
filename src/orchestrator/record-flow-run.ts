/**
 * Records a run that its process moved by the same rules while it could not reach the server.
 *
 * 1. What has happened is written, whatever the rules would say of it now; each state once, by its id or by the mark of
 *    its proposal (the request may have arrived, and only its answer not).
 * 2. A run that another process has taken over meanwhile is that process's: the record is refused.
 * 3. A run that is not there was lost with a database (or never told): it is made, unless somebody deleted it, which is
 *    recorded.
 * 4. A run that was only taken for lost, and that nobody has taken over, belongs to its process again.
 */

import { OstinatoError } from '../core/errors.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { FlowId, StateId } from '../core/ids.ts';
import { ofFlow } from '../core/list-query.ts';
import { timestampAfter } from '../core/rules/decide.ts';
import { isTerminal, type State } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import type { FlowRunChange } from '../store/port.ts';
import { flowCreated, flowRunStateEvent } from './events.ts';
import { RELEASE_NEEDS, releasedSlots } from './flow-run-move.ts';
import { markedByHolder } from './let-go.ts';
import { newestEvents } from './newest-events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** @param states that it entered, oldest first; none: it is alive. @throws `lease-lost` */
export async function recordFlowRun(ports: OrchestratorPorts, run: FlowRun, states: readonly State[]): Promise<void> {
  const { storage, clock, ids } = ports;
  const makeFlow = (): Flow => ({
    id: ids.next<FlowId>(),
    name: run.flowName,
    tags: [],
    labels: {},
    createdAt: clock.now(),
  });
  const flow = await storage.ensureFlow(run.flowName, makeFlow, flowCreated(ids));
  if ((await storage.readFlowRun(run.id)) === null) {
    if (await wasDeleted(ports, run)) return;
    const first = states[0] ?? run.state;
    await storage.insertFlowRun({ ...run, flowId: flow.id, idempotencyKey: await freeKey(ports, run), state: first }, [
      flowRunStateEvent(run.id, first),
    ]);
  }
  const known = await storage.listFlowRunStates(run.id);
  const missing = states.filter((state) => !known.some((each) => each.id === state.id || isSameProposal(each, state)));
  const stamp = { id: ids.next<StateId>(), now: clock.now() };
  const refusal = await storage.changeFlowRun(run.id, RELEASE_NEEDS, (there, context) => {
    const change = recorded(there, run, missing, stamp);
    const to = change.run?.state;
    return there && to ? { ...change, ...releasedSlots(ports, { run: there, to, now: stamp.now }, context) } : change;
  });
  if (refusal !== null) throw refusal;
}

/** A database that was restored from a backup knows neither the run nor deletions after the backup. */
async function wasDeleted(ports: OrchestratorPorts, { id, createdAt }: FlowRun): Promise<boolean> {
  const found = await newestEvents(ports, {
    names: ['ostinato.flow-run.deleted'],
    resourceId: `prefect.flow-run.${id}`,
    since: createdAt,
    until: ports.clock.now(),
    limit: 1,
  });
  return found.length > 0;
}

function isSameProposal(a: State, b: State): boolean {
  return a.details.transitionId !== undefined && a.details.transitionId === b.details.transitionId;
}

/** A run with the same key may have been created meanwhile: both have happened, and only one can have the key. */
async function freeKey({ storage }: OrchestratorPorts, { flowName, idempotencyKey }: FlowRun): Promise<string | null> {
  if (idempotencyKey === null) return null;
  const newest = await storage.list('flow_run', { where: ofFlow(flowName), limit: 1000 });
  return newest.some((each) => each.idempotencyKey === idempotencyKey) ? null : idempotencyKey;
}

function recorded(
  there: FlowRun | null,
  run: FlowRun,
  missing: readonly State[],
  stamp: { readonly id: StateId; readonly now: Instant },
): FlowRunChange<OstinatoError | null> {
  // The run was deleted meanwhile: nothing is recorded.
  if (there === null) return { answer: null };
  const isOwn = there.lease?.processId === run.lease?.processId;
  const isSame = isOwn && there.lease?.token === run.lease?.token;
  const wasTakenForLost =
    isOwn && there.lease !== null && there.lease.token === (run.lease?.token ?? 0) + 1 && isTerminal(there.state);
  if (!isSame && !wasTakenForLost) return { answer: lost(there) };
  const states: State[] =
    missing.length > 0 ? [...missing] : wasTakenForLost && !isTerminal(run.state) ? [alive(there, run, stamp)] : [];
  const last = states.pop();
  if (last === undefined) return { answer: null };
  const newest = markedByHolder(there, last, run.lease?.token);
  states.push(newest);
  const events = states.map((state) => flowRunStateEvent(run.id, state));
  // Its final state is recorded already: earlier states are only added to the list.
  if (!wasTakenForLost && isTerminal(there.state) && !isTerminal(newest)) return { states, events, answer: null };
  const { state: _state, ...facts } = run;
  const { policy, runCount, lease, expectedStartTime, startTime, endTime, totalRunTimeUs } = facts;
  const moved: FlowRun = {
    ...there,
    policy,
    runCount,
    lease,
    expectedStartTime,
    startTime,
    endTime,
    totalRunTimeUs,
    state: newest,
  };
  return { run: moved, states, events, answer: null };
}

/** The run's state from before it was taken for lost, written again. */
function alive(there: FlowRun, run: FlowRun, { id, now }: { readonly id: StateId; readonly now: Instant }): State {
  return {
    ...run.state,
    id,
    timestamp: timestampAfter(there.state, now),
    message: 'Its process was out of reach, not gone.',
  };
}

function lost(there: FlowRun): OstinatoError {
  return new OstinatoError(
    'lease-lost',
    `Flow run ${there.name} (${there.id}) is ${there.state.name} in another process now: what this process did meanwhile is not recorded as that run.`,
  );
}
