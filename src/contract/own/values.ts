/** The small parts of our own wire: values, failures, states. */

import { OstinatoError } from '../../core/errors.ts';
import type { Labels } from '../../core/flow-run.ts';
import { STATE_TYPES, type ProposedState, type State, type StateDetails, type StateType } from '../../core/state.ts';
import type { FailureInfo, ValueRef } from '../../core/value.ts';
import { refined } from '../codec.ts';
import { isJson } from '../json-bounds.ts';
import { Type } from '../type.ts';
import {
  Bool,
  Count,
  id,
  nullable,
  object,
  oneOf,
  optional,
  record,
  recursive,
  Text,
  Time,
  union,
  type SchemaOf,
} from './typed.ts';

export const labels: SchemaOf<Labels> = record(Type.Unsafe<Labels[string]>({ type: ['string', 'number', 'boolean'] }));

/** JSON text, which answers hold as it is: what is no JSON would break them. */
export const jsonText: SchemaOf<string> = refined(
  Type.Unsafe<string>(Type.String({ description: 'JSON' })),
  (given, place) => {
    if (isJson(given)) return given;
    throw new OstinatoError('bad-input', `${place} must be JSON text.`);
  },
);

export const valueRef: SchemaOf<ValueRef> = union<ValueRef, 'kind'>({
  inline: object({ kind: oneOf('inline'), text: jsonText, hash: nullable(Text) }),
  stored: object({ kind: oneOf('stored'), key: Text, hash: Text, bytes: Count }),
  unpersisted: object({ kind: oneOf('unpersisted') }),
  foreign: object({ kind: oneOf('foreign'), text: jsonText }),
});

export const failureInfo: SchemaOf<FailureInfo> = recursive<FailureInfo>('FailureInfo', (itself) =>
  object<FailureInfo>({
    name: Text,
    message: Text,
    code: optional(Text),
    stack: optional(Text),
    cause: optional(itself),
    fields: optional(Text),
  }),
);

export const stateType: SchemaOf<StateType> = oneOf(...STATE_TYPES);

/** `endedUnder` is the server's own. */
const details: SchemaOf<StateDetails> = object<Omit<StateDetails, 'endedUnder'>>({
  flow_run_id: optional(id()),
  task_run_id: optional(id()),
  child_flow_run_id: optional(id()),
  cache_key: optional(Text),
  cache_expiration: optional(Time),
  refresh_cache: optional(Bool),
  retriable: optional(Bool),
  transition_id: optional(Text),
  pause_timeout: optional(Time),
  pause_reschedule: optional(Bool),
  pause_key: optional(Text),
  deferred: optional(nullable(Bool)),
  untrackable_result: optional(Bool),
  deployment_concurrency_lease_id: optional(Text),
  traceparent: optional(Text),
  task_parameters_id: optional(Text),
  run_input_keyset: optional(record(Text)),
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

const flatState: SchemaOf<FlatState> = object<FlatState>({
  type: stateType,
  id: id(),
  name: Text,
  timestamp: Time,
  message: nullable(Text),
  details,
  data,
  scheduled_time: optional(Time),
  failure,
  evidence: optional(Text),
});

type FlatProposal = Pick<FlatState, 'type' | 'data' | 'scheduledTime' | 'failure' | 'evidence'> & {
  readonly name?: string | undefined;
  readonly message?: string | null | undefined;
  readonly details?: StateDetails | undefined;
};

const flatProposal: SchemaOf<FlatProposal> = object<FlatProposal>({
  type: stateType,
  name: optional(Text),
  message: optional(nullable(Text)),
  details: optional(details),
  data,
  scheduled_time: optional(Time),
  failure,
  evidence: optional(Text),
});

/** What a state of this type cannot do without, where the sender left it out. */
function whole<T extends FlatState | FlatProposal>(flat: T, place: string): T {
  if (flat.type === 'SCHEDULED' && flat.scheduledTime === undefined)
    throw new OstinatoError('bad-input', `${place}.scheduled_time is missing.`);
  if (flat.type === 'COMPLETED' && flat.data === undefined) return { ...flat, data: null };
  if (flat.type === 'FAILED' && flat.failure === undefined) return { ...flat, failure: null };
  return flat;
}

export const state: SchemaOf<State> = refined(flatState, whole) as SchemaOf<FlatState | State> as SchemaOf<State>;

export const proposedState: SchemaOf<ProposedState> = refined(flatProposal, whole) as SchemaOf<
  FlatProposal | ProposedState
> as SchemaOf<ProposedState>;
