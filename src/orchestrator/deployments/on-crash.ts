/** Runs whose process was lost go on, or are begun anew, where their deployment says so. */

import {
  afterCrash,
  CRASH_ATTEMPT_LABEL,
  CRASH_LOOK_BACK_SECONDS,
  CRASH_SETTLED_SECONDS,
  crashRetryKey,
  type GoesOn,
} from '../../core/after-crash.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { allOf } from '../../core/query.ts';
import type { State } from '../../core/state.ts';
import { addSeconds } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { setFlowRunState } from '../set-flow-run-state.ts';
import { runDeployment } from './runs.ts';
import { UNSAID_POLICY } from './scheduled-run.ts';

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
      { op: 'ge', field: 'endTime', value: addSeconds(now, -CRASH_LOOK_BACK_SECONDS) },
      { op: 'le', field: 'endTime', value: addSeconds(now, -CRASH_SETTLED_SECONDS) },
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
  const goesOn = await whatGoesOn(ports, run);
  if (goesOn === null) return false;
  return goesOn.how === 'resume' ? await goOn(ports, run, goesOn) : await beginAnew(ports, run, goesOn);
}

/**
 * What its server does by itself with a run that crashed; `null`: nothing, or the run did not.
 * @param known its states, where the caller has read them
 */
export async function whatGoesOn(
  { storage, clock }: OrchestratorPorts,
  run: FlowRun,
  known?: readonly State[],
): Promise<GoesOn | null> {
  const id = run.submission?.deploymentId ?? null;
  if (run.state.type !== 'CRASHED' || id === null) return null;
  const found = await storage.readDeployment({ id });
  const word = found?.deployment.onCrash ?? 'leave';
  if (word === 'leave') return null;
  const states = known ?? (await storage.listFlowRunStates(run.id));
  const crashes = states.filter(({ type }) => type === 'CRASHED').length;
  return afterCrash(run, word, crashes, clock.now());
}

async function goOn(ports: OrchestratorPorts, run: FlowRun, { attempt, attemptsMax }: GoesOn): Promise<boolean> {
  const message = `Its process was lost, and its deployment lets it go on: attempt ${attempt} of ${attemptsMax}.`;
  const answer = await setFlowRunState(ports, {
    id: run.id,
    state: { type: 'SCHEDULED', name: 'AwaitingRetry', scheduledTime: ports.clock.now(), message },
    onlyFrom: run.state.id,
  });
  return answer.status === 'accept';
}

async function beginAnew(ports: OrchestratorPorts, run: FlowRun, { attempt, attemptsMax }: GoesOn): Promise<boolean> {
  const id = run.submission?.deploymentId ?? null;
  if (id === null || run.parameters.kind !== 'foreign') return false;
  const { created } = await runDeployment(ports, id, {
    parameters: run.parameters.text,
    tags: run.tags,
    labels: { [CRASH_ATTEMPT_LABEL]: attempt },
    policy: UNSAID_POLICY,
    state: {
      type: 'SCHEDULED',
      scheduledTime: ports.clock.now(),
      message: `For flow run ${run.name}, whose process was lost: attempt ${attempt} of ${attemptsMax}.`,
    },
    idempotencyKey: crashRetryKey(run),
    parentTaskRunId: null,
    infrastructureDocumentId: run.submission?.infrastructureDocumentId ?? null,
    context: run.submission?.context ?? '{}',
    jobVariables: run.submission?.jobVariables ?? null,
    creator: run.submission?.createdBy ?? null,
  });
  return created;
}
