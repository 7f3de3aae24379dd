import { hasWaitingProcess } from '../core/cancel-outlook.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Transition } from '../core/transition.ts';
import { flowRunMissing } from './flow-run-move.ts';
import { inspectHolder } from './holder.ts';
import type { OrchestratorPorts } from './ports.ts';
import { reapLostRuns } from './reap-lost-runs.ts';
import { setFlowRunState } from './set-flow-run-state.ts';

const NOBODY_RUNS_IT = 'Nothing runs it, so it was cancelled at once.';

/**
 * Asks the process that holds the run to stop it: CANCELLING, which the process reads with its next heartbeat. When no
 * process holds it (any more), it is CANCELLED at once. Aborts for a run that has ended. `not-found`.
 * @param message why, for whoever looks at it
 */
export function cancelFlowRun(
  ports: OrchestratorPorts,
  id: FlowRunId,
  message?: string,
): MaybePromise<Transition<FlowRun>> {
  return chain(ports.storage.readFlowRun(id), (run) => {
    if (run === null) throw flowRunMissing(id);
    const waits = run.state.type === 'PENDING' || run.state.type === 'PAUSED' || run.state.type === 'SCHEDULED';
    if (run.lease === null && waits && !hasWaitingProcess(run))
      return setFlowRunState(ports, { id, state: { type: 'CANCELLED', message: said(message, NOBODY_RUNS_IT) } });
    return chain(setFlowRunState(ports, { id, state: { type: 'CANCELLING', message: message ?? null } }), (asked) => {
      if (asked.run.state.type !== 'CANCELLING') return asked;
      return chain(inspectHolder(ports, asked.run), (holder) =>
        holder === null || holder.alive ? asked : endNow(ports, id, asked),
      );
    });
  });
}

function said(why: string | undefined, what: string): string {
  return why === undefined ? what : `${why} ${what}`;
}

/** The run's process is gone and cannot confirm: the run ends like every lost run that was being cancelled. */
async function endNow(
  ports: OrchestratorPorts,
  id: FlowRunId,
  asked: Transition<FlowRun>,
): Promise<Transition<FlowRun>> {
  await reapLostRuns(ports);
  const run = await ports.storage.readFlowRun(id);
  if (run === null || run.state.type === 'CANCELLING') return asked;
  return { status: 'reject', state: run.state, written: true, reason: NOBODY_RUNS_IT, run };
}
