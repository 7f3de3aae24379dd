/** Defines as `task(…)` and `flow(…)` do, without the rest of them. */
import { ALONE } from '../../../src/engine/alike.ts';
import { inputNames } from '../../../src/engine/input-names.ts';
import { isHeldBack, registerTask } from '../../../src/engine/registry.ts';

export function defineTask(file: string, name: string, fn: (...args: never[]) => unknown): void {
  registerTask({
    fn: fn as never,
    name,
    file,
    taskKey: name,
    sourceHash: 's',
    inputs: inputNames(() => ({ names: [], hasRest: false })),
    streams: false,
    alike: ALONE,
    options: {},
    retryDelays: [],
  });
}

/** A flow's call at the top level of a module. */
export function callAtTopLevel(): Promise<void> {
  return isHeldBack(false) ? new Promise<void>(() => {}) : Promise.resolve();
}
