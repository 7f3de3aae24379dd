/**
 * Derives from the facts that a policy's rules read what has to be loaded, and makes the facts from what was loaded: a
 * use case names the policy, and gets in its transaction what its rules need.
 */

import { slotFacts, type SlotQuestion } from '../core/concurrency/deployment-slots.ts';
import { poolSlotFacts } from '../core/concurrency/pool-slots.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { ProposeFlowRunState } from '../core/flow-run-request.ts';
import type { FlowRunFacts } from '../core/rules/facts.ts';
import { mayHoldSlot } from '../core/rules/deployment-slots.ts';
import type { Policy } from '../core/rules/policy.ts';
import type { StateType } from '../core/state.ts';
import type { ContextFor, FlowRunNeeds } from '../store/port.ts';

const OF_RUN_OR_REQUEST: FlowRunNeeds = {};

/**
 * What has to be loaded for each fact, besides the run and the request. A fact that is missing here does not compile.
 */
const MADE_OF: { readonly [Name in keyof FlowRunFacts]-?: FlowRunNeeds } = {
  runCount: OF_RUN_OR_REQUEST,
  policy: OF_RUN_OR_REQUEST,
  hasDeployment: OF_RUN_OR_REQUEST,
  hasInfrastructure: OF_RUN_OR_REQUEST,
  isSubflow: OF_RUN_OR_REQUEST,
  retryDelaySeconds: OF_RUN_OR_REQUEST,
  waitsInWholeSeconds: OF_RUN_OR_REQUEST,
  retriesWhateverFailed: OF_RUN_OR_REQUEST,
  slots: { deploymentSlots: true },
  poolSlot: { poolSlots: true },
};

/**
 * What has to be loaded to move a run to a state of this type: for the rules, the events, and the slots that are
 * released.
 */
export function needsOf(policy: Policy<FlowRunFacts>, to: StateType): (run: FlowRun) => FlowRunNeeds {
  return ({ state, runner }) => {
    const needs = { ...neededFor(policy.transition(state.type, to).reads) };
    // Only full events have the tags of the flow.
    if (runner !== 'ostinato') needs.flow = true;
    if (mayHoldSlot(state)) needs.deploymentSlots = true;
    // Costs nothing for a run in no queue.
    needs.poolSlots = true;
    return needs;
  };
}

type Facts = readonly (keyof FlowRunFacts)[];
type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const known = new WeakMap<Facts, FlowRunNeeds>();

function neededFor(facts: Facts): Writable<FlowRunNeeds> {
  let needs = known.get(facts);
  if (needs === undefined) known.set(facts, (needs = Object.assign({}, ...facts.map((name) => MADE_OF[name]))));
  return needs as FlowRunNeeds;
}

/** The facts that the run and the request contain. */
export type RunFacts = Omit<FlowRunFacts, 'slots' | 'poolSlot'>;

export function runFactsOf(
  run: FlowRun,
  request: Pick<ProposeFlowRunState, 'retryDelaySeconds' | 'client'> = {},
): RunFacts {
  const { submission } = run;
  return {
    runCount: run.runCount,
    policy: run.policy,
    hasDeployment: submission !== null && submission.deploymentId !== null,
    hasInfrastructure: run.lease !== null || Boolean(submission?.infrastructurePid),
    isSubflow: run.parentTaskRunId !== null || run.parentFlowRunId !== null,
    retryDelaySeconds: request.retryDelaySeconds,
    waitsInWholeSeconds: request.client !== undefined,
    retriesWhateverFailed: request.client !== undefined,
  };
}

/** @param context as loaded by `needsOf`; what no rule reads is absent */
export function factsOf(
  run: FlowRun,
  context: ContextFor<FlowRunNeeds>,
  request: Pick<ProposeFlowRunState, 'retryDelaySeconds' | 'client'>,
  question: Omit<SlotQuestion, 'state' | 'clientVersion'>,
): FlowRunFacts {
  const { deploymentSlots = null, poolSlots = null } = context;
  const clientVersion = request.client?.version ?? null;
  return {
    ...runFactsOf(run, request),
    slots: deploymentSlots && slotFacts(deploymentSlots, { ...question, state: run.state, clientVersion }),
    poolSlot: poolSlotFacts(poolSlots),
  };
}
