import type { FlowRunId, ProcessId, StateId, TaskRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { endTaskRun } from '../core/rules/end-task-run.ts';
import { ACTIVE_TYPES } from '../core/rules/policy.ts';
import type { ProposedState } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Task runs that are ended in one write. */
const BATCH = 500;

/**
 * Ends every task run of the flow run that was open at the loss, and returns how many. Task runs that changed later
 * belong to a new attempt, which another process may have opened meanwhile.
 */
export async function endLostTasks(
  ports: OrchestratorPorts,
  id: FlowRunId,
  end: ProposedState,
  lostAt: Instant,
): Promise<number> {
  const { storage, clock, ids } = ports;
  let ended = 0;
  let after: TaskRunId | undefined;
  for (;;) {
    const page = await storage.list('task_run', {
      where: matching({ flowRunId: id, stateType: ACTIVE_TYPES }),
      direction: 'asc',
      limit: BATCH,
      after,
    });
    const lost = page.filter((run) => run.state.timestamp <= lostAt);
    if (lost.length > 0)
      await storage.writeTaskRuns(
        lost.flatMap((run) => endTaskRun(run, end, clock.now(), ids.next<StateId>()) ?? []),
        [],
      );
    ended += lost.length;
    if (page.length < BATCH) return ended;
    after = page.at(-1)?.id;
  }
}

/** Ends the open task runs of the process outside any flow. Returns how many. */
export async function endHeldTasks(
  { storage, clock, ids }: OrchestratorPorts,
  processId: ProcessId,
  end: ProposedState,
): Promise<number> {
  for (let ended = 0; ;) {
    const some = await storage.changeHeldTaskRuns(processId, BATCH, (run) =>
      endTaskRun(run, end, clock.now(), ids.next<StateId>()),
    );
    ended += some;
    if (some < BATCH) return ended;
  }
}
