/**
 * The one rule function: the orchestrator decides flow runs with it, the engine decides task runs with it on the spot.
 *
 * Invariants:
 * 1. It is total and pure: facts, the time and the id of a new state are handed in.
 * 2. A written state is later than the one before it, by a microsecond at least (Prefect: states are unique by time).
 * 3. A rule sees the proposal as the rules before it left it; the first rule that does not amend ends the list.
 */

import type { StateId } from '../ids.ts';
import { assertNever, isTerminalType, stampState, type ProposedState, type State } from '../state.ts';
import type { Instant } from '../time.ts';
import { NO_EFFECTS, type Decision, type RunEffects } from './decision.ts';
import type { Policy } from './policy.ts';

/**
 * @param from the current state; `null` for a run without one
 * @param stateId the id of the state that may be written
 */
export function decide<Facts>(
  policy: Policy<Facts>,
  from: State | null,
  proposed: ProposedState,
  facts: Facts,
  now: Instant,
  stateId: StateId,
): Decision {
  let current = proposed;
  let effects = NO_EFFECTS;
  for (const rule of policy.transition(from?.type, proposed.type).rules) {
    const said = rule.apply(from, current, facts, now, stateId);
    if (said === null) continue;
    switch (said.verdict) {
      case 'amend':
        current = said.proposed;
        if (said.effects !== undefined) effects = mergeEffects(effects, said.effects);
        break;
      case 'replace':
        return {
          status: 'reject',
          state: stampState(withMark(said.proposed, proposed), stateId, timestampAfter(from, now)),
          written: true,
          reason: said.reason,
          effects: said.effects ?? NO_EFFECTS,
        };
      case 'keep':
        return {
          status: 'reject',
          state: from,
          written: false,
          reason: said.reason,
          effects: said.effects ?? NO_EFFECTS,
        };
      case 'wait':
        return {
          status: 'wait',
          delaySeconds: said.delaySeconds,
          reason: said.reason,
          ...(said.effects === undefined ? {} : { effects: said.effects }),
        };
      case 'abort':
        return { status: 'abort', reason: said.reason };
      default:
        return assertNever(said, 'verdict');
    }
  }
  return { status: 'accept', state: stampState(current, stateId, timestampAfter(from, now)), effects };
}

/**
 * The time of the next state: now, or a microsecond after the current state when the clock stood still or went back.
 */
export function timestampAfter(from: State | null, now: Instant): Instant {
  return from !== null && now <= from.timestamp ? ((from.timestamp + 1) as Instant) : now;
}

/**
 * The replacement answers the same request: it gets the proposal's transition id, by which a repeated request is known;
 * an end also says, as the proposal does, that nobody has the run any more.
 */
function withMark(replacement: ProposedState, proposed: ProposedState): ProposedState {
  const { transitionId, endedUnder } = proposed.details ?? {};
  if (transitionId === undefined && endedUnder === undefined) return replacement;
  const isOver = endedUnder !== undefined && isTerminalType(replacement.type);
  const mark = { ...(transitionId === undefined ? {} : { transitionId }), ...(isOver ? { endedUnder } : {}) };
  return { ...replacement, details: { ...replacement.details, ...mark } };
}

function mergeEffects(earlier: RunEffects, later: RunEffects): RunEffects {
  if (earlier === NO_EFFECTS) return later;
  return {
    ...earlier,
    ...later,
    policy: { ...earlier.policy, ...later.policy },
    policyAfter: { ...earlier.policyAfter, ...later.policyAfter },
    slots: [...(earlier.slots ?? []), ...(later.slots ?? [])],
  };
}
