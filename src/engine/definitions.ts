/** What `flow(…)` and `task(…)` hold on to: the function and its options, normalised once. */

import type { Alike } from './alike.ts';
import type { CachePolicy } from '../core/cache-policy.ts';
import type { OnCrash } from '../core/deployment.ts';
import type { Failure } from '../core/failure.ts';
import type { Durability } from '../core/durability.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { State } from '../core/state.ts';
import type { Isolation, TaskRun } from '../core/task-run.ts';
import type { RetryDelay } from '../core/retry.ts';
import type { InputNames } from './input-names.ts';
import type { TaskRunner } from './task-runner.ts';
import type { TransactionHook } from './transaction-hook.ts';

/** A task, as another one names it for its fallback. */
export interface FallbackTask<Args extends readonly unknown[], Result> {
  readonly taskName: string;
  readonly fn: (...args: Args) => Result | PromiseLike<Result>;
}

/** What stands in for a failed task: see `TaskOptions.fallback`. */
export type Fallback<Args extends readonly unknown[], Result> =
  | ((failure: Failure, ...args: Args) => Result | PromiseLike<Result>)
  | FallbackTask<Args, Result>;

export type Hook<Run> = (run: Run, state: State) => unknown;

/**
 * @typeParam Args what the task is called with, for its hooks
 * @typeParam Result what awaiting it gives
 * @typeParam Gives what its fallback may give: the same, or nothing where the options are for any task
 */
export interface TaskOptions<Args extends readonly unknown[] = readonly unknown[], Result = unknown, Gives = never> {
  /** Default: the function's name. */
  readonly name?: string;
  /** Recorded with each run, and shown with it. */
  readonly description?: string;
  /** Shown on runs; the hash of the source is recorded besides. */
  readonly version?: string;
  readonly tags?: readonly string[];
  /** How many times a failed attempt is followed by another. Default 0. */
  readonly retries?: number;
  /** Seconds before the next attempt: one number, a list (the last one repeats), or `exponential(…)`. Default 0. */
  readonly retryDelaySeconds?: RetryDelay;
  /** 0…: each delay is spread by up to this fraction, so that many clients do not come back at once. Default 0. */
  readonly retryJitterFactor?: number;
  /** Asked after a failure while retries are left; `false` makes it final. */
  readonly retryIf?: (error: unknown, run: TaskRun) => boolean | Promise<boolean>;
  /** Of one attempt. The body's signal aborts, then its thread or process is ended where it has one. */
  readonly timeoutSeconds?: number;
  /** What a cached result depends on; default: no cache. */
  readonly cache?: CachePolicy;
  readonly cacheExpirationSeconds?: number;
  /** Run again and replace what the cache holds. */
  readonly refreshCache?: boolean;
  /**
   * Keep the result, so that a resumed run need not do it again. Default: true with a cache or a `resultName`, else the
   * setting `results.persist` (true).
   */
  readonly persistResult?: boolean;
  /**
   * Where the result lies in the result store: a path (`"daily/{date}.json"`, a template over the arguments, or a
   * function of them). The newest result of a name replaces the one before. Default: small results lie with their run,
   * large ones under the hash of their content.
   */
  readonly resultName?: string | ((inputs: Readonly<Record<string, unknown>>) => string);
  /** Template over the arguments (`"load {date}"`) or a function of them. */
  readonly runName?: string | ((inputs: Readonly<Record<string, unknown>>) => string);
  readonly durability?: Durability;
  /**
   * Where the body runs: `signal` in this thread (default), `thread`, or `process`; the last two can be ended by force.
   * Tasks and flows that such a body calls run where it does, recorded as everywhere. In a transaction around it they
   * count, too, but tasks with hooks of transactions are refused there.
   */
  readonly isolation?: Isolation;
  /** Tells apart calls that the call site and the inputs cannot, and names those whose arguments cannot be compared. */
  readonly key?: string;
  /** Futures to wait for without taking their values. */
  readonly waitFor?: readonly unknown[];
  /**
   * What stands in for it once it has failed for good: a function of the failure and the arguments, or another task,
   * which gets the same arguments. Recorded as a step of its own, with the reason; a continued run takes it from there.
   */
  readonly fallback?: Fallback<Args, Gives>;
  /** Its failure leaves the flow as it is: awaiting it gives `undefined`, and the flow's end tells of it. */
  readonly optional?: boolean;
  /**
   * `console.*` in the body becomes log records. Default: what the flow says, else the setting `log.capture_console`
   * (true).
   */
  readonly logPrints?: boolean;
  readonly onRunning?: Hook<TaskRun> | readonly Hook<TaskRun>[];
  readonly onCompletion?: Hook<TaskRun> | readonly Hook<TaskRun>[];
  readonly onFailure?: Hook<TaskRun> | readonly Hook<TaskRun>[];
  /**
   * When the transaction around it commits: `({ result, inputs, get }) => …`. Runs to its end once over all attempts of
   * the run; one that was killed in the middle runs again. One that throws is logged and has ended.
   */
  readonly onCommit?: TransactionHook<Args, Result> | readonly TransactionHook<Args, Result>[];
  /** When the transaction around it rolls back, in reverse order. Otherwise as `onCommit`. */
  readonly onRollback?: TransactionHook<Args, Result> | readonly TransactionHook<Args, Result>[];
}

