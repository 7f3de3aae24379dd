/** A flow run that is live in this process: what its tasks and subflows share. */

import type { FlowRun } from '../core/flow-run.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { thrownText } from '../core/show-value.ts';
import type { StepLedger } from '../core/step-identity.ts';
import { whyAlike } from './alike.ts';
import { Cancellation, StopReason } from './cancellation.ts';
import type { FlowDefinition } from './definitions.ts';
import type { RunFuture } from './future.ts';
import { MapFuture } from './map-future.ts';
import type { EnginePorts } from './ports.ts';
import type { RunContext } from './run-context.ts';
import { makeRunLogger, writeLog, type LoggerOwner, type RunLogger } from './run-logger.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { TakenStep } from './step.ts';
import { Slots } from './slots.ts';
import { asyncRunner, type TaskRunnerSession } from './task-runner.ts';
import type { TransactionBook } from './transaction-book.ts';

/** Failed futures kept for the report; a fan-out may fail a million times. */
const FAILURES_KEPT_MAX = 20;
/** How many of them a message names. */
const NAMED_MAX = 5;

export interface OpenedStep {
  readonly recorded: TakenStep | undefined;
  readonly ordinal: number;
}

/** Failures that no code has observed: their count, and some to be named. */
interface Failures {
  unobserved: number;
  readonly kept: RunFuture<unknown>[];
}

/** How a run went on from a step's failure by the step's own options. */
export type Detour = 'fallback' | 'optional';

/** Where the steps of a flow run are numbered and looked up, when that is another thread or process. */
export interface StepRegistry {
  /**
   * Numbers a step, and takes what an earlier attempt recorded of it under the first of these identities that has
   * something.
   */
  open(taskKey: string, steps: readonly string[]): Promise<OpenedStep>;
  countReused(): void;
  /** Distinguishes the fan-outs of this task's body from those of others. */
  readonly mapPrefix: string;
}

export class FlowScope implements RunContext, LoggerOwner {
  readonly ports: EnginePorts;
  readonly definition: FlowDefinition;
  readonly parent: FlowScope | null;
  readonly cancellation: Cancellation;
  readonly slots: Slots;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Steps recorded by earlier attempts; `null` in a first attempt, which has nothing to look up. */
  ledger: StepLedger | null = null;
  /** Set in an isolate; `null` where the flow itself runs. */
  stepRegistry: StepRegistry | null = null;
  flowRun: FlowRun;
  #session: TaskRunnerSession | undefined;
  #logger: RunLogger | undefined;
  #active = 0;
  #idle: (() => void)[] = [];
  #failures: Failures = { unobserved: 0, kept: [] };
  #lastYield: number;
  #maps = 0;
  readonly #streams: { release(): void }[] = [];
  readonly #ordinals = new Map<string, number>();
  #equals: Map<string, number> | undefined;
  #unsureTold: Set<string> | undefined;
  /** Transactions whose bodies have not ended. */
  readonly transactions = new Set<OpenTransaction>();
  /** Transactions of earlier attempts; `null` when there are none. */
  book: TransactionBook | null = null;
  /** The attempt was begun by another process, or by an earlier call in this one. */
  isContinued = false;
  /** The earlier run of a subflow that this one is made in place of, since its transaction was rolled back. */
  replaced: FlowRun['id'] | null = null;
  /** Number of transactions around the run itself. */
  depth = 0;
  /** Why no further step may begin. */
  over: StopReason | undefined;
  /** Number of steps whose recorded result was used. */
  reused = 0;

  constructor(
    ports: EnginePorts,
    definition: FlowDefinition,
    flowRun: FlowRun,
    parameters: unknown,
    parent: FlowScope | null,
    around: Cancellation | undefined = parent?.cancellation,
  ) {
    this.ports = ports;
    this.definition = definition;
    this.flowRun = flowRun;
    this.parent = parent;
    this.cancellation = new Cancellation(around);
    const runner = definition.options.taskRunner;
    this.slots = new Slots(runner?.concurrency ?? ports.settings.concurrency);
    this.parameters =
      typeof parameters === 'object' && parameters !== null ? (parameters as Record<string, unknown>) : {};
    this.#lastYield = ports.clock.now();
  }

