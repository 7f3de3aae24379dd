/**
 * A state as a row: common fields are columns, the others one JSON object (`body`), `null` when all have their
 * defaults. Reading gives the same state back.
 */

import { assertNever, type State, type StateDetails, type StateType } from '../../core/state.ts';
import type { StateId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { FailureInfo, ValueRef } from '../../core/value.ts';
import { readId, type IdValue } from '../id-value.ts';

export interface StateRow {
  readonly state_id: IdValue;
  readonly state_type: string;
  readonly state_name: string;
  readonly state_timestamp: number;
  readonly state_message: string | null;
  readonly state_body: string | null;
}

interface StateBody {
  scheduledTime?: Instant | undefined;
  data?: ValueRef | null | undefined;
  failure?: FailureInfo | null | undefined;
  evidence?: string | undefined;
  details?: StateDetails;
}

/** JSON of the fields specific to the state's type, and its details; `null` when all have their defaults. */
export function stateBody(state: State): string | null {
  const body = bodyByType(state);
  for (const key in state.details) {
    if (state.details[key as keyof StateDetails] !== undefined) {
      return JSON.stringify({ ...body, details: state.details });
    }
  }
  if (body === null) return null;
  if (state.type === 'COMPLETED' && state.data?.kind === 'inline') return inlineBody(state.data);
  const text = JSON.stringify(body);
  return text === '{}' ? null : text;
}

/** The body of nearly every task; built by hand in a quarter of the time. */
function inlineBody({ text, hash }: Extract<ValueRef, { kind: 'inline' }>): string {
  return `{"data":{"kind":"inline","text":${JSON.stringify(text)},"hash":${hash === null ? 'null' : JSON.stringify(hash)}}}`;
}

function bodyByType(state: State): StateBody | null {
  switch (state.type) {
    case 'SCHEDULED':
    case 'PENDING':
      return state.scheduledTime === undefined && !state.data
        ? null
        : { scheduledTime: state.scheduledTime, data: state.data };
    case 'RUNNING':
    case 'PAUSED':
    case 'CANCELLING':
      return state.data ? { data: state.data } : null;
    case 'COMPLETED':
      return state.data === null ? null : { data: state.data };
    case 'FAILED':
      return { failure: state.failure ?? undefined, data: state.data };
    case 'CRASHED':
      return { failure: state.failure, evidence: state.evidence, data: state.data };
    case 'CANCELLED':
      return { failure: state.failure, data: state.data };
    default:
      return assertNever(state, 'state');
  }
}

const NO_DETAILS: StateDetails = Object.freeze({});

export function readState(row: StateRow): State {
  const { details = NO_DETAILS, ...special } = row.state_body === null ? {} : (JSON.parse(row.state_body) as StateBody);
  const type = row.state_type as StateType;
  return {
    ...(type === 'COMPLETED' ? { data: null } : type === 'FAILED' ? { failure: null } : {}),
    ...special,
    type,
    id: readId<StateId>(row.state_id),
    name: row.state_name,
    timestamp: row.state_timestamp as Instant,
    message: row.state_message,
    details,
  } as State;
}
