/** Results that the server keeps for clients which let it decide (Prefect 2): found by key before a task runs. */

import type { TaskRunFacts } from './facts.ts';
import { ANY_TYPE, type FromType, type Rule } from './policy.ts';

/** Longer keys are not kept (Prefect's `max_cache_key_length`). */
export const CACHE_KEY_CHARACTERS_MAX = 2000;

const FROM_ANY: readonly FromType[] = ['none', ...ANY_TYPE];

/** A task that has its result already does not run. */
export const retrieveCached: Rule<TaskRunFacts> = {
  name: 'retrieve-cached',
  from: FROM_ANY,
  to: ['RUNNING'],
  apply(_from, proposed, { cached }) {
    if (!cached || proposed.details?.cacheKey === undefined || proposed.details.refreshCache === true) return null;
    const { data, message, details } = cached;
    return { verdict: 'replace', proposed: { type: 'COMPLETED', name: 'Cached', data, message, details }, reason: 'Retrieved state from cache' };
  },
};

/** The result stands; only its key does not. */
export const refuseLongCacheKey: Rule<unknown> = {
  name: 'refuse-long-cache-key',
  from: FROM_ANY,
  to: ['COMPLETED'],
  apply(_from, proposed) {
    if ((proposed.details?.cacheKey?.length ?? 0) <= CACHE_KEY_CHARACTERS_MAX) return null;
    return { verdict: 'replace', proposed, reason: `Cache key exceeded maximum allowed length of ${CACHE_KEY_CHARACTERS_MAX} characters.` };
  },
};
