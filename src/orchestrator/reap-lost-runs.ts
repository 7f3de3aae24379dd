/**
 * Finds the runs whose process is gone and ends them, with the evidence. What a worker had only taken is due again.
 *
 * Invariants:
 * 1. What the dead process had promised is brought into the store before its runs are looked at.
 * 2. A run is ended only under the lease that was found dead: one that was taken over meanwhile is left alone.
 * 3. The row of a process stays until its runs are ended: while every registered process is alive, no run is lost, and
 *    looking costs one small read.
 * 4. A task outside any flow has no lease of its own: it is lost with the process that its row names.
 * 5. It can be repeated and done by several processes at once; each run is ended once.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, ProcessId, StateId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { allOf } from '../core/query.ts';
import { ACTIVE_TYPES } from '../core/rules/policy.ts';
import { isTerminal } from '../core/state.ts';
import { secondsBetween } from '../core/time.ts';
import type { HolderEvidence } from '../core/why.ts';
import type { ContextFor, FlowRunChange } from '../store/port.ts';
import { holdsActiveRuns, someProcessIsGone } from './end-process.ts';
import { endLostRun, lostState } from './end-lost-run.ts';
import { endHeldTasks, endLostTasks } from './end-lost-tasks.ts';
import { flowRunStateEvent } from './events.ts';
import { RELEASE_NEEDS, releasedSlots } from './flow-run-move.ts';
import { judgeHolder } from './holder.ts';
import type { OrchestratorPorts } from './ports.ts';
import { describeRunningSteps } from './running-steps.ts';

const PAGE = 500;
/** Not those that wait for their time, of which there may be any number: nobody holds them. */
const UNDER_WAY = allOf([matching({ stateType: ACTIVE_TYPES }), { op: 'isNull', field: 'processId', isNull: false }]);

export interface ReapLostRuns {
  /**
   * Leave the flow runs of a process that was heard of in these last seconds; 0 by default. A process may have ended
   * out of reach: then the end of its run lies in its home, to be told later.
   */
  readonly quietSeconds?: number;
  /**
   * Look also where every process that is known lives: a run may have been given to one that ended meanwhile, and whose
   * row had gone before. Default `false`.
   */
  readonly isThorough?: boolean;
}

/** So long a run is left whose process is not known: its row may come later. */
const UNKNOWN_SECONDS = 60;

/** Returns the flow runs that it ended. */
export async function reapLostRuns(
  ports: OrchestratorPorts,
  { quietSeconds = 0, isThorough = false }: ReapLostRuns = {},
): Promise<readonly FlowRun[]> {
  const { storage } = ports;
  const isGone = await someProcessIsGone(ports);
  if (!isGone && !isThorough) return [];
  const ended: FlowRun[] = [];
  const recovered = new Set<ProcessId>();
  let after: FlowRunId | undefined;
  for (;;) {
    // The rows before the processes: a process that starts in between is then known when its run is judged.
    const page = await storage.list('flow_run', { where: UNDER_WAY, limit: PAGE, after });
    const processes = await storage.listProcesses();
    for (const run of page) {
      if (run.lease === null) continue;
      const holder = judgeHolder(ports, run.lease.processId, processes);
      if (holder.alive || wasHeardWithin(ports, holder, quietSeconds)) continue;
      if (!isGone && secondsBetween(run.state.timestamp, ports.clock.now()) < UNKNOWN_SECONDS) continue;
      if (!recovered.has(run.lease.processId)) await ports.recoverProcess?.(run.lease.processId);
      recovered.add(run.lease.processId);
      const lost = await endOne(ports, run, holder);
      if (lost !== null && isTerminal(lost.state)) ended.push(lost);
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  await deleteDeadProcesses(ports, recovered);
  return ended;
}

function wasHeardWithin({ clock }: OrchestratorPorts, { record }: HolderEvidence, seconds: number): boolean {
  return record !== null && secondsBetween(record.heartbeatAt, clock.now()) < seconds;
}

interface LostRun {
  readonly ended: FlowRun;
  readonly before: FlowRun;
}

async function endOne(ports: OrchestratorPorts, found: FlowRun, holder: HolderEvidence): Promise<FlowRun | null> {
  const ran = await describeRunningSteps(ports, found);
  const evidence = ran === '' ? holder.evidence : `${holder.evidence} ${ran}`;
  const now = ports.clock.now();
  const stateId = ports.ids.next<StateId>();
  const change = (run: FlowRun | null, context: ContextFor<typeof RELEASE_NEEDS>): FlowRunChange<LostRun | null> => {
    const taken = run?.lease?.processId !== found.lease?.processId || run?.lease?.token !== found.lease?.token;
    if (run === null || taken || run.endTime !== null) return { answer: null };
    const ended = endLostRun(run, evidence, now, stateId);
    if (ended === null) return { answer: null };
    return {
      run: ended,
      states: [ended.state],
      events: [flowRunStateEvent(run.id, ended.state)],
      ...releasedSlots(ports, { run, to: ended.state, now }, context),
      answer: { ended, before: run },
    };
  };
  const answer = await ports.storage.changeFlowRun(found.id, RELEASE_NEEDS, change);
  if (answer === null || !isTerminal(answer.ended.state)) return answer?.ended ?? null;
  await endLostTasks(
    ports,
    found.id,
    lostState(answer.before.state.type, holder.evidence),
    answer.ended.state.timestamp,
  );
  return answer.ended;
}

/** Ends the tasks that they ran outside any flow. Their rows are of no more use once all their runs are ended. */
async function deleteDeadProcesses(ports: OrchestratorPorts, recovered: Set<ProcessId>): Promise<void> {
  const processes = await ports.storage.listProcesses();
  for (const process of processes) {
    const holder = judgeHolder(ports, process.id, processes);
    if (holder.alive) continue;
    if (await ports.storage.holdsTaskRuns(process.id)) {
      if (!recovered.has(process.id)) await ports.recoverProcess?.(process.id);
      recovered.add(process.id);
      await endHeldTasks(ports, process.id, lostState('RUNNING', holder.evidence));
    }
    // A process may die between our look at the runs and now: its runs are ended at the next call, which needs its row.
    if (await holdsActiveRuns(ports, process.id)) continue;
    if (!recovered.has(process.id)) await ports.recoverProcess?.(process.id);
    await ports.storage.deleteProcess(process.id);
  }
}
