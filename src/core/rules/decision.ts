/** The verdict of one rule, and the decision of all rules together. */

import type { FlowRunPolicy } from '../flow-run.ts';
import type { SlotEffect } from './slot-facts.ts';
import type { ProposedState, State } from '../state.ts';

/** Changes that go with a written state, as data: `apply-flow-run.ts` and `apply-task-run.ts` carry them out. */
export interface RunEffects {
  /** Fields of the flow run's policy that change. */
  readonly policy?: Partial<Pick<FlowRunPolicy, 'resuming' | 'pauseKeys' | 'retryType'>>;
  /** The same, applied after the attempt was counted: for later transitions. */
  readonly policyAfter?: Partial<Pick<FlowRunPolicy, 'resuming' | 'pauseKeys' | 'retryType'>>;
  /** Changes of the slots of the run's deployment. */
  readonly slots?: readonly SlotEffect[];
  /** A slot of the run's work pool and queue is taken with the state. */
  readonly poolSlot?: 'take';
  /** The slots of the limits on a task run's tags are taken with the state; or were refused, which is counted. */
  readonly tagSlots?: 'take' | 'refused';
  /** Keys of inputs that belonged to an earlier attempt, and are deleted. */
  readonly forgottenInputs?: readonly string[];
  /** Restarts the count of a task run's attempts, so that it has all its retries again. */
  readonly resetRunCount?: true;
}

export const NO_EFFECTS: RunEffects = Object.freeze({});

/** One rule's verdict about a transition; `null`: the rule does not apply. */
export type Verdict =
  /** Continue with this proposal of the same type (or the unchanged one) and these effects. */
  | { readonly verdict: 'amend'; readonly proposed: ProposedState; readonly effects?: RunEffects }
  /** Write this state instead; no later rule is called. */
  | {
      readonly verdict: 'replace';
      readonly proposed: ProposedState;
      readonly reason: string;
      readonly effects?: RunEffects;
    }
  /** No state is written, the run keeps its current one; only effects on the policy are applied. */
  | { readonly verdict: 'keep'; readonly reason: string; readonly effects?: Pick<RunEffects, 'policyAfter'> }
  | {
      readonly verdict: 'wait';
      readonly delaySeconds: number;
      readonly reason: string;
      readonly effects?: Pick<RunEffects, 'tagSlots'>;
    }
  | { readonly verdict: 'abort'; readonly reason: string };

export type Decision =
  /** The proposal becomes this state. */
  | { readonly status: 'accept'; readonly state: State; readonly effects: RunEffects }
  /**
   * Another state stands: a replacement to write (`written`), or the current one (`null` for a run that has none yet).
   */
  | {
      readonly status: 'reject';
      readonly state: State;
      readonly written: true;
      readonly reason: string;
      readonly effects: RunEffects;
    }
  | {
      readonly status: 'reject';
      readonly state: State | null;
      readonly written: false;
      readonly reason: string;
      readonly effects: RunEffects;
    }
  /** Propose the same again after the delay: exact seconds, with fractions (the wire rounds them up). */
  | {
      readonly status: 'wait';
      readonly delaySeconds: number;
      readonly reason: string;
      readonly effects?: Pick<RunEffects, 'tagSlots'> | undefined;
    }
  /** The proposal must not be repeated. */
  | { readonly status: 'abort'; readonly reason: string };
