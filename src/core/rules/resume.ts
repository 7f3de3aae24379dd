import { TERMINAL_TYPES, ACTIVE_TYPES, type Rule } from './policy.ts';

/** A new attempt is for work that did not finish; finished work is repeated as a new run. */
export const completedIsNotResumable: Rule<unknown> = {
  name: 'completed-is-not-resumable',
  from: ['COMPLETED'],
  to: ['SCHEDULED'],
  reads: {},
  apply: () => ({ verdict: 'abort', reason: 'Run is already COMPLETED: there is nothing left to continue.' }),
};

export const activeIsNotResumable: Rule<unknown> = {
  name: 'active-is-not-resumable',
  from: ACTIVE_TYPES,
  to: ['SCHEDULED'],
  reads: {},
  apply: (from) => ({ verdict: 'abort', reason: `Run is ${from?.type}: only a run that ended gets a new attempt.` }),
};

/** The new attempt has no pauses behind it. */
export const openNewAttempt: Rule<unknown> = {
  name: 'open-new-attempt',
  from: TERMINAL_TYPES,
  to: ['SCHEDULED'],
  reads: {},
  apply: (_from, proposed) => ({
    verdict: 'amend',
    proposed: { ...proposed, name: proposed.name ?? 'AwaitingRetry' },
    effects: { policy: { resuming: false, pauseKeys: [], retryType: 'in_process' } },
  }),
};
