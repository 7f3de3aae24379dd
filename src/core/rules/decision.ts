/** What a rule may say, and what all rules together decide. */

import type { FlowRunPolicy } from '../flow-run.ts';
import type { SlotEffect } from './slot-facts.ts';
import type { ProposedState, State } from '../state.ts';

/** Changes that go with a written state, as data: `apply-flow-run.ts` and `apply-task-run.ts` carry them out. */
export interface RunEffects {
  /** Fields of the flow run's policy that take a new value. */
  readonly policy?: Partial<Pick<FlowRunPolicy, 'resuming' | 'pauseKeys' | 'retryType'>>;
  /** The same, once the attempt was counted: what holds for the transitions to come. */
  readonly policyAfter?: Partial<Pick<FlowRunPolicy, 'resuming' | 'pauseKeys'>>;
  /** What becomes of the slots of the run's deployment. */
  readonly slots?: readonly SlotEffect[];
  /** The attempts of a task run are counted from zero again, so that its retries are its own again. */
  readonly resetRunCount?: true;
}

export const NO_EFFECTS: RunEffects = Object.freeze({});

/** One rule's say about a transition; a rule that has nothing to say answers `null`. */
export type Verdict =
  /** Go on with this proposal of the same type (or the same one) and these effects. */
  | { readonly verdict: 'amend'; readonly proposed: ProposedState; readonly effects?: RunEffects }
  /** Write this state instead; no later rule is asked. */
  | { readonly verdict: 'replace'; readonly proposed: ProposedState; readonly reason: string; readonly effects?: RunEffects }
  /** Nothing is written, the run keeps the state it has. */
  | { readonly verdict: 'keep'; readonly reason: string }
  | { readonly verdict: 'wait'; readonly delaySeconds: number; readonly reason: string }
  | { readonly verdict: 'abort'; readonly reason: string };

export type Decision =
  /** The proposal becomes this state. */
  | { readonly status: 'accept'; readonly state: State; readonly effects: RunEffects }
  /** Another state stands: a replacement to write (`written`), or the current one (`null` for a run that has none yet). */
  | { readonly status: 'reject'; readonly state: State; readonly written: true; readonly reason: string; readonly effects: RunEffects }
  | {
      readonly status: 'reject';
      readonly state: State | null;
      readonly written: false;
      readonly reason: string;
      readonly effects: RunEffects;
    }
  /** Propose the same again after the delay: exact seconds, with fractions (the wire rounds them up). */
  | { readonly status: 'wait'; readonly delaySeconds: number; readonly reason: string }
  /** The proposal must not be repeated. */
  | { readonly status: 'abort'; readonly reason: string };
