/** The rules of flow runs, in Prefect's order (`server/orchestration/core_policy.py`). */

import { bypassCancellingWithNoInfrastructure, enforceCancellingToCancelled } from './cancelling.ts';
import { enforceSlotsOnLate, preserveLeaseId, secureSlot, validateSlotAtRunning } from './deployment-slots.ts';
import { preventDuplicateTransition } from './duplicate.ts';
import { onlyScheduledRunsGetLate } from './late.ts';
import { handlePausing, handleResumingPaused } from './pausing.ts';
import { preventPendingTransitions } from './pending.ts';
import { securePoolSlot, validatePoolSlotAtRunning } from './pool-slots.ts';
import { definePolicy } from './policy.ts';
import { activeIsNotResumable, completedIsNotResumable, openNewAttempt } from './resume.ts';
import { retryFailedFlow } from './retries.ts';
import { copyScheduledTime, waitForScheduledTime } from './schedule.ts';
import { handleFlowTerminal, preventResultLoss, terminalIsFinal } from './terminal.ts';

const FLOW_RULES = [
  preserveLeaseId,
  preventDuplicateTransition,
  handleFlowTerminal,
  preventResultLoss,
  enforceCancellingToCancelled,
  bypassCancellingWithNoInfrastructure,
  preventPendingTransitions,
  validateSlotAtRunning,
  secureSlot,
  securePoolSlot,
  onlyScheduledRunsGetLate,
  handlePausing,
  handleResumingPaused,
  copyScheduledTime,
  waitForScheduledTime,
  validatePoolSlotAtRunning,
  retryFailedFlow,
] as const;

/** For callers that do not hold the run: people, Prefect's clients. */
export const flowPolicy = definePolicy('flow', FLOW_RULES);

/** For the process that holds the run: a finished run stays finished, whatever its process still sends. */
export const ownedFlowPolicy = definePolicy('owned-flow', [preventDuplicateTransition, terminalIsFinal, ...FLOW_RULES]);

/** Forced transitions: the invariants only. */
export const minimalFlowPolicy = definePolicy('minimal-flow', [
  preserveLeaseId,
  preventResultLoss,
  bypassCancellingWithNoInfrastructure,
]);

/** For the service that marks runs late. */
export const latePolicy = definePolicy('late', [onlyScheduledRunsGetLate, enforceSlotsOnLate]);

/** Opens a new attempt of a run that failed, crashed or was cancelled: SCHEDULED, named `AwaitingRetry`. */
export const resumePolicy = definePolicy('resume', [
  preventDuplicateTransition,
  completedIsNotResumable,
  activeIsNotResumable,
  openNewAttempt,
]);
