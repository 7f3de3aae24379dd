/**
 * Limits on tags, for task runs whose client lets the server decide (Prefect 2). Source: Prefect 3,
 * `SecureTaskConcurrencySlots`.
 */

import type { Verdict } from './decision.ts';
import type { TaskRule } from './facts.ts';
import { ANY_TYPE, type FromType } from './policy.ts';

/**
 * The last rule: a run takes its slots only when no other is against its start. What is found in the cache stands even
 * when no slot is free.
 */
export const secureTagSlots: TaskRule<'tagSlots'> = {
  name: 'secure-tag-slots',
  from: ['none', ...ANY_TYPE] satisfies readonly FromType[],
  to: ['RUNNING'],
  reads: { tagSlots: true },
  apply(_from, proposed, { tagSlots }): Verdict | null {
    switch (tagSlots?.outcome) {
      case undefined:
        return null;
      case 'free':
        return { verdict: 'amend', proposed, effects: { tagSlots: 'take' } };
      case 'closed':
        return {
          verdict: 'abort',
          reason: `The concurrency limit on tag "${tagSlots.tag}" is 0 and will deadlock if the task tries to run again.`,
        };
      case 'full':
        return {
          verdict: 'wait',
          delaySeconds: tagSlots.waitSeconds,
          reason: `Concurrency limit reached for tags: ${tagSlots.tags.join(', ')}`,
          effects: { tagSlots: 'refused' },
        };
    }
  },
};
