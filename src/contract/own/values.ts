/** The small parts of our own wire: ids, values, failures, states. */

import type { Labels } from '../../core/flow-run.ts';
import { isUuid } from '../../core/ids.ts';
import { STATE_TYPES, type ProposedState, type State, type StateDetails, type StateType } from '../../core/state.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FailureInfo, ValueRef } from '../../core/value.ts';
import { isJson } from '../json-bounds.ts';
import { boolean, instant, nullable, object, oneOf, optional, record, recursive, text, union, type Shape } from './shape.ts';

export function id<Id extends string>(): Shape<Id> {
  return {
    schema: { type: 'string', format: 'any-uuid' },
    write: (value) => value,
    read(wire, place) {
      if (typeof wire !== 'string' || !isUuid(wire)) throw new OstinatoError('bad-input', `${place} must be a UUID.`);
      return wire.toLowerCase() as Id;
    },
  };
}

export const labels: Shape<Labels> = record<string | number | boolean>({
  schema: { type: ['string', 'number', 'boolean'] },
  write: (value) => value,
  read(wire, place) {
    if (typeof wire === 'string' || typeof wire === 'number' || typeof wire === 'boolean') return wire;
    throw new OstinatoError('bad-input', `${place} must be a text, a number, true or false.`);
  },
});

const count: Shape<number> = {
  schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  write: (value) => value,
  read(wire, place) {
    if (Number.isSafeInteger(wire) && (wire as number) >= 0) return wire as number;
    throw new OstinatoError('bad-input', `${place} must be a whole number from 0 on.`);
  },
};

/** JSON text, which answers hold as it is: what is no JSON would break them. */
export const jsonText: Shape<string> = {
  schema: { type: 'string', description: 'JSON' },
  write: (value) => value,
  read(wire, place) {
    if (typeof wire === 'string' && isJson(wire)) return wire;
    throw new OstinatoError('bad-input', `${place} must be JSON text.`);
  },
};

export const valueRef: Shape<ValueRef> = union<ValueRef, 'kind'>('kind', {
  inline: object({ kind: oneOf('inline'), text: jsonText, hash: nullable(text()) }),
  stored: object({ kind: oneOf('stored'), key: text(), hash: text(), bytes: count }),
  unpersisted: object({ kind: oneOf('unpersisted') }),
  foreign: object({ kind: oneOf('foreign'), text: jsonText }),
});

export const failureInfo: Shape<FailureInfo> = recursive(() => object<FailureInfo>({
  name: text(), message: text(), code: optional(text()), stack: optional(text()), cause: optional(failureInfo), fields: optional(text()),
}));

export const stateType: Shape<StateType> = oneOf(...STATE_TYPES);

const details: Shape<StateDetails> = object<StateDetails>({
  flowRunId: optional(id()), taskRunId: optional(id()), childFlowRunId: optional(id()),
  cacheKey: optional(text()), cacheExpiration: optional(instant), refreshCache: optional(boolean()), retriable: optional(boolean()),
  transitionId: optional(text()), pauseTimeout: optional(instant), pauseReschedule: optional(boolean()), pauseKey: optional(text()),
  deferred: optional(boolean()), untrackableResult: optional(boolean()), deploymentConcurrencyLeaseId: optional(text()),
  traceparent: optional(text()), taskParametersId: optional(text()), runInputKeyset: optional(record(text())),
});

const data = optional(nullable(valueRef));
const failure = optional(nullable(failureInfo));

/** As it stands on the wire: the members of the union differ in what must be there, which the rules know. */
interface FlatState {
  readonly type: StateType;
  readonly id: State['id'];
  readonly name: string;
  readonly timestamp: State['timestamp'];
  readonly message: string | null;
  readonly details: StateDetails;
  readonly data?: ValueRef | null | undefined;
  readonly scheduledTime?: State['timestamp'] | undefined;
  readonly failure?: FailureInfo | null | undefined;
  readonly evidence?: string | undefined;
}

const flatState: Shape<FlatState> = object<FlatState>({
  type: stateType, id: id(), name: text(), timestamp: instant, message: nullable(text()), details, data,
  scheduledTime: optional(instant), failure, evidence: optional(text()),
});

type FlatProposal = Pick<FlatState, 'type' | 'data' | 'scheduledTime' | 'failure' | 'evidence'> & { readonly name?: string | undefined; readonly message?: string | null | undefined; readonly details?: StateDetails | undefined };

const flatProposal: Shape<FlatProposal> = object<FlatProposal>({
  type: stateType, name: optional(text()), message: optional(nullable(text())), details: optional(details), data,
  scheduledTime: optional(instant), failure, evidence: optional(text()),
});

/** What a state of this type cannot do without, where the sender left it out. */
function whole<T extends FlatState | FlatProposal>(flat: T, place: string): T {
  if (flat.type === 'SCHEDULED' && flat.scheduledTime === undefined) throw new OstinatoError('bad-input', `${place}.scheduled_time is missing.`);
  if (flat.type === 'COMPLETED' && flat.data === undefined) return { ...flat, data: null };
  if (flat.type === 'FAILED' && flat.failure === undefined) return { ...flat, failure: null };
  return flat;
}

export const state: Shape<State> = {
  schema: flatState.schema,
  write: (value) => flatState.write(value),
  read: (wire, place) => whole(flatState.read(wire, place), place) as State,
};

export const proposedState: Shape<ProposedState> = {
  schema: flatProposal.schema,
  write: (value) => flatProposal.write(value as FlatProposal),
  read: (wire, place) => whole(flatProposal.read(wire, place), place) as ProposedState,
};
