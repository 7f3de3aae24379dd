/** Facts of rules are declared: checked by the compiler; never run. */

import type { FlowRule, FlowRunFacts, TaskRule } from '../../src/core/rules/facts.ts';
import { decide } from '../../src/core/rules/decide.ts';
import { definePolicy } from '../../src/core/rules/policy.ts';
import type { State, ProposedState } from '../../src/core/state.ts';
import type { Instant } from '../../src/core/time.ts';
import type { StateId } from '../../src/core/ids.ts';
import { expectType } from './expect-type.ts';

declare const [from, proposed, now, stateId]: [State, ProposedState, Instant, StateId];
declare const run: Omit<FlowRunFacts, 'slots'>;

const full: FlowRule<'slots'> = {
  name: 'full',
  from: ['SCHEDULED'],
  to: ['PENDING'],
  reads: { slots: true },
  apply: (_from, _proposed, { slots }) => (slots?.isFree === false ? { verdict: 'abort', reason: 'Full.' } : null),
};
const again: FlowRule<'runCount' | 'policy'> = {
  name: 'again',
  from: ['RUNNING'],
  to: ['FAILED'],
  reads: { runCount: true, policy: true },
  apply: (_from, _proposed, facts) => {
    // @ts-expect-error it did not declare that it reads this
    void facts.slots;
    return facts.runCount > 3 ? { verdict: 'abort', reason: 'Too often.' } : null;
  },
};
// @ts-expect-error it reads more than it declares
void ({ ...full, reads: {} } satisfies FlowRule<'slots'>);
// @ts-expect-error nobody knows such a fact of a flow run
export type Unknown = FlowRule<'weather'>;
// @ts-expect-error it is a fact of task runs only
export type Other = FlowRule<'cached'>;
export type Known = TaskRule<'cached'>;

const policy = definePolicy('both', [full, again]);
const { reads } = policy.transition('SCHEDULED', 'PENDING');
expectType(reads[0]).is<'slots' | 'runCount' | 'policy' | undefined>();
decide(policy, from, proposed, { ...run, slots: null }, now, stateId);
// @ts-expect-error one of its rules reads the slots
decide(policy, from, proposed, run, now, stateId);
decide(definePolicy('one', [again]), from, proposed, run, now, stateId);
