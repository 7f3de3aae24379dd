/**
 * What makes a step the same step when its flow runs again, and the book of the steps that were done before.
 *
 * 1. A step is named by what it is (where it was called, with which key, for which task, on which input), never by the order
 *    of calls: branches that run side by side cannot take each other's results.
 * 2. Calls that are equal in all of that have equal names. Each recorded step is handed out at most once.
 * 3. Among equals, completed ones come first (work that was done is not done again), then those that ended otherwise, then
 *    those that never ended; within each, the oldest first, as the flow made them.
 */

import { isTerminalType } from './state.ts';
import type { RecordedStep } from './task-run.ts';

/** Where steps are called: the same for all calls of one line, so it is hashed once. */
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
  /** Names the arguments: equal for equal ones, different for different ones. */
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

/** Every part carries its length, so that no two lists of parts have the same text. */
function sized(part: string): string {
  return `${part.length}:${part}`;
}

export class StepLedger {
  /** Newest first, so that taking the oldest is a pop. */
  readonly #byStep = new Map<string, RecordedStep[]>();
  #size = 0;

  constructor(rows: Iterable<RecordedStep>) {
    for (const row of rows) {
      const equals = this.#byStep.get(row.step);
      if (equals === undefined) this.#byStep.set(row.step, [row]);
      else equals.push(row);
      this.#size += 1;
    }
    for (const equals of this.#byStep.values()) if (equals.length > 1) equals.sort((a, b) => order(b, a));
  }

  /** How many recorded steps were not handed out yet. */
  get size(): number {
    return this.#size;
  }

  take(step: string): RecordedStep | undefined {
    const equals = this.#byStep.get(step);
    const taken = equals?.pop();
    if (equals?.length === 0) this.#byStep.delete(step);
    if (taken !== undefined) this.#size -= 1;
    return taken;
  }

  /** Recorded, but not called again (yet), oldest first: at the end of a run, the orphans. */
  rest(): readonly RecordedStep[] {
    return [...this.#byStep.values()].flat().sort(byCreation);
  }
}

function order(a: RecordedStep, b: RecordedStep): number {
  return rank(a) - rank(b) || byCreation(a, b);
}

function rank(step: RecordedStep): number {
  if (step.state.type === 'COMPLETED') return 0;
  return isTerminalType(step.state.type) ? 1 : 2;
}

function byCreation(a: RecordedStep, b: RecordedStep): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
