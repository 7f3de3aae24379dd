/**
 * As `flow-run-facts.ts`, for task runs whose client lets the server decide: from the facts that a policy's rules read
 * to what has to be loaded, and from what was loaded to the facts.
 */

import type { SlotWaits } from '../core/concurrency/slots.ts';
import { tagSlotFacts } from '../core/concurrency/task-run-slots.ts';
import type { TaskRunFacts } from '../core/rules/facts.ts';
import type { Policy } from '../core/rules/policy.ts';
import type { ProposedState } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import type { TaskRunContext } from '../store/port/task-run-context.ts';
import type { TaskContextFor, TaskRunNeeds } from '../store/port.ts';

type Loaded = keyof TaskRunContext | null;

/**
 * What has to be loaded for each fact, besides the run and the request. A fact that is missing here does not compile.
 */
const MADE_OF: { readonly [Name in keyof TaskRunFacts]-?: Loaded } = {
  runCount: null,
  policy: null,
  retryDelaySeconds: null,
  waitsInWholeSeconds: null,
  draw: null,
  flowRunStateType: 'flowRun',
  flowRunPause: 'flowRun',
  flowRunAttempt: 'flowRun',
  flowRunRunCount: null,
  cached: 'cached',
  tagSlots: 'tagSlots',
};

export interface TaskRunProposal {
  readonly policy: Policy<TaskRunFacts>;
  readonly state: ProposedState;
  /** Whether a RUNNING records the attempt of the flow run, and a COMPLETED is kept under its cache key. */
  readonly isTracked: boolean;
}

/** What has to be loaded to move a run by these rules: for them, and for the slots that are given back. */
export function taskNeedsOf(
  { policy, state, isTracked }: TaskRunProposal,
  now: () => Instant,
): (run: TaskRun | null) => TaskRunNeeds {
  return (run) => {
    if (run === null) return {};
    const loaded = new Set<Loaded>(policy.transition(run.state.type, state.type).reads.map((name) => MADE_OF[name]));
    const isStart = isTracked && state.type === 'RUNNING';
    const key = state.details?.refreshCache === true ? undefined : state.details?.cacheKey;
    return {
      ...(isStart || loaded.has('flowRun') ? { flowRun: true } : {}),
      ...(loaded.has('cached') && key !== undefined ? { cached: { key, now: now() } } : {}),
      ...(run.tags.length > 0 ? { tagSlots: { tags: loaded.has('tagSlots') ? run.tags : [] } } : {}),
    };
  };
}

/** @param context as loaded by `taskNeedsOf`; what no rule reads is absent */
export function taskFactsOf(
  run: TaskRun,
  { flowRun = null, cached = null, tagSlots = null }: TaskContextFor<TaskRunNeeds>,
  {
    now,
    waits,
    draw,
    waitsInWholeSeconds,
  }: {
    readonly now: Instant;
    readonly waits: SlotWaits;
    readonly draw: () => number;
    readonly waitsInWholeSeconds: boolean;
  },
): TaskRunFacts {
  const pause = flowRun?.state.type === 'PAUSED' ? flowRun.state.details : null;
  return {
    runCount: run.runCount,
    policy: run.policy,
    draw: draw(),
    waitsInWholeSeconds,
    flowRunStateType: flowRun?.state.type ?? null,
    flowRunPause:
      flowRun && pause
        ? { id: flowRun.id, timeout: pause.pauseTimeout, reschedules: pause.pauseReschedule }
        : undefined,
    flowRunAttempt: flowRun?.runCount ?? run.flowRunRunCount,
    flowRunRunCount: run.flowRunRunCount,
    cached,
    tagSlots: tagSlotFacts(tagSlots, run.tags, { now, waits, draw }),
  };
}
