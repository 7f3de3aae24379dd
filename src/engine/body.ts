/**
 * Runs a body once and stops it when it must stop.
 *
 * 1. The body's signal aborts first; a body that listens ends by itself.
 * 2. One that does not is given up after a grace: its outcome no longer counts, and the failure says that it may still
 *    be running.
 * 3. Work in threads and child processes is ended by its runner (`runIsolatedBody`), and its failure is told when it is
 *    over.
 */

import { isPromiseLike, type MaybePromise } from '../core/maybe-promise.ts';
import type { Clock } from '../core/time.ts';
import { StopReason, type Cancellation } from './cancellation.ts';
import { callHolding, TimeLimit } from './time-limit.ts';

/** Milliseconds that a body which listens to its signal gets to end after a timeout. */
export const TIMEOUT_GRACE_MS = 250;

export interface BodyLimits {
  readonly clock: Clock;
  readonly cancellation: Cancellation;
  /** How errors name the work, for instance `Task run "load-0"`. */
  readonly what: string;
  readonly timeoutSeconds: number | null;
  /** How errors name the timeout when only a part of it was left; default: `its timeout of 3 s`. */
  readonly timeoutText?: string | undefined;
  readonly cancelGraceSeconds: number;
}

/** Returns the body's value. @throws what the body threw, or the `StopReason` for which it was stopped */
export function runBody(body: () => unknown, limits: BodyLimits): MaybePromise<unknown> {
  const { clock, cancellation } = limits;
  const limit = limitOf(limits);
  let result: unknown;
  try {
    result = callHolding(body, clock, limit);
  } catch (error) {
    limit?.end();
    throw cancellation.reason ?? error;
  }
  if (isPromiseLike(result)) return stoppable(result, limits, limit);
  limit?.end();
  if (limit?.isHeldPast === true) throw neverGaveBack(limits);
  return result;
}

/** As `runBody`, for work that its runner can end by force. The timeout counts from `started()`. */
export async function runIsolatedBody(body: (started: () => void) => unknown, limits: BodyLimits): Promise<unknown> {
  const { cancellation } = limits;
  let limit: TimeLimit | null = null;
  try {
    const value = await body(() => (limit ??= limitOf(limits)));
    if (cancellation.reason?.kind === 'timeout') throw cancellation.reason;
    return value;
  } catch (error) {
    // The runner's own reason says that the body was ended by force.
    throw error instanceof StopReason ? error : (cancellation.reason ?? error);
  } finally {
    (limit as TimeLimit | null)?.end();
  }
}

function limitOf(limits: BodyLimits): TimeLimit | null {
  const { clock, cancellation, timeoutSeconds } = limits;
  return timeoutSeconds === null
    ? null
    : new TimeLimit(clock, timeoutSeconds, () => cancellation.abort(timeoutReason(limits)));
}

function neverGaveBack({
  what,
  timeoutSeconds,
  timeoutText = `its timeout of ${timeoutSeconds} s`,
  cancellation,
}: BodyLimits): StopReason {
  const reason = new StopReason(
    'timeout',
    `${what} took longer than ${timeoutText} and could not be stopped: it never gave the thread back. Run it with isolation: 'thread'.`,
  );
  cancellation.abort(reason);
  return reason;
}

function timeoutReason({
  what,
  timeoutSeconds,
  timeoutText = `its timeout of ${timeoutSeconds} s`,
}: BodyLimits): StopReason {
  return new StopReason('timeout', `${what} was not done within ${timeoutText}.`);
}

function stoppable(result: PromiseLike<unknown>, limits: BodyLimits, limit: TimeLimit | null): Promise<unknown> {
  const { clock, cancellation } = limits;
  return new Promise((resolve, reject) => {
    let graceTimer: { cancel(): void } | undefined;
    const stopListening = cancellation.onAbort((reason) => {
      const graceMs =
        reason.kind === 'timeout' ? TIMEOUT_GRACE_MS : (reason.graceSeconds ?? limits.cancelGraceSeconds) * 1000;
      graceTimer = clock.setTimer(graceMs, () => {
        reject(
          new StopReason(
            reason.kind,
            `${reason.message} Its body did not listen to its signal for ${graceMs / 1000} s and may still be running: pass runContext().signal on, or use isolation: 'thread'.`,
          ),
        );
      });
    });
    const end = (): void => {
      limit?.end();
      graceTimer?.cancel();
      stopListening();
    };
    result.then(
      (value) => {
        end();
        // A body that swallowed its abort and returned after its timeout counts as timed out.
        if (cancellation.reason?.kind === 'timeout') reject(cancellation.reason);
        // A body that computed all the time kept the timer from firing.
        else if (limit?.isHeldPast === true) reject(neverGaveBack(limits));
        else resolve(value);
      },
      (error: unknown) => {
        end();
        reject(cancellation.reason ?? (error as Error));
      },
    );
  });
}
