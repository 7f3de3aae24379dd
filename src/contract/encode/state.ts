/**
 * States as the wire has them. Schemas are imported as types only: loading them costs 130 ms, which no command waits
 * for.
 */

import { rawJson } from '../wire-json.ts';
import { decodeJson } from './value.ts';
import { instantOrNull } from './instant.ts';
import type * as wire from '../schema/state.ts';
import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { State } from '../../core/state.ts';
import { formatInstant } from '../../core/time.ts';
import type { FailureInfo, ValueRef } from '../../core/value.ts';

export function encodeState(state: State): wire.State {
  return encodeStateOf(state, NOBODY);
}

/** @param of the run that is in it, for states that do not name it themselves */
export function encodeStateOf(state: State, of: StateOwner): wire.State {
  return {
    id: state.id,
    type: state.type,
    name: state.name,
    timestamp: formatInstant(state.timestamp),
    message: state.message,
    data: state.data ? encodeReference(state.data) : null,
    state_details: encodeDetails(state, of),
    failure: 'failure' in state && state.failure ? encodeFailure(state.failure) : null,
    evidence: state.type === 'CRASHED' ? (state.evidence ?? null) : null,
  };
}

export interface StateOwner {
  readonly flowRunId?: FlowRunId | null;
  readonly taskRunId?: TaskRunId | null;
}

const NOBODY: StateOwner = Object.freeze({});

export function encodeReference(ref: ValueRef): unknown {
  switch (ref.kind) {
    case 'inline':
      return { type: 'inline', value: rawJson(ref.text), hash: ref.hash };
    case 'stored':
      return { type: 'reference', storage_key: ref.key, hash: ref.hash, bytes: ref.bytes };
    case 'unpersisted':
      return { type: 'unpersisted' };
    case 'foreign':
      return rawJson(ref.text);
  }
}

function encodeFailure(failure: FailureInfo): wire.Failure {
  return {
    name: failure.name,
    message: failure.message,
    code: failure.code ?? null,
    stack: failure.stack ?? null,
    fields: failure.fields === undefined ? null : decodeJson(failure.fields),
    cause: failure.cause ? encodeFailure(failure.cause) : null,
  };
}

function encodeDetails(state: State, of: StateOwner): wire.StateDetails {
  const { details } = state;
  return {
    flow_run_id: details.flowRunId ?? of.flowRunId ?? null,
    task_run_id: details.taskRunId ?? of.taskRunId ?? null,
    child_flow_run_id: details.childFlowRunId ?? null,
    scheduled_time: 'scheduledTime' in state ? instantOrNull(state.scheduledTime) : null,
    cache_key: details.cacheKey ?? null,
    cache_expiration: instantOrNull(details.cacheExpiration),
    deferred: details.deferred === undefined ? false : details.deferred,
    untrackable_result: details.untrackableResult ?? false,
    pause_timeout: instantOrNull(details.pauseTimeout),
    pause_reschedule: details.pauseReschedule ?? false,
    pause_key: details.pauseKey ?? null,
    run_input_keyset: details.runInputKeyset ?? null,
    refresh_cache: details.refreshCache ?? null,
    retriable: details.retriable ?? null,
    transition_id: details.transitionId ?? null,
    task_parameters_id: details.taskParametersId ?? null,
    traceparent: details.traceparent ?? null,
    deployment_concurrency_lease_id: details.deploymentConcurrencyLeaseId ?? null,
  };
}
