/**
 * The run that surrounds the code which is running now.
 *
 * Invariant: the context travels by `AsyncLocalStorage` alone; no module-level "current run" exists, so concurrent
 * branches never see each other's.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { RunLogger } from './run-logger.ts';
import type { FlowScope } from './flow-scope.ts';
import type { TaskScope } from './task-scope.ts';
import { sharedState } from './shared-state.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { Cancellation } from './cancellation.ts';
import type { TaskShare } from './task-share.ts';

/** What user code may ask about the run it is part of. */
export interface RunContext {
  /** The flow run; `null` in a task outside any flow. */
  readonly flowRun: FlowRun | null;
  /** The task run; `null` in the body of a flow. */
  readonly taskRun: TaskRun | null;
  /** The flow's validated parameters; empty outside a flow. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Aborts on cancellation and timeout: pass it to `fetch`, timers, child processes. */
  readonly signal: AbortSignal;
  readonly logger: RunLogger;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** What the storage carries: the scope, and what surrounds the call (`withTags`, `transaction`). */
export interface Frame {
  readonly scope: FlowScope | TaskScope;
  readonly tags: readonly string[];
  readonly transaction: OpenTransaction | null;
  /** The share that receives what the task or subflow keeps in the transaction. */
  readonly share: TaskShare | null;
  /** Calls off what is called here, in place of the surrounding run: code that finishes a run must not stop with it. */
  readonly around?: Cancellation | undefined;
}

const storage = sharedState('run', () => new AsyncLocalStorage<Frame>());

export function currentFrame(): Frame | undefined {
  return storage.getStore();
}

export function runInFrame<T>(frame: Frame, body: () => T): T {
  return storage.run(frame, body);
}

/** Runs the body outside any run. */
export function runOutside<T>(body: () => T): T {
  return storage.exit(body);
}

/** The run around the caller, anywhere below a flow or task; `not-in-run` outside. */
export function runContext(): RunContext {
  const frame = storage.getStore();
  if (!frame) {
    throw new OstinatoError('not-in-run', 'There is no run here: runContext() was called outside a flow or task.', {
      remedy: 'Call it inside the body of a flow or task, or use currentRun(), which answers undefined outside.',
    });
  }
  return frame.scope.context;
}

/** As `runContext`, `undefined` outside a run. */
export function currentRun(): RunContext | undefined {
  return storage.getStore()?.scope.context;
}

/** Adds tags to every flow and task run that is created inside the body. */
export function withTags<T>(tags: readonly string[], body: () => T): T {
  const frame = storage.getStore();
  return frame
    ? storage.run({ ...frame, tags: [...new Set([...frame.tags, ...tags])] }, body)
    : tagsOutside.run(tags, body);
}

const tagsOutside = sharedState('tags', () => new AsyncLocalStorage<readonly string[]>());

export function surroundingTags(): readonly string[] {
  return storage.getStore()?.tags ?? tagsOutside.getStore() ?? [];
}
