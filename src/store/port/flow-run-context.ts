/**
 * What a decision about a flow run is taken on beside the run itself. A use case names what it needs of it; that is
 * read in the transaction that writes the outcome, and nothing else is read.
 */

import type { DeploymentSlots } from '../../core/concurrency/deployment-slots.ts';
import type { PoolSlots } from '../../core/concurrency/pool-slots.ts';
import type { Flow, FlowRun } from '../../core/flow-run.ts';

/** Everything that can be named. Each member has one loader in the store's logic: the compiler asks for it. */
export interface FlowRunContext {
  /** Its flow; `null`: there is no such run. */
  readonly flow: Flow | null;
  /** `null`: it has no deployment, or one without a limit of which it holds nothing either. */
  readonly deploymentSlots: DeploymentSlots | null;
  /** `null`: it is in no queue. */
  readonly poolSlots: PoolSlots | null;
}

export type FlowRunNeeds = { readonly [Name in keyof FlowRunContext]?: true };

/** What was named, and no more. */
export type ContextFor<Needs> = {
  readonly [Name in keyof Needs]: Name extends keyof FlowRunContext ? FlowRunContext[Name] : never;
};

/** Named beforehand, or by what the run is; the function only answers, as all that are called in a transaction. */
export type NeedsOf<Needs> = Needs | ((run: FlowRun) => Needs);
