/** Hooks: user code beside the run. One that throws is logged and never changes the run. */

import type { MaybePromise } from '../core/maybe-promise.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { thrownTrace } from '../core/show-value.ts';
import type { State } from '../core/state.ts';
import type { Hook } from './definitions.ts';
import { runInFrame, type Frame } from './run-context.ts';

export function runHooks<Run>(
  hooks: Hook<Run> | readonly Hook<Run>[] | undefined,
  kind: string,
  run: Run,
  state: State,
  frame: Frame,
): MaybePromise<void> {
  if (hooks === undefined) return undefined;
  return runEach(typeof hooks === 'function' ? [hooks] : hooks, kind, (hook) => hook(run, state), frame);
}

/** Runs the hooks one after the other inside the run's context. */
export async function runEach<H>(
  hooks: readonly H[],
  kind: string,
  call: (hook: H) => unknown,
  frame: Frame,
): Promise<void> {
  for (const hook of hooks) await runHook(() => call(hook), hook, kind, frame);
}

/** Returns whether the hook ended without throwing. */
export async function runHook(call: () => unknown, hook: unknown, kind: string, frame: Frame): Promise<boolean> {
  try {
    await runInFrame(frame, call);
    return true;
  } catch (error) {
    const text = thrownTrace(error);
    frame.scope.log(
      LOG_LEVELS.error,
      `The ${kind} hook ${(hook as { name?: string }).name || '(anonymous)'} threw; the run goes on. ${text}`,
    );
    return false;
  }
}
