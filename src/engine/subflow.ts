/**
 * A flow called inside a flow: a run of its own, and a placeholder task run in the parent that mirrors its state.
 *
 * The placeholder is the parent's step: a resumed parent finds a finished subflow by it and does not run it again, and
 * continues an unfinished one from where that stood. It is promised before the child run is made.
 */

import { canonicalText, toFailureInfo } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { ProposedState, State } from '../core/state.ts';
import { failureLine } from '../core/failure-line.ts';
import { thrownText } from '../core/show-value.ts';
import { isAlike, isUnsure } from '../core/step-identity.ts';
import type { RecordedStep } from '../core/task-run.ts';
import { findFutures, UpstreamFailed, type FoundFutures } from './arguments.ts';
import { StreamFlowFuture, type FlowCall } from './flow-call.ts';
import { Cancellation, StopReason } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import { LiveTask } from './live-task.ts';
import { persistValues } from './kept-values.ts';
import { branching, recalling } from './loaded-later.ts';
import { loadValue } from './results.ts';
import type { Frame } from './run-context.ts';
import { runNewOrResumed, settleFlow } from './start-flow.ts';
import { identifyStep, isFailedForGood, isReusable, takeRecorded, wasTakenBack } from './step.ts';
import { promiseAround } from './task-scope.ts';
import { shareIn, type TaskShare } from './task-share.ts';
import type { TaskRunId } from '../core/ids.ts';
import type { Participation } from '../core/participation.ts';

export async function runSubflow(call: FlowCall, parent: FlowScope): Promise<void> {
  const { future } = call;
  parent.started();
  try {
    if (!call.isPlain && call.definition.options.optional)
      await branching(({ runOptionalFlow }) => runOptionalFlow(call, parent));
    else await runPlaced(call, parent);
  } catch (error) {
    future.settle({ ok: false, error }, future.state as never);
  } finally {
    parent.ended(future);
  }
}

async function runPlaced(call: FlowCall, parent: FlowScope): Promise<void> {
  const { definition, frame } = call;
  const { ports } = parent;
  const found = findFutures([call.parameters], () => 'parameters');
  if (found) await found.whenDone();
  const given = found ? resolved(found) : [call.parameters];
  const taskKey = `flow:${definition.name}`;
  const parentTask = frame?.scope.taskRun ?? null;
  const step = identifyStep(ports, {
    site: call.site,
    key: undefined,
    taskKey,
    alike: definition.alike,
    args: given,
    hasOpaque: found?.hasOpaque ?? false,
    parentStep: parentTask?.step ?? '',
    flow: parent,
  });
  const opened = await parent.stepRegistry?.open(taskKey, [step]);
  const recorded = opened
    ? opened.recorded
    : takeRecorded(parent, step, frame?.transaction ?? null, definition.version);
  const isTakenBack = recorded !== undefined && wasTakenBack(parent, recorded);
  if (recorded && isReusable(recorded, definition.version) && (await reuse(call, parent, recorded.state, recorded)))
    return;
  if (recorded && isFailedForGood(recorded, definition.version)) return await recallFailed(call, parent, recorded);
  const ordinal = opened?.ordinal ?? parent.nextOrdinal(taskKey);
  promiseAround(frame);
  const live = new LiveTask(
    ports,
    {
      id: recorded?.id ?? ports.ids.next<TaskRunId>(),
      flowRunId: parent.flowRun.id,
      processId: null,
      parentTaskRunId: parentTask?.id ?? null,
      name: `${definition.name}-${ordinal}`,
      taskName: definition.name,
      taskKey,
      dynamicKey: recorded?.dynamicKey ?? `${parent.flowRun.runCount}-${ordinal}`,
      step,
      callSite: call.site.label,
      sourceHash: definition.version,
      mapId: null,
      tags: call.tags,
      inputs: found ? found.edges() : {},
      policy: { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null },
      durability: parent.flowRun.durability,
      isolation: 'signal',
      cache: null,
      prefectClient: null,
      flowRunRunCount: parent.flowRun.runCount,
      createdAt: recorded?.createdAt ?? ports.clock.now(),
    },
    recorded,
  );
  // A child run that may belong to another call is not continued: its steps are that call's.
  if (recorded && isAlike(recorded.step)) parent.tellAlike(definition.name, 'flows');
  else if (recorded && isUnsure(step) && recorded.state.type === 'COMPLETED')
    parent.tellUnsure(definition.name, canonicalText(given[0], 'parameters').opaque);
  const share = shareIn(frame);
  if (share) live.amend({ participation: (isTakenBack ? null : recorded?.participation) ?? participationIn(share) });
  const earlier = await earlierChild(parent, isUnsure(recorded?.step ?? step) ? undefined : recorded);
  if (!isTakenBack && earlier?.state.type === 'COMPLETED' && (await takeOutcome(call, parent, live, earlier, recorded)))
    return;
  const [resume, replaced] = earlier?.state.type === 'COMPLETED' ? [null, earlier.id] : [earlier, null];
  // Nothing leads from here to the earlier run any more, once this step has another one.
  if (replaced !== null) await parent.book?.beforeSubflowIsDoneAgain(replaced, hookFrameOf(call, parent), parent.depth);
  const childFlowRunId = resume?.id ?? call.future.flowRunId;
  live.enter({ type: 'RUNNING', details: { childFlowRunId } }, null, true);
  // Recorded before the child is created: a later attempt finds the child, and its finished steps, by this record.
  await ports.recorder.settle(live.record, live.run.durability);
  try {
    const reason = (call.frame?.scope.cancellation ?? parent.cancellation).reason ?? parent.over;
    if (reason) throw reason;
    const outcome = await runNewOrResumed({ ...call, resume }, ports, {
      scope: parent,
      placeholder: live.run,
      share,
      replaced,
    });
    if (share && outcome.run.state.type === 'COMPLETED') await keepShare(call, live, share);
    live.enter({ ...mirrored(outcome.run), details: { childFlowRunId: outcome.run.id } } as ProposedState, null, true);
    await ports.recorder.settle(live.record, live.run.durability);
    settleFlow(call.future, outcome);
  } catch (error) {
    const type = StopReason.is(error) ? 'CANCELLED' : 'FAILED';
    live.enter(
      {
        type,
        message: failureLine(toFailureInfo(error)),
        failure: toFailureInfo(error),
        details: { childFlowRunId },
      } as ProposedState,
      null,
      true,
    );
    await ports.recorder.settle(live.record, live.run.durability);
    call.future.settle({ ok: false, error }, live.run.state);
  }
}

