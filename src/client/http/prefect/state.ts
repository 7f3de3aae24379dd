/**
 * States as Prefect's server takes and gives them. What it has no field for (failures, where a result is) goes as the
 * state's data.
 */

import { encodeState } from '../../../contract/encode/state.ts';
import { rawJson } from '../../../contract/wire-json.ts';
import type { FlowRunId, StateId, TaskRunId } from '../../../core/ids.ts';
import {
  DEFAULT_STATE_NAMES,
  STATE_TYPES,
  type State,
  type StateDetails,
  type StateType,
} from '../../../core/state.ts';
import type { FailureInfo, ValueRef } from '../../../core/value.ts';
import { instantIn, object, text, type Wire } from './fields.ts';

/** As `StateCreate`: the server stamps id and time itself. */
export function stateToPropose(state: State, transitionId: string | null): object {
  const { type, name, message, state_details: details } = encodeState(state);
  return {
    type,
    name,
    message,
    data: asResult(dataOf(state)),
    state_details: { ...withoutNulls(details), ...(transitionId === null ? {} : { transition_id: transitionId }) },
  };
}

/** As the payload of an event; id and time are those of the event. */
export function stateInEvent(state: State): object {
  const { type, name, message, state_details: details } = encodeState(state);
  return { type, name, message: message ?? '', state_details: withoutNulls(details), data: dataOf(state) };
}

/**
 * The server keeps the data as an artifact, which is listed among the user's own unless it says that it is a result.
 */
function asResult(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'type' in data ? { ...data, artifact_type: 'result' } : data;
}

function dataOf(state: State): unknown {
  const { data, failure } = encodeState(state);
  if (failure === null) return data;
  return {
    type: 'failure',
    failure: { ...failure, fields: 'failure' in state ? rawOrNull(state.failure?.fields) : null },
    ...(data === null ? {} : { data }),
  };
}

function rawOrNull(json: string | undefined): unknown {
  return json === undefined ? null : rawJson(json);
}

function withoutNulls(details: object): object {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== null && value !== false));
}

/** @param exact the same object with exact numbers, from which data of other clients is kept */
export function stateFrom(wire: Wire, exact: Wire = wire): State {
  const type = (STATE_TYPES as readonly string[]).includes(text(wire['type']) ?? '')
    ? (wire['type'] as StateType)
    : 'PENDING';
  const details = object(wire['state_details']);
  const timestamp = instantIn(wire, 'timestamp') ?? (0 as State['timestamp']);
  const base = {
    id: wire['id'] as StateId,
    type,
    name: text(wire['name']) ?? DEFAULT_STATE_NAMES[type],
    timestamp,
    message: text(wire['message']) || null,
    details: detailsFrom(details),
  };
  const scheduledTime = instantIn(details, 'scheduled_time');
  const { data, failure } = dataFrom(exact['data'] ?? null);
  return {
    ...base,
    data,
    ...(type === 'SCHEDULED'
      ? { scheduledTime: scheduledTime ?? timestamp }
      : scheduledTime === null
        ? {}
        : { scheduledTime }),
    ...(type === 'FAILED' || failure !== null ? { failure } : {}),
  } as State;
}

function detailsFrom(wire: Wire): StateDetails {
  const flowRunId = text(wire['flow_run_id']);
  const taskRunId = text(wire['task_run_id']);
  const childFlowRunId = text(wire['child_flow_run_id']);
  const cacheKey = text(wire['cache_key']);
  const transitionId = text(wire['transition_id']);
  return {
    ...(flowRunId === null ? {} : { flowRunId: flowRunId as FlowRunId }),
    ...(taskRunId === null ? {} : { taskRunId: taskRunId as TaskRunId }),
    ...(childFlowRunId === null ? {} : { childFlowRunId: childFlowRunId as FlowRunId }),
    ...(cacheKey === null ? {} : { cacheKey }),
    ...(transitionId === null ? {} : { transitionId }),
    ...(wire['retriable'] === false ? { retriable: false } : {}),
  };
}

function dataFrom(data: unknown): { readonly data: ValueRef | null; readonly failure: FailureInfo | null } {
  const fields = object(data);
  if (fields['type'] === 'failure') return { data: null, failure: failureFrom(object(fields['failure'])) };
  return { data: data === null ? null : referenceFrom(fields, data), failure: null };
}

function referenceFrom(fields: Wire, data: unknown): ValueRef {
  const hash = text(fields['hash']);
  if (fields['type'] === 'inline' && 'value' in fields && 'hash' in fields)
    return { kind: 'inline', text: JSON.stringify(fields['value']), hash };
  if (fields['type'] === 'reference' && hash !== null)
    return { kind: 'stored', key: text(fields['storage_key']) ?? hash, hash, bytes: Number(fields['bytes']) };
  return fields['type'] === 'unpersisted' ? { kind: 'unpersisted' } : { kind: 'foreign', text: JSON.stringify(data) };
}

function failureFrom(wire: Wire): FailureInfo {
  const code = text(wire['code']);
  const stack = text(wire['stack']);
  return {
    name: text(wire['name']) ?? 'Error',
    message: text(wire['message']) ?? '',
    ...(code === null ? {} : { code }),
    ...(stack === null ? {} : { stack }),
    ...((wire['fields'] ?? null) === null ? {} : { fields: JSON.stringify(wire['fields']) }),
    ...((wire['cause'] ?? null) === null ? {} : { cause: failureFrom(object(wire['cause'])) }),
  };
}
