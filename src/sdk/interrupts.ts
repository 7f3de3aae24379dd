/**
 * Ctrl-C and SIGTERM while runs are active.
 *
 * Once: every run is asked to stop (signal, grace, hooks, Cancelled). Twice: the process ends now, its runs are Crashed and
 * can be continued. SIGTERM stops gracefully too, but leaves the runs Crashed: somebody took the machine away, nobody
 * changed their mind.
 *
 * A body that did not listen may keep the process alive for ever: once every run is over, the process lingers a little for
 * whatever the program does last, and ends.
 */

import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { EnginePorts } from '../engine/ports.ts';
import { StopReason } from '../engine/cancellation.ts';
import { supervisorOf } from '../engine/supervisor.ts';

const EXIT_INTERRUPTED = 130;
const EXIT_TERMINATED = 143;

/** For the program's own last words after its runs have ended. */
const LINGER_MS = 3_000;
const LOOK_MS = 100;

/** @param close records what is left, before the process ends */
export function handleInterrupts(ports: EnginePorts, close: () => Promise<void>): () => void {
  const supervisor = supervisorOf(ports);
  let asked = 0;
  const end = (exitCode: number): void => void close().finally(() => process.exit(exitCode));
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const exitCode = signal === 'SIGINT' ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    process.exitCode = exitCode;
    asked += 1;
    if (supervisor.activeCount === 0) return asked > 2 ? process.exit(exitCode) : end(exitCode);
    if (asked === 1) {
      for (const observer of ports.observers) {
        observer.noticed?.(LOG_LEVELS.warning, signal === 'SIGINT' ? 'Cancelling. Press Ctrl-C again to stop at once.' : 'Stopping (SIGTERM).');
      }
      supervisor.cancelAll(signal === 'SIGINT' ? new StopReason('cancel', 'Cancelled by Ctrl-C.') : new StopReason('crash', 'The process was terminated (SIGTERM).'));
      return endWhenIdle(ports, () => end(exitCode));
    }
    void crashNow(ports, signal).finally(() => process.exit(exitCode));
  };
  const onInt = (): void => onSignal('SIGINT');
  const onTerm = (): void => onSignal('SIGTERM');
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return () => {
    process.off('SIGINT', onInt);
    process.off('SIGTERM', onTerm);
  };
}

/** Keeps nothing alive: a program that has nothing left to do ends before. */
function endWhenIdle(ports: EnginePorts, end: () => void, idleMs = 0): void {
  if (idleMs >= LINGER_MS) return end();
  ports.clock.setTimer(LOOK_MS, () => endWhenIdle(ports, end, supervisorOf(ports).activeCount === 0 ? idleMs + LOOK_MS : 0), { unref: true });
}

async function crashNow(ports: EnginePorts, signal: string): Promise<void> {
  for (const scope of supervisorOf(ports).roots()) {
    try {
      await ports.client.setFlowRunState({ id: scope.flowRun.id, state: { type: 'CRASHED', message: `Stopped at once by a second ${signal}.`, evidence: signal }, force: true });
    } catch (error) {
      // The process ends in any case; the next one finds the run by its lease.
      if (!OstinatoError.is(error)) throw error;
    }
  }
}