  get logPrints(): boolean {
    return this.definition.options.logPrints ?? this.ports.settings.captureConsole;
  }
  get context(): RunContext {
    return this;
  }
  get taskRun(): null {
    return null;
  }
  get signal(): AbortSignal {
    return this.cancellation.signal;
  }
  get attempt(): number {
    return this.flowRun.runCount;
  }
  get loggerName(): string {
    return 'ostinato.flow_runs';
  }
  get runName(): string {
    return this.flowRun.name;
  }
  get flowRunId(): FlowRun['id'] {
    return this.flowRun.id;
  }
  get taskRunId(): null {
    return null;
  }
  get flow(): FlowScope {
    return this;
  }
  get root(): FlowScope {
    return this.parent?.root ?? this;
  }
  get logger(): RunLogger {
    return (this.#logger ??= makeRunLogger(this.ports, this));
  }
  get session(): TaskRunnerSession {
    return (this.#session ??= (this.definition.options.taskRunner ?? asyncRunner()).open(this.ports));
  }
  /** The identity of the surrounding step, which is part of the identity of nested steps. */
  get step(): string {
    return '';
  }

  log(level: number, message: string): void {
    writeLog(this.ports, this, level, message);
  }

  /** Names the next fan-out of this run. */
  nextMapId(taskKey: string): string {
    this.#maps += 1;
    return this.stepRegistry ? `${taskKey}-${this.stepRegistry.mapPrefix}-${this.#maps}` : `${taskKey}-${this.#maps}`;
  }

  /** 0, 1, 2 … for the runs of one task in this attempt; part of their default names. */
  nextOrdinal(taskKey: string): number {
    const ordinal = this.#ordinals.get(taskKey) ?? 0;
    this.#ordinals.set(taskKey, ordinal + 1);
    return ordinal;
  }

  /** 0, 1, 2 … for steps of one name in this attempt. */
  nextEqual(step: string): number {
    this.#equals ??= new Map();
    const nth = this.#equals.get(step) ?? 0;
    this.#equals.set(step, nth + 1);
    return nth;
  }

  /** Logs, once a task, that a finished step is done again because its inputs cannot be compared. */
  tellUnsure(taskName: string, parts: readonly string[]): void {
    this.#unsureTold ??= new Set();
    if (this.#unsureTold.has(taskName)) return;
    this.#unsureTold.add(taskName);
    const what = parts.length === 0 ? 'what the call around it was given' : parts.slice(0, 3).join(', ');
    this.log(
      LOG_LEVELS.warning,
      `${taskName} may have finished in an earlier attempt, but runs again: ${what} cannot be compared by content (a function, an instance of a class, a connection), so its result could be another call's. Wrap what does not matter in opaque(…), give the call a key, or pass plain data.`,
    );
  }

  /** As `tellUnsure`, for a task that cannot be told from another one. */
  tellAlike(name: string, kind: 'tasks' | 'flows'): void {
    this.#unsureTold ??= new Set();
    if (this.#unsureTold.has(name)) return;
    this.#unsureTold.add(name);
    this.log(
      LOG_LEVELS.warning,
      `${name} may have finished in an earlier attempt, but runs again: ${whyAlike(name, kind)}.`,
    );
  }

  /**
   * Counts a step whose recorded result was used. It gets its number, so that later steps get the same ones as before.
   */
  countReused(taskKey: string): void {
    if (this.stepRegistry) return this.stepRegistry.countReused();
    this.nextOrdinal(taskKey);
    this.reused += 1;
  }

  started(): void {
    this.#active += 1;
  }

  /** Names of steps whose failure the run went on from, by how: told with its end. */
  readonly detours: Readonly<Record<Detour, string[]>> = { fallback: [], optional: [] };

  /** A step has ended. A failure is remembered until the flow observes or returns it. */
  ended(future: RunFuture<unknown> | null): void {
    this.#active -= 1;
    if (future?.outcome && !future.outcome.ok && !future.observed) this.#remember(future);
    if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #remember(future: RunFuture<unknown>): void {
    const failures = this.#failures;
    const count = Math.max(1, future instanceof MapFuture ? future.failedCount : 1);
    failures.unobserved += count;
    if (failures.kept.length < FAILURES_KEPT_MAX) failures.kept.push(future);
    future.onObserved(() => {
      failures.unobserved -= count;
      const at = failures.kept.indexOf(future);
      if (at >= 0) failures.kept.splice(at, 1);
    });
  }

  /**
   * While the body runs, somebody may read the stream. When the body has ended or is stopped, the generator no longer
   * waits for a reader.
   */
  watchStream(stream: { release(): void }, cancellation: Cancellation): void {
    this.#streams.push(stream);
    cancellation.onAbort(() => stream.release());
  }

  /** The flow's function has returned or thrown. */
  bodyEnded(): void {
    for (const stream of this.#streams.splice(0)) stream.release();
  }

  /** Resolves when no step is in flight, including steps that start meanwhile. */
  async whenIdle(): Promise<void> {
    while (this.#active > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Resolves when no step and no transaction's body is in progress, awaited or not. */
  async whenDone(): Promise<void> {
    await this.whenIdle();
    for (;;) {
      const [open] = this.transactions;
      if (open === undefined) return;
      await open.ended;
      await this.whenIdle();
    }
  }

  /** As `whenIdle`; from then on no step begins. Code that the body left running stops at its next call. */
  async endSteps(): Promise<void> {
    await this.whenIdle();
    this.over = new StopReason(
      'sibling',
      `Flow run ${this.flowRun.name} had ended when this was called: it was called by code that the flow did not wait for.`,
    );
  }

  /** Failures that no code has observed. */
  unobservedFailures(): { readonly count: number; readonly names: readonly string[] } {
    const { unobserved, kept } = this.#failures;
    return {
      count: unobserved,
      names: kept
        .flatMap((future) =>
          future instanceof MapFuture && future.failedCount > 0 ? future.failedNames(NAMED_MAX) : [future.name],
        )
        .slice(0, NAMED_MAX),
    };
  }

  forgetFailures(): void {
    this.#failures = { unobserved: 0, kept: [] };
  }

  /**
   * Yields to the event loop every few milliseconds: a loop of steps that never wait would starve signals, timers and
   * heartbeats.
   */
  breathe(): Promise<void> | undefined {
    const now = this.ports.clock.now();
    if (now - this.#lastYield < 10_000) return undefined;
    return this.ports.clock.yieldToEventLoop().then(() => {
      this.#lastYield = this.ports.clock.now();
    });
  }

  async close(): Promise<void> {
    this.cancellation.release();
    try {
      await this.#session?.close();
    } catch (error) {
      this.log(LOG_LEVELS.warning, `The task runner did not close cleanly: ${thrownText(error)}`);
    }
  }
}
