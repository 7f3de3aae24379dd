/** The rules of task runs, in Prefect's order (`server/orchestration/core_policy.py`). */

import { refuseLongCacheKey, retrieveCached } from './caching.ts';
import { preventDuplicateTransition } from './duplicate.ts';
import { definePolicy } from './policy.ts';
import { renameReruns, retryFailedTask } from './retries.ts';
import { preventPendingTransitions } from './pending.ts';
import { copyScheduledTime, copyTaskParametersId, waitForScheduledTime } from './schedule.ts';
import { preventRunningInStoppedFlow } from './stopped-flow.ts';
import { secureTagSlots } from './tag-slots.ts';
import { handleTaskTerminal, terminalIsFinalWithinAttempt } from './terminal.ts';

const TASK_RULES = [
  preventDuplicateTransition,
  retrieveCached,
  handleTaskTerminal,
  preventRunningInStoppedFlow,
  copyScheduledTime,
  waitForScheduledTime,
  retryFailedTask,
  renameReruns,
  refuseLongCacheKey,
] as const;

/** For callers that do not run the task: people, Prefect's older clients. */
export const taskPolicy = definePolicy('task', [...TASK_RULES, secureTagSlots]);

/** For the engine that runs the task: a finished task run stays finished within one attempt of its flow run. */
export const ownedTaskPolicy = definePolicy('owned-task', [terminalIsFinalWithinAttempt, ...TASK_RULES]);

/** For tasks that are put into a queue (`state_details.deferred`): they belong to no flow run that must be running. */
export const backgroundTaskPolicy = definePolicy('background-task', [
  preventDuplicateTransition,
  preventPendingTransitions,
  retrieveCached,
  handleTaskTerminal,
  copyScheduledTime,
  copyTaskParametersId,
  waitForScheduledTime,
  retryFailedTask,
  renameReruns,
  refuseLongCacheKey,
]);

/** Forced transitions (`RolledBack`, marking lost work Crashed): the invariants only. */
export const minimalTaskPolicy = definePolicy('minimal-task', []);
