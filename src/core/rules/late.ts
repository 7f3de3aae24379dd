import { ANY_TYPE, type Rule } from './policy.ts';

/** `Late` is a remark about a run that waits for its time: it is made once, and about nothing else. */
export const onlyScheduledRunsGetLate: Rule<unknown> = {
  name: 'only-scheduled-runs-get-late',
  from: ANY_TYPE,
  to: ['SCHEDULED'],
  apply(from, proposed) {
    if (proposed.name !== 'Late' || (from?.type === 'SCHEDULED' && from.name === 'Scheduled')) return null;
    return { verdict: 'keep', reason: 'Only a Scheduled run can be marked Late.' };
  },
};
