/**
 * A run of a deployment as a step of the flow that asks for it: it runs elsewhere, and a placeholder task run in the
 * parent mirrors its state.
 *
 * 1. The placeholder is recorded before the run is asked for, with the key that it is asked under: a parent whose
 *    process died in between asks under the same key, and gets the same run.
 * 2. A resumed parent takes a run that completed as it is, and waits on for one that is under way. One that ended
 *    otherwise is asked for anew.
 */

import { RunEnd } from '../client/run-end.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { toFailureInfo } from '../core/codec.ts';
import { failureLine } from '../core/failure-line.ts';
import { isTerminal, type ProposedState } from '../core/state.ts';
import { sleep } from '../core/time.ts';
import type { TaskRun } from '../core/task-run.ts';
import { ALONE } from './alike.ts';
import { StopReason } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import { LiveTask } from './live-task.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import type { Frame } from './run-context.ts';
import { identifyStep, takeRecorded } from './step.ts';

export interface DeployedCall {
  /** `FLOW/NAME` */
  readonly deployment: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly site: CallSite;
  readonly tags: readonly string[];
  /** Seconds; `null`: until it is over. */
  readonly timeoutSeconds: number | null;
  /** Asks for the run; under the same key it is the same run. @param placeholder `null`: it is a run of its own */
  readonly ask: (key: string, placeholder: TaskRun | null) => Promise<FlowRunId>;
}

const POLL_MS_MIN = 50;
const POLL_MS_MAX = 1000;

/** The run as it is when it is over, or when the time is. */
export async function runDeployed(ports: EnginePorts, frame: Frame | null, call: DeployedCall): Promise<FlowRun> {
  const flow = frame?.scope.flow ?? null;
  if (frame !== null && flow !== null) return await runAsStep(flow, frame, call);
  return await whenOver(ports, await call.ask(ports.ids.next(), null), call, frame?.scope.signal);
}

async function runAsStep(parent: FlowScope, frame: Frame, call: DeployedCall): Promise<FlowRun> {
  const { ports } = parent;
  const signal = frame.scope.signal;
  parent.started();
  try {
    const { live, earlier } = await openPlaceholder(parent, frame, call);
    const before = earlier === null ? null : await ports.client.readFlowRun(earlier);
    const isAnew = before !== null && isTerminal(before.state) && before.state.type !== 'COMPLETED';
    const key = earlier === null || isAnew ? ports.ids.next<FlowRunId>() : earlier;
    const mirror = async (state: ProposedState, childFlowRunId: FlowRunId): Promise<void> => {
      live.enter({ ...state, details: { childFlowRunId } } as ProposedState, null, true);
      await ports.recorder.settle(live.record, live.run.durability);
    };
    await mirror({ type: 'RUNNING' }, key);
    let id = key;
    try {
      if (before === null || isAnew) {
        // The server is to know the placeholder that the run names.
        await ports.recorder.flush();
        id = await call.ask(key, live.run);
        if (id !== key) await mirror({ type: 'RUNNING' }, id);
      } else id = before.id;
      const run = await whenOver(ports, id, call, signal);
      if (isTerminal(run.state)) await mirror(mirrored(run), id);
      return run;
    } catch (error) {
      const isCalledOff = StopReason.is(error);
      if (isCalledOff && error.kind === 'cancel') await callOff(ports, id);
      const failure = toFailureInfo(error);
      const ended = { type: isCalledOff ? 'CANCELLED' : 'FAILED', message: failureLine(failure), failure };
      await mirror(ended as ProposedState, id);
      throw error;
    }
  } finally {
    parent.ended(null);
  }
}

async function openPlaceholder(parent: FlowScope, frame: Frame, { deployment, parameters, site, tags }: DeployedCall) {
  const { ports, flowRun } = parent;
  const taskKey = `deployment:${deployment}`;
  const parentTask = frame.scope.taskRun;
  const request = { site, key: undefined, taskKey, alike: ALONE, args: [parameters], hasOpaque: false };
  const step = identifyStep(ports, { ...request, parentStep: parentTask?.step ?? '', flow: parent });
  const opened = await parent.stepRegistry?.open(taskKey, [step]);
  const recorded = opened ? opened.recorded : takeRecorded(parent, step, frame.transaction ?? null);
  const ordinal = opened?.ordinal ?? parent.nextOrdinal(taskKey);
  const live = new LiveTask(
    ports,
    {
      id: recorded?.id ?? ports.ids.next<TaskRunId>(),
      flowRunId: flowRun.id,
      processId: null,
      parentTaskRunId: parentTask?.id ?? null,
      name: `${deployment}-${ordinal}`,
      taskName: deployment,
      taskKey,
      dynamicKey: recorded?.dynamicKey ?? `${flowRun.runCount}-${ordinal}`,
      step,
      callSite: site.label,
      sourceHash: '',
      mapId: null,
      tags,
      inputs: {},
      policy: { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
      durability: flowRun.durability,
      isolation: 'signal',
      cache: null,
      prefectClient: null,
      flowRunRunCount: flowRun.runCount,
      createdAt: recorded?.createdAt ?? ports.clock.now(),
    },
    recorded,
  );
  return { live, earlier: recorded?.state.details.childFlowRunId ?? null };
}

/** The child's final state as the placeholder shows it. */
function mirrored({ state }: FlowRun): ProposedState {
  const { id: _id, timestamp: _timestamp, details: _details, ...rest } = state;
  return rest as ProposedState;
}

/** Whoever runs it may be slow, and the server away for a while. */
async function whenOver(
  { client, clock }: EnginePorts,
  id: FlowRunId,
  { timeoutSeconds, deployment }: DeployedCall,
  signal: AbortSignal | undefined,
): Promise<FlowRun> {
  const deadlineMs = timeoutSeconds === null ? Infinity : clock.monotonicMs() + timeoutSeconds * 1000;
  const end = new RunEnd({ client, clock });
  let known: FlowRun | null = null;
  for (let pollMs = POLL_MS_MIN; ; pollMs = Math.min(pollMs * 2, POLL_MS_MAX)) {
    try {
      known = await client.readFlowRun(id);
      if (known === null)
        throw new OstinatoError('not-found', `The run ${id} of deployment ${deployment} was deleted.`, {
          remedy: 'Ask for another one.',
        });
      if (await end.isOver(known)) return known;
    } catch (error) {
      if (!OstinatoError.is(error) || error.code !== 'server-unavailable') throw error;
    }
    const leftMs = deadlineMs - clock.monotonicMs();
    if (known !== null && leftMs <= 0) return known;
    await sleep(clock, Math.min(pollMs, Math.max(leftMs, POLL_MS_MIN)), signal);
  }
}

/** The parent was cancelled: nobody waits for it any more. */
async function callOff({ client }: EnginePorts, id: FlowRunId): Promise<void> {
  try {
    await client.cancelFlowRun(id);
  } catch (error) {
    // The server looks after the children of a run that was cancelled.
    if (!OstinatoError.is(error)) throw error;
  }
}
