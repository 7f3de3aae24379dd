/**
 * What identifies a step when its flow runs again, and the list of steps that earlier attempts recorded.
 *
 * 1. A step is named by what it is (where it was called, with which key, for which task, on which input), never by the
 *    order of calls: branches that run side by side cannot take each other's results.
 * 2. Calls that are equal in all of that have equal names. Each recorded step is handed out at most once: the oldest
 *    first, as the flow made them, so that the n-th of several equal calls goes on with the n-th record, whatever
 *    became of it. Of equal calls in several transactions, the one is taken that lies in what the asking transaction
 *    continues.
 * 3. A call whose input cannot be compared as a whole (an instance of a class, a function) is named unsure, and so is
 *    every call inside it. Such names may meet although the calls differ, so no result is ever taken by them.
 * 4. Where the user has said that such a part does not matter (`opaque`), or has named the call (`key`), it is told
 *    apart from others of the name by the number of calls before it.
 * 5. Tasks that differ in what their functions close over alone have names that hold in one process. Once a record has
 *    one of those, no result is taken by the plain name that the first of them may have had before there was another.
 */

import type { RecordedStep } from './task-run.ts';

/** Where steps are called: the same for all calls on one line, so it is hashed once. */
export interface PlaceFacts {
  /** `file:function:text of the calling line`. */
  readonly callSite: string;
  /** The user's own name for the step, where equal calls must be told apart. */
  readonly key: string | null;
  readonly taskKey: string;
}

export interface StepFacts {
  /** The step in whose body this one was called; `null` directly in the flow. */
  readonly parentStep: string | null;
  /** See `placeIdentity`. */
  readonly place: string;
  /** Identifies the arguments: equal for equal ones, different for different ones. */
  readonly input: string;
}

/** Shorter names would risk a collision within one run of millions of steps; longer ones cost bytes in every row. */
const STEP_CHARS = 24;

/** @param hash at least 24 characters of digest, of text of any length */
export function placeIdentity({ callSite, key, taskKey }: PlaceFacts, hash: (text: string) => string): string {
  return hash(`${sized(callSite)}${key === null ? '-' : sized(key)}${sized(taskKey)}`).slice(0, STEP_CHARS);
}

/** @param hash as for `placeIdentity` */
export function stepIdentity({ parentStep, place, input }: StepFacts, hash: (text: string) => string): string {
  return hash(`${parentStep === null ? '-' : sized(parentStep)}${sized(place)}${sized(input)}`).slice(0, STEP_CHARS);
}

/** First character of an identity whose input cannot be compared as a whole. */
const UNSURE = '?';
/** First character of an identity that only the order of calls tells from others. */
const NUMBERED = '~';

export function unsureStep(step: string): string {
  return UNSURE + step.slice(1);
}

/** Whether no result may be taken from a record with this identity. */
export function isUnsure(step: string): boolean {
  return step.startsWith(UNSURE);
}

/** @param nth how many calls of the same name there were before in this attempt */
export function numberedStep(step: string, nth: number, hash: (text: string) => string): string {
  return NUMBERED + hash(`${sized(step)}${nth}`).slice(1, STEP_CHARS);
}

/** First character (after `?` if unsure) of the identity of one of several tasks that look the same. */
const ALIKE = '!';

/** @param number which of them it is; `null`: unknown */
export function alikeStep(step: string, number: string | null, hash: (text: string) => string): string {
  return number === null
    ? UNSURE + ALIKE + step.slice(2)
    : ALIKE + hash(`${sized(step)}${sized(number)}`).slice(1, STEP_CHARS);
}

/** Whether another process cannot tell which task the record belongs to. */
export function isAlike(step: string): boolean {
  return step.startsWith(ALIKE) || step.startsWith(UNSURE + ALIKE);
}

/** Every part is prefixed with its length, so that no two lists of parts have the same text. */
function sized(part: string): string {
  return `${part.length}:${part}`;
}

/** First character of the identity of a branch. */
const BRANCH = '>';
/** Number of the branch that the failing call's own options ask for; those of `onFailure` begin behind it. */
export const OPTION_BRANCH = 0;

/**
 * Identity of the step that was begun because a run failed. It names the failed run, not a place in the code: a run
 * that has a branch on record has failed for good.
 *
 * @param of id of the failed run
 * @param nth 0: the branch of its options; 1, 2 …: those of `onFailure`, in the order in which they were asked for
 */
export function branchStep(of: string, nth: number): string {
  return `${BRANCH}${of}:${nth}`;
}

export function isBranch(step: string): boolean {
  return step.startsWith(BRANCH);
}

export class StepLedger {
  /** Newest first, so that the oldest is removed by `pop`. */
  readonly #byStep = new Map<string, RecordedStep[]>();
  /** Keys with several tasks that look the same. */
  readonly #alike = new Set<string>();
  /** Names of equal calls that were made in several transactions. */
  readonly #scattered = new Set<string>();
  #size = 0;

  constructor(rows: Iterable<RecordedStep>) {
    for (const row of rows) {
      if (isAlike(row.step)) this.#alike.add(row.taskKey);
      const equals = this.#byStep.get(row.step);
      if (equals === undefined) this.#byStep.set(row.step, [row]);
      else equals.push(row);
      this.#size += 1;
    }
    for (const [step, equals] of this.#byStep) {
      if (equals.length === 1) continue;
      equals.sort((a, b) => byCreation(b, a));
      if (new Set(equals.map(({ participation }) => participation?.within.at(-1))).size > 1) this.#scattered.add(step);
    }
  }

  /** Number of recorded steps that were not taken yet. */
  get size(): number {
    return this.#size;
  }

  /** @param fit how well the record of an equal call fits; the oldest of the best is taken */
  take(step: string, fit?: (recorded: RecordedStep) => number): RecordedStep | undefined {
    const equals = this.#byStep.get(step);
    const taken = equals && equals.length > 1 && fit ? takeBest(equals, fit) : equals?.pop();
    if (equals?.length === 0) this.#byStep.delete(step);
    if (taken === undefined) return undefined;
    this.#size -= 1;
    return taken.step.startsWith(ALIKE) || !this.hasAlike(taken.taskKey)
      ? taken
      : { ...taken, step: alikeStep(step, null, String) };
  }

  /** Whether equal calls were made in several transactions: which of those this one belongs to, it does not tell. */
  isScattered(step: string): boolean {
    return this.#scattered.has(step);
  }

  /**
   * Whether there were several tasks of this key that look the same: a result under a plain identity may belong to any.
   */
  hasAlike(taskKey: string): boolean {
    return this.#alike.size > 0 && this.#alike.has(taskKey);
  }

  /** Whether a branch was begun for the failure of this run, and has not been taken from here yet. */
  hasBranch(of: string): boolean {
    return this.#byStep.has(branchStep(of, OPTION_BRANCH)) || this.#byStep.has(branchStep(of, OPTION_BRANCH + 1));
  }

  /** Recorded, but not called again (yet), oldest first; at the end of a run these are the orphans. */
  rest(): readonly RecordedStep[] {
    return [...this.#byStep.values()].flat().sort(byCreation);
  }
}

/** @param equals newest first */
function takeBest(equals: RecordedStep[], fit: (recorded: RecordedStep) => number): RecordedStep | undefined {
  let best = equals.length - 1;
  let bestFit = -Infinity;
  for (let index = equals.length - 1; index >= 0; index -= 1) {
    const found = fit(equals[index] as RecordedStep);
    if (found > bestFit) [best, bestFit] = [index, found];
  }
  return equals.splice(best, 1)[0];
}

function byCreation(a: RecordedStep, b: RecordedStep): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
