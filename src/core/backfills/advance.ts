/** What a backfill does next: facts in, decision out. */

import { isTerminalType } from '../state.ts';
import type { FlowRunId } from '../ids.ts';
import type { Instant } from '../time.ts';
import type { Backfill, BackfillSlot, BackfillSlotRecord, BackfillSlotState, EarlierRun, Rerun } from './backfill.ts';

/** Why a slot gets no run; `null`: it gets one. @param earlier runs that it has had */
export function whyLeftOut(
  earlier: readonly EarlierRun[],
  rerun: Rerun,
): { readonly reason: string; readonly run: FlowRunId } | null {
  const last = lastOf(earlier);
  if (last === null) return null;
  const { id: run, stateType } = last;
  // Two runs of one slot at once are what nobody asks for.
  if (stateType !== null && !isTerminalType(stateType)) return { run, reason: 'Its run has not ended yet.' };
  if (rerun === 'all') return null;
  if (stateType === 'COMPLETED') return { run, reason: 'Its run has completed.' };
  if (stateType === null) return { run, reason: 'It has had a run, which was deleted.' };
  return rerun === 'failed' ? null : { run, reason: `It has had a run, which is ${stateType.toLowerCase()}.` };
}

/** One that has not ended, else the newest; one that was deleted only where there is no other. */
function lastOf(earlier: readonly EarlierRun[]): EarlierRun | null {
  const open = earlier.find(({ stateType }) => stateType !== null && !isTerminalType(stateType));
  const newest = earlier.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))[0];
  return open ?? newest ?? null;
}

export interface AdvanceFacts {
  readonly backfill: Backfill;
  readonly isDeploymentThere: boolean;
  /** All that are open. */
  readonly open: readonly BackfillSlotRecord[];
  /** The next of those that wait, in its order, with the runs that each has had. */
  readonly waiting: readonly { readonly slot: BackfillSlot; readonly earlier: readonly EarlierRun[] }[];
  /** Whether more are waiting behind them. */
  readonly hasMore: boolean;
  readonly now: Instant;
}

export interface Advanced {
  readonly backfill: Backfill;
  /** Slots that have changed, without those that begin. */
  readonly changed: readonly BackfillSlot[];
  /** Slots that get their run now. */
  readonly begin: readonly BackfillSlot[];
  /** Why all that wait are cancelled; `null`: they are not. */
  readonly cancelsWaiting: string | null;
  /** Runs that are to be cancelled. */
  readonly cancel: readonly FlowRunId[];
  /** There is more that could be done at once. */
  readonly again: boolean;
}

export const DEPLOYMENT_GONE = 'Its deployment was deleted.';
export const ABORTED_BEFORE = 'The backfill was aborted before it had a run.';

export function advanced(facts: AdvanceFacts): Advanced {
  const { backfill, open, now } = facts;
  const ended = open.flatMap((record) => endedSlot(record, now));
  const stillOpen = open.filter(({ run }) => run !== null && !isTerminalType(run.stateType));
  if (backfill.state === 'running' && !facts.isDeploymentThere)
    return {
      backfill: {
        ...backfill,
        state: 'aborted',
        reason: DEPLOYMENT_GONE,
        endedAt: now,
        updatedAt: now,
        isSettled: stillOpen.length === 0,
      },
      changed: ended,
      begin: [],
      cancelsWaiting: DEPLOYMENT_GONE,
      cancel: [],
      again: false,
    };
  if (backfill.state !== 'running') {
    const isSettled = stillOpen.length === 0;
    return {
      backfill: isSettled === backfill.isSettled ? backfill : { ...backfill, isSettled },
      changed: ended,
      begin: [],
      cancelsWaiting: null,
      cancel: backfill.state === 'aborted' ? cancelled(backfill, stillOpen) : [],
      again: false,
    };
  }
  return running(facts, ended, stillOpen.length);
}

function running(facts: AdvanceFacts, ended: readonly BackfillSlot[], open: number): Advanced {
  const { backfill, waiting, hasMore, now } = facts;
  const leftOut: BackfillSlot[] = [];
  const begin: BackfillSlot[] = [];
  let looked = 0;
  for (const { slot, earlier } of waiting) {
    if (open + begin.length >= backfill.concurrency) break;
    looked += 1;
    const why = whyLeftOut(earlier, backfill.rerun);
    if (why === null) begin.push(slot);
    else leftOut.push({ ...slot, state: 'left-out', reason: why.reason, flowRunId: why.run, decidedAt: now });
  }
  const isAllSeen = looked === waiting.length;
  const isDone = isAllSeen && !hasMore && open + begin.length === 0;
  return {
    backfill: isDone ? { ...backfill, state: 'completed', endedAt: now, updatedAt: now, isSettled: true } : backfill,
    changed: [...ended, ...leftOut],
    begin,
    cancelsWaiting: null,
    cancel: [],
    again: isAllSeen && hasMore && open + begin.length < backfill.concurrency,
  };
}

const OUTCOMES = { COMPLETED: 'completed', FAILED: 'failed', CRASHED: 'crashed', CANCELLED: 'cancelled' } as const;

/** The slot as it is now that its run has ended; nothing while it has not. */
function endedSlot({ slot, run }: BackfillSlotRecord, now: Instant): readonly BackfillSlot[] {
  const as = (state: BackfillSlotState, reason: string | null): readonly BackfillSlot[] => [
    { ...slot, state, reason, decidedAt: now },
  ];
  if (run === null) return as('cancelled', 'Its run was deleted before it had ended.');
  return isTerminalType(run.stateType) ? as(OUTCOMES[run.stateType], null) : [];
}

/** Those that have not begun, and, where that was asked for, the rest. */
function cancelled(backfill: Backfill, open: readonly BackfillSlotRecord[]): readonly FlowRunId[] {
  return open.flatMap(({ run }) => {
    if (run === null || run.stateType === 'CANCELLING') return [];
    const isBegun = run.runCount > 0 || run.stateType === 'RUNNING' || run.stateType === 'PAUSED';
    return isBegun && !backfill.cancelsBegun ? [] : [run.id];
  });
}
