/**
 * What becomes of the slots of a schedule that are due, in the transaction that sees to the schedule.
 *
 * 1. A slot whose run has begun is settled once the run has ended; until then the run is under way.
 * 2. A slot whose run has not begun is decided anew each time it is looked at: a worker that comes back after an hour
 *    finds what the policy leaves, as the server does that comes back.
 * 3. Without a policy nothing that has a run is touched, as on Prefect's server.
 */

import type { DeploymentSchedule } from '../../core/deployment.ts';
import type { FlowRunId } from '../../core/ids.ts';
import { missedDates } from '../../core/schedules/missed-dates.ts';
import { slotDates, type SlotDate } from '../../core/schedules/slot-dates.ts';
import { decideSlots, tooLateAt, type SlotDecision, type SlotPolicy } from '../../core/schedules/slot-policy.ts';
import type { ScheduleSlot } from '../../core/schedules/slot.ts';
import { isTerminalType } from '../../core/state.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { ChangedSlot, DeploymentRecord, NewSlot, SlotRecord } from '../../store/port/deployments.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { leftOut, slotOf, withRun } from './slot-runs.ts';

/** Of a slot that has a run which has not begun: whether it may. */
export type OpenDecision = 'go' | 'wait';

export interface Settled {
  readonly changedSlots: readonly ChangedSlot[];
  readonly slots: readonly NewSlot[];
  readonly decided: ReadonlyMap<FlowRunId, OpenDecision>;
  /** They make room for a later one. */
  readonly cancelled: readonly FlowRunId[];
  /** When a slot will be too late. */
  readonly nextAt: Instant | null;
}

export interface MissedSlots {
  /** Of those that are too many to be told one by one. */
  readonly earlier: NewSlot | null;
  readonly slots: readonly NewSlot[];
}

export const NONE_MISSED: MissedSlots = { earlier: null, slots: [] };

/** Slots that passed without a run: since the high-water mark, or since the last that had one. */
export function missedSlots(schedule: DeploymentSchedule, now: Instant): MissedSlots {
  const { settledThrough, scheduledThrough, heldSince } = schedule;
  if (settledThrough === null) return NONE_MISSED;
  const seen = Math.max(settledThrough, scheduledThrough ?? settledThrough) as Instant;
  const { earlier, dates } = missedDates(
    (after, limit, until) => slotDates(schedule, after, limit, until),
    seen,
    (now - 1) as Instant,
  );
  const missed = (date: SlotDate, through: Instant | null): NewSlot => ({
    run: null,
    settled: true,
    slot: { ...slotOf(schedule, date), through, ...passed(date, heldSince), flowRunId: null, decidedAt: now },
  });
  return {
    earlier: earlier === null ? null : missed(earlier.first, earlier.through),
    slots: dates.map((date) => missed(date, null)),
  };
}

function passed({ exclusion, instant }: SlotDate, heldSince: Instant | null): Pick<ScheduleSlot, 'outcome' | 'reason'> {
  if (exclusion !== null) return leftOut(exclusion);
  return heldSince !== null && instant >= heldSince ? HELD : MISSED;
}

const HELD = { outcome: 'held', reason: 'The deployment was paused, or its schedule was not active.' } as const;
const MISSED = { outcome: 'expired', reason: 'No server was there to make its run in time.' } as const;
const COLLAPSED = { outcome: 'collapsed', reason: 'A later slot runs for it (catch_up: latest).' } as const;

interface Looked {
  readonly missed: MissedSlots;
  readonly openSlots: readonly SlotRecord[];
  readonly now: Instant;
}

interface Candidate {
  readonly slot: ScheduleSlot;
  /** `false`: it has its entry. */
  readonly isNew: boolean;
  /** `null`: it has no run. */
  readonly runId: FlowRunId | null;
}

