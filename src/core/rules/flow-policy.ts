/** The rules of flow runs, in Prefect's order (`server/orchestration/core_policy.py`). */

import { bypassCancellingWithNoInfrastructure, enforceCancellingToCancelled } from './cancelling.ts';
import { enforceSlotsOnLate, preserveLeaseId, secureSlot, validateSlotAtRunning } from './deployment-slots.ts';
import { preventDuplicateTransition } from './duplicate.ts';
import type { FlowRunFacts } from './facts.ts';
import { onlyScheduledRunsGetLate } from './late.ts';
import { handlePausing, handleResumingPaused } from './pausing.ts';
import { preventPendingTransitions } from './pending.ts';
import { definePolicy, type Rule } from './policy.ts';
import { activeIsNotResumable, completedIsNotResumable, openNewAttempt } from './resume.ts';
import { retryFailedFlow } from './retries.ts';
import { copyScheduledTime, waitForScheduledTime } from './schedule.ts';
import { handleFlowTerminal, preventResultLoss, terminalIsFinal } from './terminal.ts';

const FLOW_RULES: readonly Rule<FlowRunFacts>[] = [
  preserveLeaseId,
  preventDuplicateTransition,
  handleFlowTerminal,
  preventResultLoss,
  enforceCancellingToCancelled,
  bypassCancellingWithNoInfrastructure,
  preventPendingTransitions,
  validateSlotAtRunning,
  secureSlot,
  onlyScheduledRunsGetLate,
  handlePausing,
  handleResumingPaused,
  copyScheduledTime,
  waitForScheduledTime,
  retryFailedFlow,
];

/** For whoever asks without holding the run: people, Prefect's clients. */
export const flowPolicy = definePolicy<FlowRunFacts>('flow', FLOW_RULES);

/** For the process that holds the run: a finished run stays finished, whatever still arrives from its own process. */
export const ownedFlowPolicy = definePolicy<FlowRunFacts>('owned-flow', [preventDuplicateTransition, terminalIsFinal, ...FLOW_RULES]);

/** Forced transitions: the invariants only. */
export const minimalFlowPolicy = definePolicy<FlowRunFacts>('minimal-flow', [preventResultLoss, bypassCancellingWithNoInfrastructure]);

/** For the service that marks runs late. */
export const latePolicy = definePolicy<FlowRunFacts>('late', [onlyScheduledRunsGetLate, enforceSlotsOnLate]);

/** The explicit opening of a new attempt of a run that failed, crashed or was cancelled: SCHEDULED, named `AwaitingRetry`. */
export const resumePolicy = definePolicy<FlowRunFacts>('resume', [
  preventDuplicateTransition,
  completedIsNotResumable,
  activeIsNotResumable,
  openNewAttempt,
]);
