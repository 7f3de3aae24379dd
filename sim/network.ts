/**
 * Calls of a process on their way: late, lost, doubled.
 *
 * A call that is not answered in time is made again, so that the other side may hear it twice; the caller takes the
 * first answer that reaches it. Copies of records may arrive at any later time. A call whose other side has lost its
 * store is made again, too, whether the store has done its part or not.
 */

import { OstinatoError } from '../src/core/errors.ts';
import type { ResumeFlowRun, SetFlowRunState } from '../src/core/flow-run-request.ts';
import type { NetworkFaults } from './chaos.ts';
import type { Life } from './life.ts';
import type { SimClock } from './sim-clock.ts';

export interface Road {
  readonly clock: SimClock;
  readonly faults: NetworkFaults;
  readonly draw: () => number;
  readonly say: (what: string) => void;
}

/** A copy of records may be this late. */
const LATE_MS = 20_000;

function pass(clock: SimClock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(delayMs, resolve));
}

/**
 * As an HTTP client does it: a request that may be heard twice says so, where hearing it twice would do something
 * twice.
 */
export function marked(name: string, args: readonly unknown[], mark: () => string): readonly unknown[] {
  if (name === 'resumeFlowRun') return [{ ...(args[0] as ResumeFlowRun), transitionId: mark() }];
  if (name !== 'setFlowRunState') return args;
  const request = args[0] as SetFlowRunState;
  return [{ ...request, state: { ...request.state, details: { ...request.state.details, transitionId: mark() } } }];
}

/** @param deliver makes the call where it is heard */
export async function travel<T>(road: Road, name: string, life: Life, deliver: () => T | Promise<T>): Promise<T> {
  const { clock, faults, draw, say } = road;
  const leg = (): Promise<void> => pass(clock, draw() * faults.latencyMsMax);
  for (;;) {
    await leg();
    if (draw() < faults.dropOdds) {
      say(`${name}: the request is lost`);
      await pass(clock, faults.timeoutMs);
      await life.running();
      continue;
    }
    const isCopied = draw() < faults.duplicateOdds;
    const answer = heard(deliver);
    if (isCopied) {
      say(`${name}: heard twice`);
      if (name === 'recordTaskRuns') clock.setTimer(draw() * LATE_MS, () => void heard(deliver).catch(() => undefined));
      else void heard(deliver).catch(() => undefined);
    }
    // A failure travels back as an answer does.
    const hasFailed = await answer.then(() => false, isPassing);
    await leg();
    if (draw() < faults.dropOdds) {
      say(`${name}: the answer is lost`);
      await pass(clock, faults.timeoutMs);
      await life.running();
      continue;
    }
    if (hasFailed) {
      say(`${name}: the store was lost`);
      await pass(clock, draw() * faults.timeoutMs);
      await life.running();
      continue;
    }
    return await answer;
  }
}

/** What an HTTP client asks again: both are answered with 503. */
function isPassing(error: unknown): boolean {
  return OstinatoError.is(error) && (error.code === 'store-unavailable' || error.code === 'store-unconfirmed');
}

async function heard<T>(deliver: () => T | Promise<T>): Promise<T> {
  return await deliver();
}
