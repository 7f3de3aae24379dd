/** Carries out a decision about a task run: makes the rows that are committed together, and the answer. */

import type { SlotWaits } from '../core/concurrency/slots.ts';
import { tagSlotsAfter } from '../core/concurrency/task-run-slots.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ConcurrencyLeaseId, IdSource, TaskRunId } from '../core/ids.ts';
import { applyToTaskRun } from '../core/rules/apply-task-run.ts';
import { CACHE_KEY_CHARACTERS_MAX } from '../core/rules/caching.ts';
import type { Decision } from '../core/rules/decision.ts';
import type { State } from '../core/state.ts';
import type { PrefectClientFields, TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import type { TaskContextFor, TaskRunChange, TaskRunNeeds } from '../store/port.ts';
import { withoutUnpersistedData } from './flow-run-move.ts';

interface MoveParts {
  /**
   * Whether a RUNNING records the attempt of the flow run, and a COMPLETED is stored under its cache key; `false` for
   * forced states.
   */
  readonly isTracked: boolean;
  readonly ids: IdSource;
  readonly now: Instant;
  readonly waits: SlotWaits;
}

/** @param context what was loaded for the decision */
export function moveTaskRun(
  run: TaskRun,
  context: TaskContextFor<TaskRunNeeds>,
  decision: Decision,
  parts: MoveParts,
): TaskRunChange<Transition<TaskRun>> {
  switch (decision.status) {
    case 'accept':
    case 'reject': {
      const { reason = '' } = decision.status === 'reject' ? decision : {};
      if (decision.status === 'reject' && !decision.written)
        return { answer: { status: 'reject', state: run.state, written: false, reason, run } };
      const moved = entered(run, context, decision as Entered, parts);
      const { state } = moved;
      const cached = parts.isTracked ? cachedBy(state) : null;
      const answer: Transition<TaskRun> =
        decision.status === 'accept'
          ? { status: 'accept', state, run: moved }
          : { status: 'reject', state, written: true, reason, run: moved };
      const kept = withoutUnpersistedData(moved);
      return {
        run: kept,
        states: [kept.state],
        answer,
        ...(cached ? { cached } : {}),
        ...slotsOf(run, context, decision, state, parts),
      };
    }
    case 'wait': {
      const { delaySeconds, reason } = decision;
      return {
        answer: { status: 'wait', delaySeconds, reason, run },
        ...slotsOf(run, context, decision, run.state, parts),
      };
    }
    case 'abort':
      return { answer: { status: 'abort', reason: decision.reason, run } };
  }
}

type Entered = Extract<Decision, { readonly state: State; readonly effects: unknown }>;

function entered(
  run: TaskRun,
  { flowRun = null }: TaskContextFor<TaskRunNeeds>,
  decision: Entered,
  { isTracked }: MoveParts,
): TaskRun {
  const state = ofTaskRun(run, decision.state);
  const attempt = isTracked && state.type === 'RUNNING' && flowRun !== null ? flowRun.runCount : run.flowRunRunCount;
  const applied = applyToTaskRun(run, state, decision.effects, attempt);
  const { prefectClient } = applied;
  return prefectClient === null
    ? applied
    : { ...applied, prefectClient: { ...prefectClient, ...timesOf(prefectClient, state) } };
}

/** What a wait says about slots is a count of what was refused; a run that stays what it is keeps what it holds. */
function slotsOf(
  run: TaskRun,
  { tagSlots = null }: TaskContextFor<TaskRunNeeds>,
  { status, effects }: Extract<Decision, { readonly effects?: unknown }>,
  { type: to }: State,
  { ids, now, waits }: MoveParts,
): Pick<TaskRunChange<never>, 'slots'> {
  const effect = effects?.tagSlots;
  if (status === 'wait' && effect === undefined) return {};
  const leaseId = (): ConcurrencyLeaseId => ids.next<ConcurrencyLeaseId>();
  const slots = tagSlotsAfter(tagSlots, { taskRunId: run.id, tags: run.tags, to, effect, leaseId, now, waits });
  return slots === null ? {} : { slots };
}

/** A cached result is stored already. */
function cachedBy({ type, name, details }: State): TaskRunChange<never>['cached'] | null {
  const { cacheKey, cacheExpiration } = details;
  if (type !== 'COMPLETED' || name === 'Cached' || cacheKey === undefined || cacheKey.length > CACHE_KEY_CHARACTERS_MAX)
    return null;
  return { key: cacheKey, expiresAt: cacheExpiration ?? null };
}

/** The state with the id of its run. */
export function ofTaskRun(run: Pick<TaskRun, 'id' | 'flowRunId'>, state: State): State {
  return { ...state, details: { ...state.details, flowRunId: run.flowRunId ?? undefined, taskRunId: run.id } };
}

/** Expected start, from the first state; next scheduled start, while it is scheduled. */
export function timesOf(
  before: PrefectClientFields | null,
  state: State,
): Pick<PrefectClientFields, 'expectedStartTime' | 'nextScheduledStartTime'> {
  const scheduled = state.type === 'SCHEDULED' ? state.scheduledTime : null;
  return {
    expectedStartTime: before?.expectedStartTime ?? scheduled ?? state.timestamp,
    nextScheduledStartTime: scheduled,
  };
}

export function taskRunMissing(id: TaskRunId): OstinatoError {
  return new OstinatoError('not-found', `Task run with id ${id} not found`);
}
