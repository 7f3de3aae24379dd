import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { SteppedClock } from '../../sim/stepped-clock.ts';
import type { Clock, Instant, Timer } from '../core/time.ts';
import { runBody, runIsolatedBody } from './body.ts';
import { Cancellation, StopReason } from './cancellation.ts';

/**
 * A clock whose wall time can be set, whose thread can be held, and whose process can stand still, without the others
 * noticing.
 */
class TestedClock implements Clock {
  readonly #steps = new SteppedClock();
  #wallOffsetUs = 0;
  #lastTurnMs = 0;
  #lateTimers = 0;
  #catchingUpAt: number | null = null;

  now(): Instant {
    return (this.#steps.now() + this.#wallOffsetUs) as Instant;
  }
  monotonicMs(): number {
    return this.#catchingUpAt ?? this.#steps.monotonicMs() + this.#lateTimers;
  }
  watchTurns = (): { lastMs(): number; stop(): void } => ({ lastMs: () => this.#lastTurnMs, stop: () => {} });
  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#steps.setTimer(
      delayMs + (this.#catchingUpAt === null ? 0 : this.#catchingUpAt - this.#steps.monotonicMs()),
      callback,
    );
  }
  yieldToEventLoop(): Promise<void> {
    return Promise.resolve();
  }

  setWallClock(byMs: number): void {
    this.#wallOffsetUs += byMs * 1000;
  }
  /** Something computes: no timer fires meanwhile. */
  hold(ms: number): void {
    this.#lateTimers += ms;
  }
  /** The event loop turns, and what is due fires: timers that were kept waiting are as late as that. */
  async turn(ms: number): Promise<void> {
    const behind = this.#lateTimers;
    this.#lastTurnMs = this.#catchingUpAt = this.monotonicMs();
    this.#steps.advance(behind);
    [this.#lateTimers, this.#catchingUpAt] = [0, null];
    await settle();
    this.#steps.advance(ms);
    this.#lastTurnMs = this.monotonicMs();
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

const limits = (clock: Clock, timeoutSeconds = 6) => ({
  clock,
  cancellation: new Cancellation(),
  what: 'Task run "work-0"',
  timeoutSeconds,
  cancelGraceSeconds: 10,
});
const kindOf = (error: unknown): string => (error instanceof StopReason ? error.kind : String(error));

test('a wall clock that is set, to wherever and however often, times nobody out and lets nobody off', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          jumpMs: fc.integer({ min: -86_400_000, max: 86_400_000 }),
          passMs: fc.integer({ min: 1, max: 900 }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      fc.boolean(),
      async (steps, inTime) => {
        const clock = new TestedClock();
        const total = steps.reduce((sum, { passMs }) => sum + passMs, 0);
        const body = Promise.withResolvers<string>();
        const outcome = Promise.resolve(
          runBody(() => body.promise, limits(clock, (inTime ? total + 1 : total - 1) / 1000)),
        ).then(String, kindOf);
        for (const { jumpMs, passMs } of steps) {
          clock.setWallClock(jumpMs);
          await clock.turn(passMs);
        }
        body.resolve('done');
        assert.equal(await outcome, inTime ? 'done' : 'timeout');
      },
    ),
  );
});

test('a body that holds the thread past its limit is over it: at once, or after an await', async () => {
  const clock = new TestedClock();
  assert.throws(() => runBody(() => clock.hold(7_000), limits(clock)), /never gave the thread back/);
  const later = runBody(async () => {
    await Promise.resolve();
    clock.hold(7_000);
  }, limits(clock));
  await assert.rejects(Promise.resolve(later), /never gave the thread back/);
});

test('a body that waited while another one held the thread has only its own time', async () => {
  const clock = new TestedClock();
  const waiting = Promise.withResolvers<string>();
  const outcome = Promise.resolve(runBody(() => waiting.promise, limits(clock))).then(String, kindOf);
  runBody(() => clock.hold(20_000), { ...limits(clock), timeoutSeconds: null });
  await clock.turn(3_000);
  waiting.resolve('done');
  assert.equal(await outcome, 'done');
});

test('bodies that others call have their own time, and not that of their callers', async () => {
  const clock = new TestedClock();
  const inner = Promise.withResolvers<string>();
  let outcome: Promise<string> | undefined;
  assert.throws(
    () =>
      runBody(() => {
        outcome = Promise.resolve(runBody(() => inner.promise, limits(clock))).then(String, kindOf);
        clock.hold(8_000);
      }, limits(clock)),
    /never gave the thread back/,
  );
  inner.resolve('done');
  assert.equal(await outcome, 'done');
});

test('a body that has its value in the turn in which the thread was held may have held it: over its time', async () => {
  const clock = new TestedClock();
  const waiting = Promise.withResolvers<string>();
  const outcome = Promise.resolve(runBody(() => waiting.promise, limits(clock))).then(String, kindOf);
  // By code that is no body's first stretch: nobody knows whose.
  clock.hold(60_000);
  waiting.resolve('done');
  await settle();
  assert.equal(await outcome, 'timeout');
});

test('one that has it when the loop has turned since is not: others held the thread, and kept its timer from firing', async () => {
  const clock = new TestedClock();
  const waiting = Promise.withResolvers<string>();
  const outcome = Promise.resolve(runBody(() => waiting.promise, limits(clock))).then(String, kindOf);
  clock.hold(60_000);
  await clock.turn(1);
  waiting.resolve('done');
  await clock.turn(100);
  assert.equal(await outcome, 'done');
});

test('work elsewhere whose answer waits for a thread that was held is let in first', async () => {
  const clock = new TestedClock();
  const answer = Promise.withResolvers<string>();
  const outcome = runIsolatedBody((started) => {
    started();
    return answer.promise;
  }, limits(clock)).then(String, kindOf);
  clock.hold(30_000);
  await clock.turn(1);
  answer.resolve('done');
  await clock.turn(100);
  assert.equal(await outcome, 'done');
});

test('and work elsewhere that is not done then is over its time', async () => {
  const clock = new TestedClock();
  const limit = limits(clock);
  const outcome = runIsolatedBody((started) => {
    started();
    return new Promise((_, reject) => limit.cancellation.onAbort(reject));
  }, limit).then(String, kindOf);
  clock.hold(30_000);
  await clock.turn(1);
  await clock.turn(100);
  assert.equal(await outcome, 'timeout');
});
