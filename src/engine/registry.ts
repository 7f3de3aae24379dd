/**
 * What this process has defined, and whether calls may run.
 *
 * 1. One registry a process, also when two copies of the package are loaded: a task is found by whoever looks for it.
 * 2. In the modes `library` and `isolate` a module is imported for its definitions only: calls at its top level start
 *    nothing.
 * 3. A definition may be used once its module is evaluated, or stands at a call that was held back: everything above
 *    that line is initialised, as it is when the program itself runs.
 */

import type { Clock, Timer } from '../core/time.ts';
import type { FlowDefinition, TaskDefinition } from './definitions.ts';

/**
 * `normal`: calls run. `library`: a module was imported to find a definition in it (to continue a run), so calls
 * outside a run are held back. `isolate`: this thread or process runs task bodies for another one, and starts no run by
 * itself.
 */
export type LoadMode = 'normal' | 'library' | 'isolate';

/** Bound of memory for programs that make tasks or flows in a loop: the oldest are dropped. */
const DEFINITIONS_KEPT_MAX = 10_000;
/** Flows of one name in one file that are told apart. */
const VERSIONS_MAX = 100;
/** A call that was held back need not be awaited: definitions after it get this many milliseconds to appear. */
const AFTER_HELD_BACK_MS = 500;
/**
 * A module that does not finish (it serves, it waits) is checked at this interval: what it has defined so far is used.
 */
const CHECK_AGAIN_MS = 5000;
/** A module that has defined nothing after so many checks is given up. */
const CHECKS_MAX = 11;

export interface RegisteredFlow {
  readonly definition: FlowDefinition;
  /** What `flow(…)` gave the user. */
  readonly callable: unknown;
}

interface Registry {
  readonly tasks: Map<string, TaskDefinition>;
  readonly flows: Map<string, RegisteredFlow>;
  /** All flows of one name in one file, by version. */
  readonly versions: Map<string, Map<string, RegisteredFlow>>;
  readonly heldBackListeners: Set<() => void>;
  mode: LoadMode;
}

const KEY = Symbol.for('ostinato.registry');

function registry(): Registry {
  const home = globalThis as { [KEY]?: Registry };
  return (home[KEY] ??= {
    tasks: new Map(),
    flows: new Map(),
    versions: new Map(),
    heldBackListeners: new Set(),
    mode: 'normal',
  });
}

const shared = registry();

/** A task of the same key in the same file replaces the one before. */
export function registerTask(definition: TaskDefinition): void {
  keep(shared.tasks, inFile(definition.file, definition.taskKey), definition);
}

export function findTask(taskKey: string, file: string): TaskDefinition | undefined {
  return shared.tasks.get(inFile(file, taskKey));
}

/** Every task that this process has defined, in the order of their definition. */
export function listTasks(): readonly TaskDefinition[] {
  return [...shared.tasks.values()];
}

/** A flow of the same name in the same file replaces the one before. */
export function registerFlow(definition: FlowDefinition, callable: unknown): void {
  const key = inFile(definition.file, definition.name);
  const registered = { definition, callable };
  keep(shared.flows, key, registered);
  const versions = shared.versions.get(key) ?? new Map<string, RegisteredFlow>();
  if (versions.size < VERSIONS_MAX) versions.set(definition.version, registered);
  keep(shared.versions, key, versions);
}

/** Whether another flow of this name and file, with this version, was defined here: a run of it is not this one's. */
export function isOfAnotherFlow(version: string | null, { name, file, version: own }: FlowDefinition): boolean {
  return version !== null && version !== own && shared.versions.get(inFile(file, name))?.has(version) === true;
}

/** The one of this version; when there is none (the code was edited), the newest of the name. */
export function findFlow(name: string, file: string, version: string | null = null): RegisteredFlow | undefined {
  const key = inFile(file, name);
  return shared.versions.get(key)?.get(version ?? '') ?? shared.flows.get(key);
}

/** In the order of their definition; `file`: only those of one file. */
export function listFlows(file?: string): readonly RegisteredFlow[] {
  const all = [...shared.flows.values()];
  return file === undefined ? all : all.filter(({ definition }) => definition.file === file);
}

function keep<T>(all: Map<string, T>, key: string, definition: T): void {
  all.delete(key);
  all.set(key, definition);
  if (all.size <= DEFINITIONS_KEPT_MAX) return;
  const [oldest] = all.keys();
  if (oldest !== undefined) all.delete(oldest);
}

function inFile(file: string, name: string): string {
  return `${file}\0${name}`;
}

export function loadMode(): LoadMode {
  return shared.mode;
}

/**
 * Called before the first user module is imported. Holds for the rest of the process: top-level code may continue at
 * any time.
 */
export function setLoadMode(mode: LoadMode): void {
  shared.mode = mode;
}

/**
 * Asked first by every call of a flow or task. `true`: start nothing, answer something that never settles.
 *
 * @param inRun whether a run surrounds the call
 * @param site where the call stands
 */
export function isHeldBack(inRun: boolean, site?: { readonly label: string }): boolean {
  if (shared.mode === 'normal' || inRun) return false;
  lastHeldBack = site?.label ?? null;
  for (const listener of shared.heldBackListeners) listener();
  return true;
}

let lastHeldBack: string | null = null;

/**
 * Why a definition may be missing from a module that is imported: its module stands at a held-back call above the
 * definition.
 */
export function whyUnreached(importing: Promise<unknown>): string | null {
  if (!standing.has(importing)) return null;
  return lastHeldBack === null
    ? 'its top level awaits something that does not end'
    : `its top level awaits a call, and calls at the top level do not run there (${lastHeldBack})`;
}

/** Imports whose module waits at a call that was held back, or has waited for long: they will not finish. */
const standing = new WeakSet<Promise<unknown>>();

/**
 * What `find` finds while a module is imported; `undefined` when the module does not define it.
 *
 * Throws what the module threw. Waits for top-level `await`s, but not for calls that are held back: they never end.
 */
export function awaitDefinition<T>(
  importing: Promise<unknown>,
  find: () => T | undefined,
  clock: Clock,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timers = new Set<Timer>();
    const after = (delayMs: number, callback: () => void): void => void timers.add(clock.setTimer(delayMs, callback));
    const end = (outcome: () => void): void => {
      shared.heldBackListeners.delete(onHeldBack);
      for (const timer of timers) timer.cancel();
      outcome();
    };
    const onHeldBack = (): void => {
      standing.add(importing);
      const definition = find();
      if (definition !== undefined) end(() => resolve(definition));
      else after(AFTER_HELD_BACK_MS, () => end(() => resolve(find())));
    };
    const look = (left: number): void =>
      after(CHECK_AGAIN_MS, () => {
        const definition = find();
        if (definition === undefined && left > 0) return look(left - 1);
        standing.add(importing);
        end(() => resolve(definition));
      });
    importing.then(
      () => end(() => resolve(find())),
      (error: unknown) => end(() => reject(error as Error)),
    );
    if (standing.has(importing)) return onHeldBack();
    shared.heldBackListeners.add(onHeldBack);
    look(CHECKS_MAX);
  });
}