export function settleSlots(
  ports: Pick<OrchestratorPorts, 'ids' | 'random'>,
  found: DeploymentRecord,
  schedule: DeploymentSchedule,
  { missed, openSlots, now }: Looked,
): Settled {
  const { policy } = schedule;
  const earlier = missed.earlier === null ? [] : [missed.earlier];
  if (policy === null) return { ...NONE, slots: [...earlier, ...missed.slots] };
  const { live, over, waiting } = sorted(openSlots);
  const isLeftOut = ({ slot }: NewSlot): boolean => slot.outcome === 'skipped';
  const candidates = [
    ...waiting.map(({ slot, run }): Candidate => ({ slot, isNew: false, runId: run?.id ?? null })),
    ...missed.slots.filter((one) => !isLeftOut(one)).map(({ slot }): Candidate => ({ slot, isNew: true, runId: null })),
  ].sort((a, b) => a.slot.dueAt - b.slot.dueAt);
  const due = candidates.map(({ slot }) => ({ dueAt: slot.dueAt, held: slot.outcome === 'held' }));
  const { decisions, cancelsLive } = decideSlots(due, live[0]?.run?.name ?? null, policy, now);
  const changedSlots: ChangedSlot[] = over.map(({ slot }) => ({ slot, run: null, settled: true }));
  const slots: NewSlot[] = [
    ...earlier.map((one) => ({ ...one, slot: { ...one.slot, ...ofMany(policy, one.slot) } })),
    ...missed.slots.filter(isLeftOut),
  ];
  const decided = new Map<FlowRunId, OpenDecision>();
  for (const [index, candidate] of candidates.entries()) {
    const decision = decisions[index] as SlotDecision;
    if (decision.kind === 'end') {
      const { outcome, reason } = decision;
      const slot = { ...candidate.slot, outcome, reason, flowRunId: null, decidedAt: now };
      if (candidate.isNew) slots.push({ slot, run: null, settled: true });
      else changedSlots.push({ slot, run: null, settled: true, removedRun: candidate.runId });
      continue;
    }
    if (candidate.runId !== null) decided.set(candidate.runId, decision.kind);
    else (candidate.isNew ? slots : changedSlots).push(withRun(ports, found, schedule, candidate.slot, now));
  }
  const left = due.filter((_, index) => decisions[index]?.kind !== 'end');
  const ends = left.map((slot) => tooLateAt(slot, policy)).filter((time) => time !== null);
  return {
    changedSlots,
    slots,
    decided,
    cancelled: cancelsLive ? live.flatMap(({ run }) => run?.id ?? []) : [],
    nextAt: nextAt(cancelsLive ? [...ends, addSeconds(now, CANCEL_AGAIN_SECONDS)] : ends),
  };
}

/** A server that died before it had cancelled is made up for. */
const CANCEL_AGAIN_SECONDS = 15;

function nextAt(times: readonly Instant[]): Instant | null {
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

const NONE = { changedSlots: [], slots: [], decided: new Map<FlowRunId, OpenDecision>(), cancelled: [], nextAt: null };

function ofMany({ catchUp }: SlotPolicy, { outcome }: ScheduleSlot): Pick<ScheduleSlot, 'outcome' | 'reason'> {
  if (catchUp === 'latest') return COLLAPSED;
  return outcome === 'held' ? HELD : MISSED;
}

interface Sorted {
  /** Begun, and not over. */
  readonly live: readonly SlotRecord[];
  /** Nothing becomes of them any more. */
  readonly over: readonly SlotRecord[];
  /** Not begun. */
  readonly waiting: readonly SlotRecord[];
}

function sorted(records: readonly SlotRecord[]): Sorted {
  const [live, over, waiting]: [SlotRecord[], SlotRecord[], SlotRecord[]] = [[], [], []];
  for (const record of records) {
    const { run, slot } = record;
    if (slot.outcome === 'held') waiting.push(record);
    else if (run === null || isTerminalType(run.stateType)) over.push(record);
    else if (run.stateType === 'SCHEDULED' && run.runCount === 0 && run.stateName !== QUEUED) waiting.push(record);
    else live.push(record);
  }
  return { live, over, waiting };
}

/** Whether no other slot of the schedule that is due by then has a say in what becomes of this run's. */
export function standsAlone(
  openSlots: readonly SlotRecord[],
  runId: FlowRunId,
  { overlap }: Pick<SlotPolicy, 'overlap'>,
): boolean {
  const { live, waiting } = sorted(openSlots);
  const others = overlap === 'allow' ? waiting : [...live, ...waiting];
  return others.every(({ run }) => run?.id === runId);
}

/** It has asked for a slot of its deployment's limit: it has begun to begin. */
const QUEUED = 'AwaitingConcurrencySlot';
