/**
 * A task run that is live in this process. Made for every attempt-bearing task: kept small, everything costly is made
 * on first use.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { LiveRecord } from '../client/recorder.ts';
import type { TaskRun } from '../core/task-run.ts';
import { Cancellation } from './cancellation.ts';
import type { FlowScope } from './flow-scope.ts';
import type { EnginePorts } from './ports.ts';
import type { Frame, RunContext } from './run-context.ts';
import { makeRunLogger, writeLog, type LoggerOwner, type RunLogger } from './run-logger.ts';

const NO_PARAMETERS = Object.freeze({});

export class TaskScope implements RunContext, LoggerOwner {
  readonly ports: EnginePorts;
  readonly record: LiveRecord;
  /** The flow run it belongs to; `null` outside any flow. */
  readonly flow: FlowScope | null;
  cancellation: Cancellation;
  readonly #parent: Cancellation | undefined;
  #logger: RunLogger | undefined;
  readonly #logPrints: boolean | undefined;
  #isPromised = false;

  constructor(
    ports: EnginePorts,
    record: LiveRecord,
    flow: FlowScope | null,
    parent: Cancellation | undefined,
    logPrints?: boolean,
  ) {
    this.#logPrints = logPrints;
    this.ports = ports;
    this.record = record;
    this.flow = flow;
    this.#parent = parent;
    this.cancellation = new Cancellation(parent);
  }

  get logPrints(): boolean {
    return this.#logPrints ?? this.flow?.logPrints ?? this.ports.settings.captureConsole;
  }
  get context(): RunContext {
    return this;
  }
  get flowRun(): FlowRun | null {
    return this.flow?.flowRun ?? null;
  }
  get taskRun(): TaskRun {
    return this.record.run;
  }
  get parameters(): Readonly<Record<string, unknown>> {
    return this.flow?.parameters ?? NO_PARAMETERS;
  }
  get signal(): AbortSignal {
    return this.cancellation.signal;
  }
  get attempt(): number {
    return this.record.run.runCount;
  }
  get loggerName(): string {
    return 'ostinato.task_runs';
  }
  get runName(): string {
    return this.record.run.name;
  }
  get flowRunId(): FlowRun['id'] | null {
    return this.record.run.flowRunId;
  }
  get taskRunId(): TaskRun['id'] {
    return this.record.run.id;
  }
  get logger(): RunLogger {
    return (this.#logger ??= makeRunLogger(this.ports, this));
  }
  get step(): string {
    return this.record.run.step;
  }

  /** Gives the next attempt a fresh signal after a timeout aborted the previous one. */
  renewCancellation(): void {
    this.cancellation.release();
    this.cancellation = new Cancellation(this.#parent);
  }

  /**
   * Records the run before its body calls something inside a transaction: a later attempt finds by this record what was
   * called. Without it, the run would continue under another id if its process ended before it does.
   */
  promise(): void {
    if (this.#isPromised || this.ports.within) return;
    this.#isPromised = true;
    void this.ports.recorder.settle(this.record, this.record.run.durability);
  }

  log(level: number, message: string): void {
    writeLog(this.ports, this, level, message);
  }
}

/**
 * Records the surrounding tasks first: what is called inside a task and a transaction belongs to both, also when
 * neither ends in this process.
 */
export function promiseAround(frame: Frame | null): void {
  if (frame?.transaction && frame.scope instanceof TaskScope) frame.scope.promise();
}
