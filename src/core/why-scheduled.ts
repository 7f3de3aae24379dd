/** Why a flow run waits: for its time, its next attempt, a slot, somebody who takes it. */

import type { ScheduledState } from './state.ts';
import { secondsBetween } from './time.ts';
import type { WaitKind, WaitReason } from './waiting.ts';
import type { Because, Explanation, FlowRunOnRecord } from './why.ts';
import { clause, reasonOfRetry, retryFacts, showInstant, showSeconds } from './why-phrases.ts';

/** The fact that the run's process is gone; it comes before all others. */
export function lostFact({ holder }: FlowRunOnRecord): Because[] {
  return holder === null || holder.alive ? [] : [{ fact: holder.evidence, when: holder.record?.heartbeatAt ?? null }];
}

export const LOST_NEXT = 'It is marked Crashed by the next process that looks after lost runs.';

export function explainScheduled(record: FlowRunOnRecord, state: ScheduledState): Explanation {
  const { waitsFor = [] } = record;
  const told = state.name === 'AwaitingRetry' ? awaitingRetry(record, state) : awaitingStart(record, state);
  return waitsFor.length === 0 ? told : { ...told, waitsFor };
}

function awaitingRetry(record: FlowRunOnRecord, state: ScheduledState): Explanation {
  const { run, now, waitsFor = [] } = record;
  const wait = secondsBetween(now, state.scheduledTime);
  const lost = lostFact(record);
  const reason = reasonOfRetry(record.states, state);
  const last = reason === null ? '' : ` after ${clause(reason)}`;
  return {
    headline:
      wait > 0
        ? `Waits ${showSeconds(wait)} for attempt ${run.runCount + 1} of ${Math.max(run.policy.retries ?? 0, run.runCount) + 1}${last}.`
        : `Attempt ${run.runCount + 1} is due and has not started yet${last}.`,
    ...(wait > 0 ? { moving: state.scheduledTime } : {}),
    because: [...retryFacts(record.states), ...waitFacts(waitsFor), ...lost],
    next:
      lost.length > 0
        ? LOST_NEXT
        : (remediesOf(waitsFor) ?? `The next attempt starts at ${showInstant(state.scheduledTime)}.`),
  };
}

function awaitingStart(record: FlowRunOnRecord, state: ScheduledState): Explanation {
  const { run, now, waitsFor = [] } = record;
  const wait = secondsBetween(now, state.scheduledTime);
  const first = waitsFor.find(({ kind }) => kind !== 'schedule');
  const asksAgain = state.name === 'AwaitingConcurrencySlot' && first?.kind === 'limit';
  return {
    headline: asksAgain
      ? `${wait > 0 ? `Asks for a slot again in ${showSeconds(wait)}` : 'Waits for a slot'}: ${within(first)}`
      : wait > 0
        ? `Waits for its scheduled time, ${showInstant(state.scheduledTime)} (in ${showSeconds(wait)}).`
        : `Was due ${showSeconds(-wait)} ago${first === undefined ? ' and nothing has started it.' : `: ${within(first)}`}`,
    moving: state.scheduledTime,
    because: [
      { fact: `It was scheduled for ${showInstant(state.scheduledTime)}.`, when: state.timestamp },
      ...waitFacts(waitsFor),
      ...lostFact(record),
    ],
    next:
      remediesOf(waitsFor) ??
      (wait > 0
        ? 'It can start when its time has come.'
        : first !== undefined
          ? PASSES[first.kind]
          : run.runner === 'worker'
            ? 'It starts when somebody who serves it takes it.'
            : 'Start a process that runs this flow.'),
  };
}

/** What happens when a reason without a remedy passes. */
const PASSES: Readonly<Record<WaitKind, string>> = {
  schedule: 'It can start when its time has come.',
  'pool-paused': 'It can start when its pool is resumed.',
  'queue-paused': 'It can start when its queue is resumed.',
  limit: 'It can start when a slot is given back.',
  'no-queue': 'It starts when somebody takes it.',
  'no-worker': 'It starts when a worker takes it.',
  'queue-not-asked': 'It starts when a worker takes it.',
  'not-served': 'It starts when somebody serves it.',
  turn: 'It starts when those before it have been taken.',
};

/** As the end of a sentence: its first word is none of a name. */
function within({ message }: WaitReason): string {
  return `${message.slice(0, 1).toLowerCase()}${message.slice(1)}`;
}

/** The schedule is told by the headline, and by when the run was scheduled. */
export function waitFacts(waitsFor: readonly WaitReason[]): Because[] {
  return waitsFor.flatMap(({ kind, message, since }) => (kind === 'schedule' ? [] : [{ fact: message, when: since }]));
}

function remediesOf(waitsFor: readonly WaitReason[]): string | null {
  const remedies = new Set(waitsFor.flatMap(({ remedy }) => (remedy === null ? [] : [remedy])));
  return remedies.size === 0 ? null : [...remedies].join(' ');
}
