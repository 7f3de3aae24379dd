/**
 * A module that most programs do without: loaded with the first call that needs it (ADR 064).
 *
 * 1. The first call returns a promise. Once the module is loaded, a call returns what the module returns, in the same
 *    turn: nothing comes in between.
 * 2. Calls are carried out in the order in which they were made, those that wait for the module included.
 * 3. It is used where a caller awaits anyway, before a transaction of the store begins, and never inside one.
 * 4. A composition that wants everything at once (a server, the simulation, a test) imports the module itself, and
 *    provides it: then no call waits.
 */

import type { MaybePromise } from './maybe-promise.ts';

export interface LazyModule<Module> {
  /** Calls with the module, which is loaded before when nobody has needed it yet. */
  <T>(use: (module: Module) => Promise<T>): Promise<T>;
  <T>(use: (module: Module) => MaybePromise<T>): MaybePromise<T>;
  provide(module: Module): void;
}

export function lazyModule<Module>(load: () => Promise<Module>): LazyModule<Module> {
  let loading: Promise<Module> | undefined;
  let loaded: Module | undefined;
  let waiting = 0;
  const once = async (): Promise<Module> => {
    try {
      return (loaded = await load());
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  const call = (use: (module: Module) => unknown): unknown => {
    if (loaded !== undefined && waiting === 0) return use(loaded);
    waiting += 1;
    return (loading ??= once()).then(
      (module) => {
        waiting -= 1;
        return use(module);
      },
      (error: unknown) => {
        waiting -= 1;
        throw error;
      },
    );
  };
  const provide = (module: Module): void => void (loaded = module);
  return Object.assign(call, { provide }) as LazyModule<Module>;
}