function hookFrameOf({ tags }: FlowCall, scope: FlowScope): Frame {
  return { scope, tags, transaction: null, share: null, around: new Cancellation() };
}

function participationIn({ transaction }: TaskShare): Participation {
  return { within: transaction.within(), inputs: null, values: null, unkept: [], hooks: null, decision: null };
}

/** Records what the subflow itself kept in the surrounding transaction; its tasks record their own. */
async function keepShare({ definition }: FlowCall, live: LiveTask, share: TaskShare): Promise<void> {
  const { ref, unkept } = await persistValues(
    live.ports,
    share.kept(),
    `values that subflow "${definition.name}" keeps`,
    live.run.durability,
  );
  live.amend({ participation: { ...participationIn(share), values: ref, unkept } });
  share.transaction.hear(share.kept());
}

/** A subflow that finished in an earlier attempt is not called again; its tasks join the transaction. */
async function rejoin(frame: Frame, parent: FlowScope, recorded: RecordedStep): Promise<void> {
  const { transaction } = frame;
  const { participation } = recorded;
  const child = recorded.state.details.childFlowRunId;
  if (!transaction || !participation || child === undefined) return;
  const isSure = parent.ledger?.isScattered(recorded.step) !== true;
  transaction.continues(participation.within, isSure);
  const { kept } = await recalling(({ keptBy }) =>
    keptBy(parent.ports, participation.values, participation.unkept, recorded.taskKey),
  );
  transaction.hear(kept);
  for (const participant of (await parent.book?.inside(child, transaction, isSure)) ?? [])
    await transaction.join(participant);
}

/**
 * The parameters with values in place of futures, as arguments; none when an upstream failed, as the child never runs.
 */
function resolved(found: FoundFutures): readonly unknown[] {
  try {
    return found.compared();
  } catch (error) {
    if (error instanceof UpstreamFailed || (OstinatoError.is(error) && error.code === 'bad-input')) return [];
    throw error;
  }
}

/** The failure stands: a branch has answered it. */
async function recallFailed(
  { future, definition }: FlowCall,
  parent: FlowScope,
  recorded: RecordedStep,
): Promise<void> {
  const { childFlowRunId } = recorded.state.details;
  const child = childFlowRunId === undefined ? null : await parent.ports.client.readFlowRun(childFlowRunId);
  if (child !== null) future.become(child.id, child.name);
  await branching(({ recallFailure }) => recallFailure(future, recorded, parent, `flow:${definition.name}`));
}

/** The child's final state as the placeholder shows it. */
function mirrored(run: FlowRun): ProposedState {
  const { id: _id, timestamp: _timestamp, details: _details, ...rest } = run.state;
  return rest as ProposedState;
}

async function reuse(
  call: FlowCall,
  parent: FlowScope,
  state: State,
  recorded: RecordedStep | undefined,
): Promise<boolean> {
  if (state.type !== 'COMPLETED') return false;
  try {
    const value = await loadValue(parent.ports, state.data, `The result of subflow ${call.definition.name}`);
    parent.countReused(`flow:${call.definition.name}`);
    if (call.future instanceof StreamFlowFuture && Array.isArray(value))
      for (const item of value) void call.future.push(item);
    if (call.frame && recorded) await rejoin(call.frame, parent, { ...recorded, state });
    call.future.settle({ ok: true, value }, state);
    return true;
  } catch (error) {
    parent.log(
      LOG_LEVELS.warning,
      `Subflow ${call.definition.name} finished in an earlier attempt, but its result cannot be read, so it runs again: ${thrownText(error)}`,
    );
    return false;
  }
}

/** The child run that an earlier attempt created, in whatever state it is. */
async function earlierChild(parent: FlowScope, recorded: RecordedStep | undefined): Promise<FlowRun | null> {
  const id: FlowRunId | undefined = recorded?.state.details.childFlowRunId;
  return id ? await parent.ports.client.readFlowRun(id) : null;
}

/** Uses the outcome of a child that ended after its parent's process had gone. `false`: the child has to run again. */
async function takeOutcome(
  call: FlowCall,
  parent: FlowScope,
  live: LiveTask,
  child: FlowRun,
  recorded: RecordedStep | undefined,
): Promise<boolean> {
  if (child.state.type !== 'COMPLETED' || child.flowVersion !== call.definition.version) return false;
  const state = { ...mirrored(child), details: { childFlowRunId: child.id } } as State;
  if (!(await reuse(call, parent, state, recorded))) return false;
  live.enter(state, null, true);
  await parent.ports.recorder.settle(live.record, live.run.durability);
  return true;
}
