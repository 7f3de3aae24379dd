import { TERMINAL_TYPES, ACTIVE_TYPES, type Rule } from './policy.ts';

/** A new attempt is for work that did not finish; what finished is run anew as a new run. */
export const completedIsNotResumable: Rule<unknown> = {
  name: 'completed-is-not-resumable',
  from: ['COMPLETED'],
  to: ['SCHEDULED'],
  apply: () => ({ verdict: 'abort', reason: 'Run is already COMPLETED: there is nothing left to continue.' }),
};

export const activeIsNotResumable: Rule<unknown> = {
  name: 'active-is-not-resumable',
  from: ACTIVE_TYPES,
  to: ['SCHEDULED'],
  apply: (from) => ({ verdict: 'abort', reason: `Run is ${from?.type}: only a run that ended gets a new attempt.` }),
};

/** The new attempt starts with a clean slate of pauses. */
export const openNewAttempt: Rule<unknown> = {
  name: 'open-new-attempt',
  from: TERMINAL_TYPES,
  to: ['SCHEDULED'],
  apply: (_from, proposed) => ({
    verdict: 'amend',
    proposed: { ...proposed, name: proposed.name ?? 'AwaitingRetry' },
    effects: { policy: { resuming: false, pauseKeys: [], retryType: 'in_process' } },
  }),
};