export interface TaskDefinition {
  readonly fn: (this: unknown, ...args: unknown[]) => unknown;
  readonly name: string;
  readonly taskKey: string;
  /** `null` for a body without readable source. */
  readonly sourceHash: string;
  readonly alike: Alike;
  readonly inputs: InputNames;
  readonly streams: boolean;
  /** Absolute path of the file that defined it; a worker thread or process imports it again. */
  readonly file: string;
  readonly options: TaskOptions;
  readonly retryDelays: readonly number[];
}

export interface FlowOptions {
  /** Default: the function's name. */
  readonly name?: string;
  /** Recorded with the flow, and shown with it and its runs. */
  readonly description?: string;
  /** Default: the hash of the function's source. */
  readonly version?: string;
  readonly tags?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** A retry runs the whole function again; steps that finished are not repeated. Default 0. */
  readonly retries?: number;
  readonly retryDelaySeconds?: RetryDelay;
  /**
   * Of one attempt, from its first start, by the clock on the wall. An attempt whose process is gone goes on with what
   * is left of it: the time that the run was down counts. A retry after a failure has all of it again.
   */
  readonly timeoutSeconds?: number;
  /** Template over the parameters or a function of them; default: adjective and animal. */
  readonly runName?: string | ((parameters: Readonly<Record<string, unknown>>) => string);
  /** Keep the flow's own result. Default: the setting `results.persist` (true). */
  readonly persistResult?: boolean;
  readonly durability?: Durability;
  /**
   * One run a key: a call whose key is taken waits for that run and answers its outcome. A text, or a function of the
   * parameters.
   */
  readonly idempotencyKey?: string | ((parameters: Readonly<Record<string, unknown>>) => string);
  readonly taskRunner?: TaskRunner;
  /** As a subflow: its failure leaves the flow around it as it is, see `TaskOptions.optional`. */
  readonly optional?: boolean;
  /**
   * `automatic`: when its process is gone, the next process that starts this flow continues the run. Default `manual`.
   */
  readonly resume?: 'manual' | 'automatic';
  /**
   * Of its deployments, unless they say otherwise: which runs share the slots of their `concurrencyLimit`, by the
   * parameters: `(p) => p.customer`, or `'parameters.customer'`. A function may only name parameters.
   */
  readonly concurrencyKey?: string | ((parameters: Readonly<Record<string, unknown>>) => unknown);
  /**
   * Of its deployments, unless they say otherwise: what becomes of a run whose process was lost: nothing (`leave`, the
   * default), it goes on where it stood (`resume`), or another one begins anew (`retry`). Five attempts at most.
   */
  readonly onCrash?: OnCrash;
  /** `console.*` in the flow and its tasks becomes log records. Default: the setting `log.capture_console` (true). */
  readonly logPrints?: boolean;
  readonly onRunning?: Hook<FlowRun> | readonly Hook<FlowRun>[];
  readonly onCompletion?: Hook<FlowRun> | readonly Hook<FlowRun>[];
  readonly onFailure?: Hook<FlowRun> | readonly Hook<FlowRun>[];
  readonly onCancellation?: Hook<FlowRun> | readonly Hook<FlowRun>[];
  readonly onCrashed?: Hook<FlowRun> | readonly Hook<FlowRun>[];
}

/** The result of checking parameters: the coerced ones, or what is wrong with which field. */
export type Validation =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly problems: readonly { readonly field: string; readonly rule: string; readonly value: unknown }[];
    };

export interface FlowDefinition {
  readonly fn: (this: unknown, parameters: unknown) => unknown;
  readonly name: string;
  readonly version: string;
  readonly alike: Alike;
  readonly streams: boolean;
  readonly file: string;
  readonly options: FlowOptions;
  readonly retryDelays: readonly number[];
  readonly validate: ((parameters: unknown) => Validation | Promise<Validation>) | null;
}
