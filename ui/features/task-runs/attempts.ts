/** The attempts of a task run, told from its states. Pure. */
import { isTerminal, type State } from '../../api/states.ts';
import { parseInstant } from '../../components/instant.ts';

export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** `null` while it runs. */
  readonly end: number | null;
  /** What it ended in: `null` while it runs. */
  readonly outcome: State | null;
}

/**
 * @param states oldest first; the newest where there are many
 * @param runCount how many attempts there were in all: the last of them is the last that is told
 */
export function attemptsOf(states: readonly State[], runCount: number): Attempt[] {
  const running = states.filter(({ type }) => type === 'RUNNING').length;
  let number = Math.max(0, runCount - running);
  return states.flatMap((state, at) => {
    if (state.type !== 'RUNNING') return [];
    number += 1;
    const outcome = states[at + 1] ?? null;
    return [
      {
        number,
        start: parseInstant(state.timestamp),
        end: outcome === null ? null : parseInstant(outcome.timestamp),
        outcome,
      },
    ];
  });
}

export interface RetryAhead {
  /** Which attempt comes next, of how many at most. */
  readonly next: number;
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly at: number | null;
}

/** The attempt that a run waits for; `null` when it waits for none. */
export function retryAhead(state: State | null, runCount: number, retries: number): RetryAhead | null {
  if (state === null || isTerminal(state.type) || state.name !== 'AwaitingRetry') return null;
  const time = state.state_details?.scheduled_time;
  return {
    next: runCount + 1,
    most: Math.max(retries + 1, runCount + 1),
    at: typeof time === 'string' ? parseInstant(time) : null,
  };
}
