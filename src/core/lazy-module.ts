/**
 * A module that most programs do without: loaded with the first call that needs it (ADR 064).
 *
 * 1. The first call returns a promise. Once the module is loaded, a call returns what the module returns, in the same
 *    turn: nothing comes in between.
 * 2. It is used where a caller awaits anyway, before a transaction begins, and never inside one.
 * 3. A composition that wants everything at once (a server, the simulation, a test) imports the module itself, and
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
  let loaded: Module | undefined;
  const call = (use: (module: Module) => unknown): unknown =>
    loaded === undefined ? load().then((module) => use((loaded = module))) : use(loaded);
  const provide = (module: Module): void => void (loaded = module);
  return Object.assign(call, { provide }) as LazyModule<Module>;
}
