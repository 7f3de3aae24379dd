/** What the orchestrator needs in some programs only: each is loaded with its first question (ADR 064). */

import { lazyModule } from '../core/lazy-module.ts';

export const resuming = lazyModule(() => import('./take-flow-run.ts'));
export const cancelling = lazyModule(() => import('./cancel-flow-run.ts'));
export const updating = lazyModule(() => import('./update-flow-run.ts'));
export const recording = lazyModule(() => import('./record-flow-run.ts'));
export const deleting = lazyModule(() => import('./delete-flow-run.ts'));
export const explaining = lazyModule(() => import('./explain-run.ts'));
export const reaping = lazyModule(() => import('./reap-lost-runs.ts'));
/** Slots of limits on tags, as running tasks take them. */
export const tagSlots = lazyModule(() => import('./concurrency/task-slots.ts'));
export const leases = lazyModule(() => import('./concurrency/release.ts'));
/** Runs of schedules, begun by other workers than ours. */
export const slotGate = lazyModule(() => import('./deployments/slot-gate.ts'));
/** Open tasks of a run that was ended by force. */
export const lostTasks = lazyModule(() => import('./end-lost-tasks.ts'));
