/** Proposed states: from the wire to the core. */

import type { Static } from '../type.ts';

import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { ProposedState, StateDetails } from '../../core/state.ts';
import { parseInstant, type Instant } from '../../core/time.ts';
import type { ValueRef } from '../../core/value.ts';
import type { StateCreate, StateDetailsIn } from '../body/state.ts';

/** Of events, whose senders may say `null`, too. */
type Proposed = Omit<Static<typeof StateCreate>, 'state_details'> & {
  readonly state_details?: Static<typeof StateDetailsIn> | null;
};

/** `null` and absent are the same on the wire. */
export function instantIn(text: string | null | undefined): Instant | undefined {
  return text === null || text === undefined ? undefined : (parseInstant(text) ?? undefined);
}

/**
 * @param exactData the `data` of the body with exact numbers
 * @param now when a scheduled state is due that does not say when
 */
export function proposedState(body: Proposed, exactData: unknown, now: Instant): ProposedState {
  const { type } = body;
  const details = body.state_details ?? {};
  const scheduledTime = instantIn(details.scheduled_time);
  const data = foreignData(exactData);
  const common = {
    details: stateDetails(details),
    ...(body.name === null || body.name === undefined ? {} : { name: body.name }),
    ...(body.message === undefined ? {} : { message: body.message }),
  };
  switch (type) {
    case 'SCHEDULED':
      return { type, ...common, data, scheduledTime: scheduledTime ?? now };
    case 'PENDING':
      return { type, ...common, data, scheduledTime };
    case 'COMPLETED':
      return { type, ...common, data };
    case 'FAILED':
      return { type, ...common, data, failure: null };
    default:
      return { type, ...common, data };
  }
}

function foreignData(exactData: unknown): ValueRef | null {
  return exactData === null || exactData === undefined ? null : { kind: 'foreign', text: JSON.stringify(exactData) };
}

/** Without what is not said, so that rows stay small. */
export function stateDetails(details: Static<typeof StateDetailsIn>): StateDetails {
  const found: { -readonly [Key in keyof StateDetails]: StateDetails[Key] } = {};
  if (details.flow_run_id) found.flowRunId = details.flow_run_id.toLowerCase() as FlowRunId;
  if (details.task_run_id) found.taskRunId = details.task_run_id.toLowerCase() as TaskRunId;
  if (details.child_flow_run_id) found.childFlowRunId = details.child_flow_run_id.toLowerCase() as FlowRunId;
  if (details.cache_key) found.cacheKey = details.cache_key;
  if (details.cache_expiration) found.cacheExpiration = instantIn(details.cache_expiration);
  if (details.deferred || details.deferred === null) found.deferred = details.deferred;
  if (details.untrackable_result) found.untrackableResult = true;
  if (details.pause_timeout) found.pauseTimeout = instantIn(details.pause_timeout);
  if (details.pause_reschedule) found.pauseReschedule = true;
  if (details.pause_key) found.pauseKey = details.pause_key;
  if (details.run_input_keyset) found.runInputKeyset = details.run_input_keyset;
  if (details.refresh_cache !== null && details.refresh_cache !== undefined) found.refreshCache = details.refresh_cache;
  if (details.retriable !== null && details.retriable !== undefined) found.retriable = details.retriable;
  if (details.transition_id) found.transitionId = details.transition_id;
  if (details.task_parameters_id) found.taskParametersId = details.task_parameters_id;
  if (details.traceparent) found.traceparent = details.traceparent;
  if (details.deployment_concurrency_lease_id)
    found.deploymentConcurrencyLeaseId = details.deployment_concurrency_lease_id;
  return found;
}
