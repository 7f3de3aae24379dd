/**
 * A process that ends in the middle of its runs: `process.exit()` in a task, an error that nobody caught, a promise
 * that nothing can settle any more.
 *
 * 1. It says so, and its exit code is not 0: what was asked for was not done.
 * 2. Nothing can be awaited on the way out: the reason is left as last words, and the run is marked Crashed with it by
 *    whoever looks next. Steps that were finished are in the journal already.
 * 3. While the event loop still turns (nothing is left in it, but runs are not over) the runs end by the ordinary
 *    rules: Crashed, with their hooks.
 */

import { failureLine } from '../core/failure-line.ts';
import { toFailureInfo } from '../core/codec.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { isTerminal } from '../core/state.ts';
import { StopReason } from '../engine/cancellation.ts';
import type { EnginePorts } from '../engine/ports.ts';
import { currentFrame, type Frame } from '../engine/run-context.ts';
import { supervisorOf } from '../engine/supervisor.ts';
import { writeExitReason } from '../platform/exit-reason.ts';

const EXIT_RUN_FAILED = 1;
/** Seconds for bodies that listen to their signal to tidy up; the others can never end. */
const HOPELESS_GRACE_SECONDS = 0.25;
const HOPELESS =
  'Nothing is left in the event loop that could settle what the run still waits for, so it would never have ended.';

export interface ExitGuard {
  /** Nothing is reported any more: the end of the runs is recorded already, or must not be. */
  silence(): void;
  /** Prints and writes down why the process ends now, when runs are in progress. Synchronous. */
  leave(reason: (where: string) => string): void;
  /**
   * Ends runs in progress that nothing can finish. @returns whether there were any: then the event loop has work again
   */
  endHopeless(): boolean;
  off(): void;
}

/** @param exitReason path of the file for the reason */
export function guardExits(ports: EnginePorts, exitReason: string): ExitGuard {
  const supervisor = supervisorOf(ports);
  let [isSilent, isHopeless] = [false, false];
  let uncaught: { readonly error: unknown; readonly where: string } | null = null;
  const notice = (message: string): void => {
    for (const observer of ports.observers) observer.noticed?.(LOG_LEVELS.error, message);
  };
  const inProgress = (): boolean =>
    supervisor.outsideCount > 0 || supervisor.roots().some(({ flowRun }) => !isTerminal(flowRun.state));

  const leave = (reason: (where: string) => string): void => {
    if (isSilent || !inProgress()) return;
    isSilent = true;
    const words = reason(whereOf(currentFrame()));
    notice(words);
    writeExitReason(exitReason, words);
    // Records runs that have begun, as far as the store takes them synchronously.
    void ports.recorder.flush();
  };
  const onUncaught = (error: unknown): void => {
    uncaught ??= { error, where: whereOf(currentFrame()) };
  };
  const onExit = (code: number): void => {
    if (isSilent || !inProgress()) return;
    leave((where) =>
      uncaught === null
        ? `process.exit(${code}) was called${where} while the run was in progress.`
        : `An error that nobody caught ended the process${uncaught.where} while the run was in progress: ${failureLine(toFailureInfo(uncaught.error)).replace(/\.?$/, '.')}`,
    );
    if (code === 0) process.exitCode = EXIT_RUN_FAILED;
  };
  process.on('uncaughtExceptionMonitor', onUncaught);
  process.on('exit', onExit);
  return {
    silence: () => void (isSilent = true),
    leave,
    endHopeless: () => {
      if (isHopeless || !inProgress()) return false;
      isHopeless = true;
      notice(HOPELESS);
      supervisor.cancelAll(new StopReason('crash', HOPELESS, { graceSeconds: HOPELESS_GRACE_SECONDS }));
      return true;
    },
    off: () => {
      process.off('uncaughtExceptionMonitor', onUncaught);
      process.off('exit', onExit);
    },
  };
}

/** ` in task run "load-0" of flow run "brave-otter"`; empty when the caller is in no run. */
function whereOf(frame: Frame | undefined): string {
  if (frame === undefined) return '';
  const { taskRun, flow } = frame.scope;
  const parts = [
    taskRun === null ? '' : `task run "${taskRun.name}"`,
    flow === null ? '' : `flow run "${flow.flowRun.name}"`,
  ].filter((part) => part !== '');
  return ` in ${parts.join(' of ')}`;
}
