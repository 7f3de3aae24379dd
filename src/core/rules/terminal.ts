/** Terminal is final, unless a new attempt is opened. */

import { isTerminalType, type ProposedState, type State } from '../state.ts';
import { isKept } from '../value.ts';
import type { FlowRule, TaskRule } from './facts.ts';
import { ANY_TYPE, TERMINAL_TYPES, type Rule } from './policy.ts';

function hasKeptResult(state: State | ProposedState): boolean {
  return state.type === 'COMPLETED' && isKept(state.data);
}

/** For the process that holds the run: later proposals about a finished run change nothing. */
export const terminalIsFinal: Rule<unknown> = {
  name: 'terminal-is-final',
  from: TERMINAL_TYPES,
  to: ANY_TYPE,
  reads: {},
  apply: (from) => ({ verdict: 'keep', reason: `Run is already ${from?.type}.` }),
};

/** As `terminalIsFinal`, but a new attempt of the flow run opens its task runs again. */
export const terminalIsFinalWithinAttempt: TaskRule<'flowRunAttempt' | 'flowRunRunCount'> = {
  name: 'terminal-is-final-within-attempt',
  from: TERMINAL_TYPES,
  to: ANY_TYPE,
  reads: { flowRunAttempt: true, flowRunRunCount: true },
  apply(from, proposed, facts) {
    if (facts.flowRunAttempt > facts.flowRunRunCount && !isTerminalType(proposed.type)) return null;
    return { verdict: 'keep', reason: `Run is already ${from?.type}.` };
  },
};

/** A state with a kept result is not replaced by one without; applies to forced transitions, too. */
export const preventResultLoss: Rule<unknown> = {
  name: 'prevent-result-loss',
  from: ['COMPLETED'],
  to: ['COMPLETED'],
  reads: {},
  apply(from, proposed) {
    if (from === null || !hasKeptResult(from) || hasKeptResult(proposed)) return null;
    return {
      verdict: 'keep',
      reason: 'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
    };
  },
};

/**
 * Transitions of a flow run after its end, proposed by others than its process (Prefect's
 * `HandleFlowTerminalStateTransitions`).
 */
export const handleFlowTerminal: FlowRule<'hasDeployment'> = {
  name: 'handle-flow-terminal',
  from: TERMINAL_TYPES,
  to: ANY_TYPE,
  reads: { hasDeployment: true },
  apply(from, proposed, facts) {
    if (from === null) return null;
    if (proposed.type === 'CANCELLING' || proposed.type === 'PAUSED' || proposed.type === 'CRASHED') {
      return { verdict: 'abort', reason: `Run is already in terminal state ${from.type}.` };
    }
    if (isTerminalType(proposed.type)) return null;
    if (hasKeptResult(from)) return { verdict: 'keep', reason: 'Run is already COMPLETED.' };
    if (proposed.type === 'SCHEDULED' && !facts.hasDeployment) {
      return { verdict: 'abort', reason: 'Cannot reschedule a run without an associated deployment.' };
    }
    const retryType = proposed.type === 'SCHEDULED' ? 'reschedule' : null;
    return { verdict: 'amend', proposed, effects: { policy: { resuming: false, pauseKeys: [], retryType } } };
  },
};

/** As `handleFlowTerminal`, for task runs: leaving a terminal state opens a new attempt with its own retries. */
export const handleTaskTerminal: TaskRule<'flowRunAttempt' | 'flowRunRunCount'> = {
  name: 'handle-task-terminal',
  from: TERMINAL_TYPES,
  to: ANY_TYPE,
  reads: { flowRunAttempt: true, flowRunRunCount: true },
  apply(from, proposed, facts) {
    if (from === null) return null;
    if (proposed.type === 'CANCELLING' || proposed.type === 'PAUSED' || proposed.type === 'CRASHED') {
      return { verdict: 'abort', reason: `Run is already ${from.type}.` };
    }
    if (hasKeptResult(from)) return { verdict: 'keep', reason: 'This run is already completed.' };
    if (isTerminalType(proposed.type)) return null;
    const isNewAttempt = proposed.type === 'RUNNING' && facts.flowRunAttempt > facts.flowRunRunCount;
    return {
      verdict: 'amend',
      proposed: isNewAttempt ? { ...proposed, name: 'Retrying' } : proposed,
      effects: { resetRunCount: true },
    };
  },
};
