import { ANY_TYPE, type Rule } from './policy.ts';

/** `Late` only marks a run that waits for its scheduled time, and only once. */
export const onlyScheduledRunsGetLate: Rule<unknown> = {
  name: 'only-scheduled-runs-get-late',
  from: ANY_TYPE,
  to: ['SCHEDULED'],
  reads: {},
  apply(from, proposed) {
    if (proposed.name !== 'Late') return null;
    if (from?.type !== 'SCHEDULED') return { verdict: 'keep', reason: 'Only scheduled flows can be marked late.' };
    return from.name === 'Late' ? { verdict: 'keep', reason: 'This flow run is already marked late.' } : null;
  },
};
