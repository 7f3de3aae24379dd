/** Faults that a test asks for: what goes wrong, in which task, at which attempt. */

import type { TaskRun } from '../core/task-run.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { FaultInjector } from '../engine/ports.ts';

interface FaultTarget {
  /** Name of the task, or of one task run (`load-2`). */
  readonly task: string;
  /** 1, 2, …; several; absent: every attempt. */
  readonly attempt?: number | readonly number[];
  /** Narrows it further, for instance to one flow run. */
  readonly when?: (run: TaskRun) => boolean;
}

/** When the process ends: before the body, after it but before its end is recorded, or right after that. */
export type CrashMoment = 'before' | 'unrecorded' | 'recorded';

export type Fault = FaultTarget &
  /** The attempt fails with this, its body does not run. */
  (
    | { readonly throw: unknown }
    /** The body starts that much later; together with another fault, that one strikes then. */
    | { readonly delaySeconds: number }
    /** The body never starts, never ends and does not listen to its signal. */
    | { readonly hang: true }
    /** The process ends, as by `kill -9`. Happens once. `true` is `before`. */
    | { readonly crash: true | CrashMoment }
  );

const HANGS: Promise<never> = new Promise(() => {});

export class Faults {
  readonly #list: Fault[];
  readonly #spent = new Set<Fault>();

  constructor(list: readonly Fault[]) {
    this.#list = [...list];
  }

  add(...faults: readonly Fault[]): void {
    this.#list.push(...faults);
  }

  clear(): void {
    this.#list.length = 0;
  }

  /** The faults of one process: they stand in its ports. */
  injector(clock: Clock, crash: (run: TaskRun) => void): FaultInjector {
    return ({ name, attempt, run }) => {
      const fault = this.#list.find(
        (each) =>
          matches(each, name, attempt, run) &&
          !('crash' in each && (this.#spent.has(each) || momentOf(each.crash) !== 'before')),
      );
      if (!fault) return undefined;
      const strike = (): void | Promise<void> => {
        if ('throw' in fault) throw fault.throw;
        if ('crash' in fault) {
          this.#spent.add(fault);
          crash(run);
        }
        return 'crash' in fault || 'hang' in fault ? HANGS : undefined;
      };
      return 'delaySeconds' in fault ? sleep(clock, fault.delaySeconds * 1000).then(strike) : strike();
    };
  }

  /** Whether the process ends now that this run is about to be recorded, or was. */
  crashesAtEnd(run: TaskRun, moment: CrashMoment): boolean {
    const fault = this.#list.find(
      (each) =>
        'crash' in each &&
        !this.#spent.has(each) &&
        momentOf(each.crash) === moment &&
        matches(each, run.taskName, run.runCount, run),
    );
    if (fault) this.#spent.add(fault);
    return fault !== undefined;
  }
}

function momentOf(crash: true | CrashMoment): CrashMoment {
  return crash === true ? 'before' : crash;
}

function matches(fault: Fault, name: string, attempt: number, run: TaskRun): boolean {
  if (fault.task !== name && fault.task !== run.name) return false;
  if (
    fault.attempt !== undefined &&
    !(typeof fault.attempt === 'number' ? fault.attempt === attempt : fault.attempt.includes(attempt))
  )
    return false;
  return fault.when?.(run) ?? true;
}
