import { ANY_TYPE, type Rule } from './policy.ts';

/** A repeated request is told from a second proposal by its transition id. */
export const preventDuplicateTransition: Rule<unknown> = {
  name: 'prevent-duplicate-transition',
  from: ANY_TYPE,
  to: ANY_TYPE,
  reads: {},
  apply(from, proposed) {
    const mark = proposed.details?.transitionId;
    if (mark === undefined || mark !== from?.details.transitionId) return null;
    return { verdict: 'keep', reason: 'This run has already made this state transition.' };
  },
};
