/** Runs whose process was lost go on, or are begun anew, where their deployment says so. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentId } from '../../core/ids.ts';
import { allOf } from '../../core/query.ts';
import { addSeconds } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { setFlowRunState } from '../set-flow-run-state.ts';
import { runDeployment } from './runs.ts';
import { UNSAID_POLICY } from './scheduled-run.ts';

/** A run that takes its process down each time must not do so for ever. */
export const CRASH_ATTEMPTS_MAX = 5;
/** On a run that was begun for one that crashed: which attempt of the work it is. */
export const CRASH_ATTEMPT_LABEL = 'ostinato.crash-attempt';
/** The worker tells how the process ended; that is said before the run moves on. */
const SETTLED_SECONDS = 3;
/** What crashed before that is left: nobody was there to look. */
const LOOK_BACK_SECONDS = 3600;
const RUNS_MAX = 200;

/**
 * Repeated, it does nothing twice: a run that goes on is Crashed no more, and one that is begun for another has a key.
 * Returns how many go on or were begun.
 *
 * @param seen ids of states that were looked at before, and are of no interest any more
 */
export async function continueCrashed(ports: OrchestratorPorts, seen: Set<string>): Promise<number> {
  const { storage, clock } = ports;
  const now = clock.now();
  const crashed = await storage.find('flow_run', {
    where: allOf([
      { op: 'eq', field: 'stateType', value: 'CRASHED' },
      { op: 'isNull', field: 'deploymentId', isNull: false },
      { op: 'ge', field: 'endTime', value: addSeconds(now, -LOOK_BACK_SECONDS) },
      { op: 'le', field: 'endTime', value: addSeconds(now, -SETTLED_SECONDS) },
    ]),
    sort: [{ field: 'endTime', direction: 'desc' }],
    limit: RUNS_MAX,
    offset: 0,
  });
  const current = new Set(crashed.map(({ state }) => state.id as string));
  for (const id of seen) if (!current.has(id)) seen.delete(id);
  let moved = 0;
  for (const run of crashed) {
    if (seen.has(run.state.id)) continue;
    if (await seeTo(ports, run)) moved += 1;
    seen.add(run.state.id);
  }
  return moved;
}

async function seeTo(ports: OrchestratorPorts, run: FlowRun): Promise<boolean> {
  const id = run.submission?.deploymentId as DeploymentId;
  const found = await ports.storage.readDeployment({ id });
  const word = found?.deployment.onCrash ?? 'leave';
  if (word === 'leave' || run.parentTaskRunId !== null) return false;
  return word === 'resume' ? await goOn(ports, run) : await beginAnew(ports, run, id);
}

async function goOn(ports: OrchestratorPorts, run: FlowRun): Promise<boolean> {
  // Not by its attempts: a process that cannot be started, or dies before its body begins, is none.
  const states = await ports.storage.listFlowRunStates(run.id);
  const crashes = states.filter(({ type }) => type === 'CRASHED').length;
  if (crashes >= CRASH_ATTEMPTS_MAX) return false;
  const message = `Its process was lost, and its deployment lets it go on: attempt ${crashes + 1} of ${CRASH_ATTEMPTS_MAX}.`;
  const answer = await setFlowRunState(ports, {
    id: run.id,
    state: { type: 'SCHEDULED', name: 'AwaitingRetry', scheduledTime: ports.clock.now(), message },
    onlyFrom: run.state.id,
  });
  return answer.status === 'accept';
}

async function beginAnew(ports: OrchestratorPorts, run: FlowRun, id: DeploymentId): Promise<boolean> {
  const before = run.labels[CRASH_ATTEMPT_LABEL];
  const attempt = (typeof before === 'number' ? before : 1) + 1;
  if (attempt > CRASH_ATTEMPTS_MAX || run.parameters.kind !== 'foreign') return false;
  const { created } = await runDeployment(ports, id, {
    parameters: run.parameters.text,
    tags: run.tags,
    labels: { [CRASH_ATTEMPT_LABEL]: attempt },
    policy: UNSAID_POLICY,
    state: {
      type: 'SCHEDULED',
      scheduledTime: ports.clock.now(),
      message: `For flow run ${run.name}, whose process was lost: attempt ${attempt} of ${CRASH_ATTEMPTS_MAX}.`,
    },
    idempotencyKey: `after the crash of ${run.id}`,
    parentTaskRunId: null,
    infrastructureDocumentId: run.submission?.infrastructureDocumentId ?? null,
    context: run.submission?.context ?? '{}',
    jobVariables: run.submission?.jobVariables ?? null,
    creator: run.submission?.createdBy ?? null,
  });
  return created;
}
