/**
 * Tasks (or flows) that look the same and are not: one name, one file, one source, and different functions, as a
 * factory makes them. What a function closes over cannot be looked at, so nothing that was recorded of one may count
 * for another.
 *
 * 1. In one process they are told apart by the order in which they were made: the same function is the same one.
 *    Another process may make them in another order, or others, so nothing is taken over from there.
 * 2. Those that a flow's body makes are looked for among the ones of that attempt: the next one makes its own, and
 *    which is which nobody can tell. One that is alone is the same one there.
 * 3. The first of them may have been used before there was a second: `StepLedger` takes no result by its plain name
 *    then.
 */

import { currentFrame } from './run-context.ts';
import { sharedState } from './shared-state.ts';

/** All definitions that look the same. */
interface Looks {
  count: number;
  readonly numbers: WeakMap<object, number>;
}

/** Which of the definitions that look the same this one is. */
export interface Alike {
  readonly looks: { readonly count: number };
  /** 0, 1, 2 … in the order in which they were made. */
  readonly nth: number;
  /** Identifies the process. */
  readonly process: string;
  /** The attempt of a flow run in whose body (or in that of a task in it) it was made. */
  readonly madeIn: string | null;
}

/** For a definition that no other one looks like. */
export const ALONE: Alike = Object.freeze({ looks: { count: 1 }, nth: 0, process: '', madeIn: null });

/** Bound of memory for a program that makes tasks of ever new names. */
const KEPT_MAX = 10_000;

const places = sharedState('alike', () => ({
  ofProcess: new Map<string, Looks>(),
  ofAttempts: new WeakMap<object, Map<string, Looks>>(),
}));

export interface Made {
  readonly file: string;
  /** The task's key, or the flow's name. */
  readonly key: string;
  readonly sourceHash: string;
  /** Identifies the process. */
  readonly process: string;
  /**
   * Whether it is made while its module is evaluated. That happens once, also when a flow's body imports the module.
   */
  readonly isByModule: () => boolean;
}

/** Called for each definition. */
export function alikeTo(fn: object, { file, key, sourceHash, process, isByModule }: Made): Alike {
  const inside = currentFrame()?.scope.flow ?? null;
  const attempt = inside === null || isByModule() ? null : inside;
  const known = attempt === null ? places.ofProcess : ofAttempt(attempt);
  const name = `${file}\0${key}\0${sourceHash}`;
  let looks = known.get(name);
  if (!looks) {
    known.set(name, (looks = { count: 0, numbers: new WeakMap() }));
    if (known.size > KEPT_MAX) known.delete(known.keys().next().value as string);
  }
  let nth = looks.numbers.get(fn);
  if (nth === undefined) {
    looks.numbers.set(fn, (nth = looks.count));
    looks.count += 1;
  }
  return { looks, nth, process, madeIn: attempt === null ? null : `${attempt.flowRun.id} ${attempt.attempt}` };
}

function ofAttempt(attempt: object): Map<string, Looks> {
  let known = places.ofAttempts.get(attempt);
  if (!known) places.ofAttempts.set(attempt, (known = new Map()));
  return known;
}

export function isSeveral({ looks }: Alike): boolean {
  return looks.count > 1;
}

/**
 * What tells it from the others, in this process; `null` where nothing does.
 * @param isIsolate its others are not those of the program
 */
export function numberAmongAlike({ nth, process, madeIn }: Alike, isIsolate: boolean): string | null {
  return isIsolate || madeIn !== null ? null : `${process}.${nth}`;
}

/** Why nothing is taken over, as the end of a sentence. */
export function whyAlike(name: string, kind: 'tasks' | 'flows'): string {
  return `several ${kind} "${name}" are made from one source, and what their functions close over cannot be compared. Give each a name of its own`;
}
