/** A policy is an ordered list of rules; each says for which transitions it is asked. */

import { isTerminalType, STATE_TYPES, type ProposedState, type State, type StateType } from '../state.ts';
import type { Instant } from '../time.ts';
import type { Verdict } from './decision.ts';

export type FromType = StateType | 'none';

export interface Rule<Facts> {
  readonly name: string;
  /** Types of the current state that it looks at; `none`: the run has no state yet. */
  readonly from: readonly FromType[];
  /** Types of the proposed state that it looks at. */
  readonly to: readonly StateType[];
  readonly apply: (from: State | null, proposed: ProposedState, facts: Facts, now: Instant) => Verdict | null;
}

export interface Policy<Facts> {
  readonly name: string;
  readonly rules: readonly Rule<Facts>[];
  /** The rules of one transition, in order. */
  readonly rulesFor: (from: StateType | undefined, to: StateType) => readonly Rule<Facts>[];
}

export const ANY_TYPE: readonly StateType[] = STATE_TYPES;
export const TERMINAL_TYPES: readonly StateType[] = STATE_TYPES.filter(isTerminalType);
export const ACTIVE_TYPES: readonly StateType[] = STATE_TYPES.filter((type) => !isTerminalType(type));

export function anyTypeBut(...left: readonly StateType[]): readonly StateType[] {
  return STATE_TYPES.filter((type) => !left.includes(type));
}

/** Sorts the rules into a table once, so that a transition asks only the rules that are about it. */
export function definePolicy<Facts>(name: string, rules: readonly Rule<Facts>[]): Policy<Facts> {
  const table = new Map<FromType, Map<StateType, readonly Rule<Facts>[]>>();
  for (const from of [...STATE_TYPES, 'none'] as const) {
    const row = new Map<StateType, readonly Rule<Facts>[]>();
    for (const to of STATE_TYPES)
      row.set(
        to,
        rules.filter((rule) => rule.from.includes(from) && rule.to.includes(to)),
      );
    table.set(from, row);
  }
  const none: readonly Rule<Facts>[] = [];
  return { name, rules, rulesFor: (from, to) => table.get(from ?? 'none')?.get(to) ?? none };
}
