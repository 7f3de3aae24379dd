/** A policy is an ordered list of rules; each declares for which transitions it is called. */

import type { StateId } from '../ids.ts';
import { isTerminalType, STATE_TYPES, type ProposedState, type State, type StateType } from '../state.ts';
import type { Instant } from '../time.ts';
import type { Verdict } from './decision.ts';

export type FromType = StateType | 'none';

export interface Rule<Facts> {
  readonly name: string;
  /** Every fact that it reads, by name: others are not looked up for it, and it cannot access them. */
  readonly reads: { readonly [Name in keyof Facts]-?: true };
  /** Types of the current state that it applies to; `none`: the run has no state yet. */
  readonly from: readonly FromType[];
  /** Types of the proposed state that it applies to. */
  readonly to: readonly StateType[];
  readonly apply: Apply<Facts>;
}

/** @param stateId id of the state that may be written; unique */
type Apply<Facts> = (
  from: State | null,
  proposed: ProposedState,
  facts: Facts,
  now: Instant,
  stateId: StateId,
) => Verdict | null;

/** A rule that reads some of these facts. */
export type RuleOn<Facts> = Omit<Rule<Facts>, 'reads'> & { readonly reads: { readonly [Name in keyof Facts]?: true } };

/** The rules of one transition, in order, and the facts that any of them reads. */
export interface TransitionRules<Facts> {
  readonly rules: readonly RuleOn<Facts>[];
  readonly reads: readonly (keyof Facts)[];
}

export interface Policy<Facts> {
  readonly name: string;
  readonly rules: readonly RuleOn<Facts>[];
  readonly transition: (from: StateType | undefined, to: StateType) => TransitionRules<Facts>;
}

export const ANY_TYPE: readonly StateType[] = STATE_TYPES;
export const TERMINAL_TYPES: readonly StateType[] = STATE_TYPES.filter(isTerminalType);
export const ACTIVE_TYPES: readonly StateType[] = STATE_TYPES.filter((type) => !isTerminalType(type));

export function anyTypeBut(...left: readonly StateType[]): readonly StateType[] {
  return STATE_TYPES.filter((type) => !left.includes(type));
}

/** All facts that these rules read: a caller that decides by them must provide each. */
type FactsOf<SomeRule extends AnyRule> = [SomeRule['apply']] extends [Apply<infer Facts>] ? Facts : never;

type AnyRule = Omit<Rule<never>, 'reads'> & { readonly reads: object };

/** Sorts the rules into a table once, so that a transition only calls the rules that apply to it. */
export function definePolicy<const Rules extends readonly AnyRule[]>(
  name: string,
  rules: Rules,
): Policy<FactsOf<Rules[number]>> {
  return policyOf(name, rules as readonly unknown[] as readonly RuleOn<FactsOf<Rules[number]>>[]);
}

function policyOf<Facts>(name: string, rules: readonly RuleOn<Facts>[]): Policy<Facts> {
  const table = new Map<FromType, Map<StateType, TransitionRules<Facts>>>();
  for (const from of [...STATE_TYPES, 'none'] as const) {
    const row = new Map<StateType, TransitionRules<Facts>>();
    for (const to of STATE_TYPES) {
      const asked = rules.filter((rule) => rule.from.includes(from) && rule.to.includes(to));
      const reads = new Set(asked.flatMap((rule) => Object.keys(rule.reads) as (keyof Facts)[]));
      row.set(to, { rules: asked, reads: [...reads] });
    }
    table.set(from, row);
  }
  const none: TransitionRules<Facts> = { rules: [], reads: [] };
  return { name, rules, transition: (from, to) => table.get(from ?? 'none')?.get(to) ?? none };
}
