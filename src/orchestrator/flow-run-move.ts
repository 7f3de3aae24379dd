/** Carries out a decision about a flow run: makes the rows that are committed together, and the answer. */

import { joinedWrites, slotsAfter } from '../core/concurrency/deployment-slots.ts';
import { poolSlotsAfter } from '../core/concurrency/pool-slots.ts';
import type { SlotWaits } from '../core/concurrency/slots.ts';
import { OstinatoError } from '../core/errors.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { ProposeFlowRunState } from '../core/flow-run-request.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId, FlowRunId, IdSource, StateId } from '../core/ids.ts';
import { applyToFlowRun } from '../core/rules/apply-flow-run.ts';
import { applyToTaskRun } from '../core/rules/apply-task-run.ts';
import { decide, timestampAfter } from '../core/rules/decide.ts';
import type { Decision, RunEffects } from '../core/rules/decision.ts';
import type { FlowRunFacts } from '../core/rules/facts.ts';
import type { Policy } from '../core/rules/policy.ts';
import type { ProposedState, State } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import { isUnpersisted } from '../core/value.ts';
import type { ContextFor, FlowRunChange, FlowRunNeeds, PlaceholderMove } from '../store/port.ts';
import { slotWaits, type SlotPorts } from './concurrency/ports.ts';
import { flowRunMoveEvent } from './flow-run-event.ts';
import { factsOf } from './flow-run-facts.ts';

/** A proposal and its facts in the transaction that decides it. */
export interface FlowRunProposal {
  readonly policy: Policy<FlowRunFacts>;
  readonly state: ProposedState;
  /** Further fields of the request. */
  readonly request?: Pick<ProposeFlowRunState, 'retryDelaySeconds' | 'client'>;
  readonly now: Instant;
  readonly stateId: StateId;
}

/** @param context what was loaded for the policy by `needsOf` */
export function proposeState(
  ports: SlotPorts,
  run: FlowRun,
  context: ContextFor<FlowRunNeeds>,
  { policy, state, request = {}, now, stateId }: FlowRunProposal,
): FlowRunChange<Transition<FlowRun>> {
  const waits = slotWaits(ports);
  const question = { nextLeaseId: () => ports.ids.next<ConcurrencyLeaseId>(), now, waits };
  const facts = factsOf(run, context, request, question);
  return moveFlowRun(run, context, decide(policy, run.state, state, facts, now, stateId), {
    ids: ports.ids,
    now,
    waits,
  });
}

interface MoveParts {
  readonly ids: IdSource;
  readonly now: Instant;
  readonly waits: SlotWaits;
}

function moveFlowRun(
  run: FlowRun,
  context: ContextFor<FlowRunNeeds>,
  decision: Decision,
  parts: MoveParts,
): FlowRunChange<Transition<FlowRun>> {
  switch (decision.status) {
    case 'accept': {
      const moved = entered(run, decision);
      const { forgottenInputs } = decision.effects;
      return {
        ...written(withoutUnpersistedData(moved), context.flow ?? null, run.state, parts.ids),
        ...slotsOf(run, context, decision, parts),
        ...(forgottenInputs ? { forgottenInputs } : {}),
        answer: { status: 'accept', state: moved.state, run: moved },
      };
    }
    case 'reject': {
      const { reason } = decision;
      if (!decision.written)
        return unmoved(run, decision.effects, { status: 'reject', state: run.state, written: false, reason, run });
      const moved = entered(run, decision);
      return {
        ...written(withoutUnpersistedData(moved), context.flow ?? null, run.state, parts.ids),
        ...slotsOf(run, context, decision, parts),
        answer: { status: 'reject', state: moved.state, written: true, reason, run: moved },
      };
    }
    case 'wait':
      return { answer: { status: 'wait', delaySeconds: decision.delaySeconds, reason: decision.reason, run } };
    case 'abort':
      return { answer: { status: 'abort', reason: decision.reason, run } };
  }
}

/** What has to be loaded where something other than the rules moves a run. */
export const RELEASE_NEEDS = { deploymentSlots: true, poolSlots: true } as const;

/** The slots that a run releases when something other than the rules moves it. @param context by `RELEASE_NEEDS` */
export function releasedSlots(
  ports: SlotPorts,
  { run, to, now }: { readonly run: FlowRun; readonly to: State; readonly now: Instant },
  context: ContextFor<typeof RELEASE_NEEDS>,
): Pick<FlowRunChange<never>, 'slots'> {
  return slotWritesOf(run, context, {
    to,
    effects: {},
    isReplacement: false,
    ids: ports.ids,
    now,
    waits: slotWaits(ports),
  });
}

