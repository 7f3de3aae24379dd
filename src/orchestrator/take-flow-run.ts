/** A process takes a run over, whoever had it: its row, the lease, and what the flow says of itself, by one request. */

import type { FlowRun } from '../core/flow-run.ts';
import type { ResumeFlowRun } from '../core/flow-run-request.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Transition } from '../core/transition.ts';
import { claimFlowRun } from './claim-flow-run.ts';
import type { OrchestratorPorts } from './ports.ts';
import { resumeFlowRun } from './resume-flow-run.ts';

/** As `resumeFlowRun`; of a run in its queue, as `claimFlowRun`. Says whether steps of the run are recorded. */
export function takeFlowRun(ports: OrchestratorPorts, request: ResumeFlowRun): MaybePromise<Transition<FlowRun>> {
  const { storage } = ports;
  const { id, processId, isQueued, words } = request;
  const process = request.process && { ...request.process, id: processId };
  const taken = isQueued
    ? claimFlowRun(ports, { id, processId, words, process })
    : resumeFlowRun(ports, { ...request, process });
  return chain(taken, (answer) => {
    if (answer.status !== 'accept') return answer;
    return chain(storage.listRecordedSteps(id, { limit: 1 }), (steps) => ({ ...answer, hasSteps: steps.length > 0 }));
  });
}
