/** Cached results for clients that let the server decide (Prefect 2): found by key before a task runs. */

import type { TaskRule } from './facts.ts';
import { ANY_TYPE, type FromType, type Rule } from './policy.ts';

/** Characters; longer keys are refused (Prefect's `max_cache_key_length`). */
export const CACHE_KEY_CHARACTERS_MAX = 2000;

const FROM_ANY: readonly FromType[] = ['none', ...ANY_TYPE];

/** A task whose result is cached does not run. */
export const retrieveCached: TaskRule<'cached'> = {
  name: 'retrieve-cached',
  from: FROM_ANY,
  to: ['RUNNING'],
  reads: { cached: true },
  apply(_from, proposed, { cached }) {
    if (!cached || proposed.details?.cacheKey === undefined || proposed.details.refreshCache === true) return null;
    const { data, message, details } = cached;
    return {
      verdict: 'replace',
      proposed: { type: 'COMPLETED', name: 'Cached', data, message, details },
      reason: 'Retrieved state from cache',
    };
  },
};

/** The result is kept; only its cache key is dropped. */
export const refuseLongCacheKey: Rule<unknown> = {
  name: 'refuse-long-cache-key',
  from: FROM_ANY,
  to: ['COMPLETED'],
  reads: {},
  apply(_from, proposed) {
    if ((proposed.details?.cacheKey?.length ?? 0) <= CACHE_KEY_CHARACTERS_MAX) return null;
    return {
      verdict: 'replace',
      proposed,
      reason: `Cache key exceeded maximum allowed length of ${CACHE_KEY_CHARACTERS_MAX} characters.`,
    };
  },
};