type Entered = Extract<Decision, { readonly state: State; readonly effects: unknown }>;

function slotsOf(
  run: FlowRun,
  context: ContextFor<FlowRunNeeds>,
  { status, state: to, effects }: Entered,
  parts: MoveParts,
): Pick<FlowRunChange<never>, 'slots'> {
  return slotWritesOf(run, context, { ...parts, to, effects, isReplacement: status === 'reject' });
}

function slotWritesOf(
  run: FlowRun,
  { deploymentSlots = null, poolSlots = null }: ContextFor<FlowRunNeeds>,
  move: MoveParts & { readonly to: State; readonly effects: RunEffects; readonly isReplacement: boolean },
): Pick<FlowRunChange<never>, 'slots'> {
  const { to, effects, isReplacement, ids, now, waits } = move;
  const nextLimitId = (): ConcurrencyLimitId => ids.next<ConcurrencyLimitId>();
  const leaseId = (): ConcurrencyLeaseId => ids.next<ConcurrencyLeaseId>();
  const slots = joinedWrites(
    slotsAfter(deploymentSlots, { run, to, effects: effects.slots ?? [], isReplacement, nextLimitId, now, waits }),
    poolSlotsAfter(poolSlots, { run, to, effect: effects.poolSlot, isReplacement, leaseId, now }),
  );
  return slots === null ? {} : { slots };
}

/** On refusal, the rules may still change the policy to record that it was asked for. */
function unmoved(
  run: FlowRun,
  { policyAfter }: RunEffects,
  answer: Transition<FlowRun>,
): FlowRunChange<Transition<FlowRun>> {
  return policyAfter === undefined
    ? { answer }
    : { run: { ...run, policy: { ...run.policy, ...policyAfter } }, answer };
}

function entered(run: FlowRun, decision: Entered): FlowRun {
  return applyToFlowRun(run, ofRun(run, decision.state), decision.effects);
}

/**
 * The run as it is stored: without data that its client marked as not persisted. The client itself gets back what it
 * sent.
 */
export function withoutUnpersistedData<Run extends { readonly state: State }>(run: Run): Run {
  return isUnpersisted(run.state.data) ? { ...run, state: { ...run.state, data: null } } : run;
}

/**
 * The state with the id of its run, as Prefect's clients expect of runs that others run; states of our own runs are
 * found by their run.
 */
export function ofRun(run: Pick<FlowRun, 'id' | 'runner' | 'parentTaskRunId'>, state: State): State {
  if (run.runner === 'ostinato') return state;
  return {
    ...state,
    details: { ...state.details, flowRunId: run.id, taskRunId: run.parentTaskRunId ?? state.details.taskRunId },
  };
}

/** The rows of a run that has just entered its state. */
export function written(
  run: FlowRun,
  flow: Flow | null,
  previous: State | null,
  ids: IdSource,
): Omit<FlowRunChange<never>, 'answer'> {
  const rows = { run, states: [run.state] };
  const placeholder = placeholderMove(run, flow, previous, ids);
  return placeholder ? { ...rows, placeholder } : { ...rows, events: [flowRunMoveEvent(run, flow, previous, null)] };
}

/**
 * The placeholder task run of a run that others run gets each of its states; our own engine updates placeholders
 * itself.
 */
export function placeholderMove(
  run: FlowRun,
  flow: Flow | null,
  previous: State | null,
  ids: IdSource,
): PlaceholderMove | undefined {
  if (run.runner === 'ostinato' || run.parentTaskRunId === null) return undefined;
  return {
    id: run.parentTaskRunId,
    move: (task) => ({
      run: task === null || task.prefectClient === null ? null : mirrored(task, run, ids.next<StateId>()),
      events: [flowRunMoveEvent(run, flow, previous, task)],
    }),
  };
}

function mirrored(task: TaskRun, run: FlowRun, id: StateId): TaskRun {
  const { state } = run;
  const details = {
    ...state.details,
    flowRunId: task.flowRunId ?? undefined,
    taskRunId: task.id,
    childFlowRunId: run.id,
  };
  return applyToTaskRun(task, { ...state, id, timestamp: timestampAfter(task.state, state.timestamp), details });
}

export function flowRunMissing(id: FlowRunId): OstinatoError {
  return new OstinatoError('not-found', `Flow run with id ${id} not found`, {
    remedy: '`ostinato flow-run ls` shows the runs there are.',
  });
}
