/** What the engine needs in some programs only: each is loaded with its first use (ADR 064). */

import { lazyModule } from '../core/lazy-module.ts';

/** Bodies in threads and processes of their own. */
export const isolating = lazyModule(() => import('./isolation/isolated-session.ts'));
/** Steps and transactions of earlier attempts. */
export const past = lazyModule(() => import('./resume.ts'));
/** Flows that say `resume: 'automatic'`. */
export const automaticResume = lazyModule(() => import('./auto-resume.ts'));
/** Calls with the idempotency key of another run. */
export const existingRuns = lazyModule(() => import('./existing-run.ts'));
/** Steps that are begun because another one failed. */
export const branching = lazyModule(() => import('./branches.ts'));
/** Tasks with the option `cache`. */
export const caching = lazyModule(() => import('./caching.ts'));
/** Tasks inside transactions. */
export const joining = lazyModule(() => import('./task-transaction.ts'));
/** The same, finished by an earlier attempt. */
export const recalling = lazyModule(() => import('./recalled-task.ts'));
