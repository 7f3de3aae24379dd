/**
 * Ctrl-C, SIGTERM and SIGHUP while runs are active.
 *
 * Once: every run is asked to stop (signal, grace, hooks, Cancelled). Twice: the process ends now, its runs are Crashed
 * and can be continued. SIGTERM and SIGHUP (the terminal was closed) stop gracefully too, but leave the runs Crashed:
 * somebody took the machine away, nobody changed their mind. Under `nohup` a SIGHUP is nothing.
 *
 * A body that did not listen may keep the process alive for ever: once every run is over, the process lingers a little
 * for whatever the program does last, and ends. One that computes on the main thread keeps all of this from running:
 * for that there is a watchdog thread. Until it is there (`watchLater`) signals have their ordinary effect.
 */

import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { StopReason } from '../engine/cancellation.ts';
import type { EnginePorts } from '../engine/ports.ts';
import { supervisorOf } from '../engine/supervisor.ts';
import { isUnderNohup } from '../platform/hangup.ts';
import { startWatchdog, watchLater } from '../platform/watchdog.ts';
import type { ExitGuard } from './exit-guard.ts';
import { stopServing } from './serving.ts';

/** 128 and the number of the signal, as shells say it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type HandledSignal = keyof typeof EXIT_CODES;
const HANDLED = Object.keys(EXIT_CODES) as HandledSignal[];

/** Milliseconds that the program has after its runs have ended. */
const LINGER_MS = 3_000;
const LOOK_MS = 100;

export interface InterruptParts {
  readonly ports: EnginePorts;
  /** Records what is left before the process ends. */
  readonly close: () => Promise<void>;
  readonly guard: ExitGuard;
  /** Path of the file for the reason of the process's end. */
  readonly exitReason: string;
}

export interface Interrupts {
  /** The process ends: what does not listen yet never will. */
  ending(): void;
  /** Removes the handlers. */
  off(): void;
}

export function handleInterrupts(parts: InterruptParts): Interrupts {
  let off = ignoreHangup();
  const ending = watchLater(() => {
    const before = off;
    off = listen(parts);
    before();
  });
  return { ending, off: () => (ending(), off()) };
}

/** Under `nohup` a SIGHUP is nothing from the beginning. */
function ignoreHangup(): () => void {
  if (!isUnderNohup()) return () => {};
  const nothing = (): void => {};
  process.on('SIGHUP', nothing);
  return () => void process.off('SIGHUP', nothing);
}

/** @returns a function that removes the handlers */
function listen({ ports, close, guard, exitReason }: InterruptParts): () => void {
  const supervisor = supervisorOf(ports);
  let asked = 0;
  let exitCode: number | undefined;
  let quietly: (() => void) | undefined;
  // The error of a cancelled run that a program awaits would make the exit code 1.
  const onExit = (): void => {
    if (exitCode !== undefined) process.exitCode = exitCode;
  };
  const end = (code: number): void => void close().finally(() => process.exit(code));
  const onSignal = (signal: HandledSignal): void => {
    watchdog?.taken();
    if (signal === 'SIGHUP' && isUnderNohup()) return;
    // What runs may finish: only a second signal is for the runs.
    if (stopServing()) return;
    const code = EXIT_CODES[signal];
    process.exitCode = exitCode = code;
    asked += 1;
    quietly ??= endQuietly(() => end(code));
    if (supervisor.activeCount === 0) return asked > 2 ? process.exit(code) : end(code);
    if (asked === 1) {
      for (const observer of ports.observers) {
        observer.noticed?.(
          LOG_LEVELS.warning,
          signal === 'SIGINT' ? 'Cancelling. Press Ctrl-C again to stop at once.' : `Stopping (${signal}).`,
        );
      }
      supervisor.cancelAll(
        signal === 'SIGINT'
          ? new StopReason('cancel', 'Cancelled by Ctrl-C.')
          : new StopReason('crash', terminatedBy(signal)),
      );
      return endWhenIdle(ports, () => end(code));
    }
    guard.silence();
    void crashNow(ports, signal).finally(() => process.exit(code));
  };
  const handlers = HANDLED.map((signal) => [signal, (): void => onSignal(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  process.on('exit', onExit);
  // Started after the handlers: a signal that only the thread handled would have no effect.
  const watchdog = startWatchdog({
    signals: isUnderNohup() ? HANDLED.filter((signal) => signal !== 'SIGHUP') : HANDLED,
    onForced: (signal) =>
      guard.leave((where) => `${endedBy(signal)}: the main thread was busy${where} and did not hear it.`),
    exitReason: {
      path: exitReason,
      text: `${endedBy('SIGNAL')}: the main thread was busy and could not be interrupted.`,
    },
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    quietly?.();
    watchdog?.stop();
  };
}

/**
 * The error of a run that was called off comes out of a program that awaits it, and is nothing to look into: no stack
 * is printed. Any other error is told as Node tells it, and programs that hear of such errors themselves are left
 * alone.
 *
 * @returns how to take it back
 */
function endQuietly(end: () => void): () => void {
  if (process.listenerCount('uncaughtException') > 0) return () => {};
  const onUncaught = (error: unknown): void => {
    if (OstinatoError.is(error) && CALLED_OFF.includes(error.code)) return end();
    process.off('uncaughtException', onUncaught);
    setImmediate(() => {
      throw error;
    });
  };
  process.on('uncaughtException', onUncaught);
  return () => void process.off('uncaughtException', onUncaught);
}

const CALLED_OFF: readonly string[] = ['run-cancelled', 'run-crashed'];

function terminatedBy(signal: 'SIGTERM' | 'SIGHUP'): string {
  return signal === 'SIGHUP'
    ? 'The terminal of the process was closed (SIGHUP).'
    : 'The process was terminated (SIGTERM).';
}

function endedBy(signal: string): string {
  return `The process was ended by ${signal}`;
}

/**
 * Ends the process when no run is left. The timer keeps nothing alive: a program that has nothing left to do ends
 * before.
 */
function endWhenIdle(ports: EnginePorts, end: () => void, idleMs = 0): void {
  if (idleMs >= LINGER_MS) return end();
  ports.clock.setTimer(
    LOOK_MS,
    () => endWhenIdle(ports, end, supervisorOf(ports).activeCount === 0 ? idleMs + LOOK_MS : 0),
    { unref: true },
  );
}

/** Marks every root run Crashed at once, whatever its bodies do. */
async function crashNow(ports: EnginePorts, signal: string): Promise<void> {
  for (const scope of supervisorOf(ports).roots()) {
    try {
      await ports.client.setFlowRunState({
        id: scope.flowRun.id,
        state: { type: 'CRASHED', message: `Stopped at once by a second ${signal}.`, evidence: signal },
        force: true,
      });
    } catch (error) {
      // The process ends in any case; the next one finds the run by its lease.
      if (!OstinatoError.is(error)) throw error;
    }
  }
}
