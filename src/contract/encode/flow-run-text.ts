/**
 * Lists of flow runs as they go out, for the request that pages and clients send most: the same as
 * `wireText(encodeFlowRun(run))` (a test compares them), in a fraction of the time. Parts that many runs share (policy,
 * tags, labels, submission) are read from the store as one frozen object each, and their text is made once. So is the
 * text of a run that is frozen, up to its estimates, which stand last and move with the time.
 */

import { instantOrNull, seconds } from './instant.ts';
import { encodeParameters, encodePolicy, encodeSubmission, lastChange, startDelta } from './flow-run.ts';
import { encodeReference, encodeStateOf } from './state.ts';
import { wireText } from '../wire-json.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { State } from '../../core/state.ts';
import { formatInstant, type Instant } from '../../core/time.ts';

const encoder = new TextEncoder();
/** Ends of runs are ASCII, and short. */
const END_BYTES_MAX = 120;

/** @param now for the estimates, which count the stretch that is under way. @returns UTF-8 */
export function flowRunsBytes(runs: readonly FlowRun[], now: Instant): Uint8Array {
  const heads = runs.map(headOf);
  const bytes = new Uint8Array(heads.reduce((sum, head) => sum + head.length + END_BYTES_MAX, 2));
  let length = 0;
  bytes[length++] = OPEN;
  for (let index = 0; index < runs.length; index += 1) {
    if (index > 0) bytes[length++] = COMMA;
    const head = heads[index] as Uint8Array;
    bytes.set(head, length);
    length += head.length;
    length += encoder.encodeInto(endText(runs[index] as FlowRun, now), bytes.subarray(length)).written;
  }
  bytes[length++] = CLOSE;
  return bytes.subarray(0, length);
}

const [OPEN, CLOSE, COMMA] = [91, 93, 44];

const heads = new WeakMap<FlowRun, Uint8Array>();

function headOf(run: FlowRun): Uint8Array {
  const known = heads.get(run);
  if (known !== undefined) return known;
  const head = encoder.encode(headText(run));
  if (Object.isFrozen(run)) heads.set(run, head);
  return head;
}

function endText(run: FlowRun, now: Instant): string {
  const underWay = run.state.type === 'RUNNING' ? now - run.state.timestamp : 0;
  return `"estimated_run_time":${seconds(run.totalRunTimeUs + underWay)},"estimated_start_time_delta":${startDelta(run, now)}}`;
}

function headText(run: FlowRun): string {
  const { state, parameters } = run;
  const reference =
    parameters.kind === 'stored'
      ? wireText({ storage_key: parameters.key, hash: parameters.hash, bytes: parameters.bytes })
      : 'null';
  return (
    `{"id":"${run.id}","created":"${formatInstant(run.createdAt)}","updated":"${formatInstant(lastChange(run))}","name":${quoted(run.name)},` +
    `"flow_id":"${run.flowId}","flow_name":${quoted(run.flowName)},"flow_version":${quoted(run.flowVersion)},"state_id":"${state.id}",` +
    `"state_type":"${state.type}","state_name":${quoted(state.name)},"state":${stateText(run)},"parameters":${wireText(encodeParameters(parameters))},` +
    `"parameters_reference":${reference},"tags":${shared(run.tags, JSON.stringify)},"labels":${shared(run.labels, JSON.stringify)},` +
    `"run_count":${run.runCount},"empirical_policy":${shared(run.policy, (policy) => wireText(encodePolicy(policy)))},"durability":"${run.durability}",` +
    `"parent_task_run_id":${id(run.parentTaskRunId)},"parent_flow_run_id":${id(run.parentFlowRunId)},"idempotency_key":${quoted(run.idempotencyKey)},` +
    `"entrypoint":${wireText(run.entrypoint && { file: run.entrypoint.file, export_name: run.entrypoint.exportName })},` +
    `"process_id":${id(run.lease?.processId ?? null)},${submissionText(run)}` +
    `"next_scheduled_start_time":${instant(state.type === 'SCHEDULED' ? state.scheduledTime : null)},"expected_start_time":${instant(run.expectedStartTime)},` +
    `"start_time":${instant(run.startTime)},"end_time":${instant(run.endTime)},"total_run_time":${seconds(run.totalRunTimeUs)},`
  );
}

/** Its fields stand among the run's own, each with a comma behind it. */
function submissionText({ submission }: FlowRun): string {
  if (submission === null) return NO_SUBMISSION;
  return shared(submission, () => `${wireText(encodeSubmission(submission)).slice(1, -1)},`);
}

const NO_SUBMISSION = `${wireText(encodeSubmission(null)).slice(1, -1)},`;

/** What a state says of itself that says nothing special, from its details' third field on. */
const PLAIN_DETAILS =
  '"cache_key":null,"cache_expiration":null,"deferred":false,"untrackable_result":false,"pause_timeout":null,"pause_reschedule":false,"pause_key":null,' +
  '"run_input_keyset":null,"refresh_cache":null,"retriable":null,"transition_id":null,"task_parameters_id":null,"traceparent":null,' +
  '"deployment_concurrency_lease_id":null}';

function stateText({ id: runId, state, parentTaskRunId }: FlowRun): string {
  if (!isPlain(state)) return wireText(encodeStateOf(state, { flowRunId: runId, taskRunId: parentTaskRunId }));
  const scheduled = 'scheduledTime' in state ? instant(state.scheduledTime) : 'null';
  return (
    `{"id":"${state.id}","type":"${state.type}","name":${quoted(state.name)},"timestamp":"${formatInstant(state.timestamp)}","message":${quoted(state.message)},` +
    `"data":${state.data ? wireText(encodeReference(state.data)) : 'null'},"state_details":{"flow_run_id":"${runId}","task_run_id":${id(parentTaskRunId)},` +
    `"child_flow_run_id":null,"scheduled_time":${scheduled},${PLAIN_DETAILS},"failure":null,"evidence":null}`
  );
}

function isPlain(state: State): boolean {
  if (state.type === 'CRASHED' || ('failure' in state && state.failure)) return false;
  for (const _ in state.details) return false;
  return true;
}

const texts = new WeakMap<object, string>();

/** The text of a part; made once for a part that cannot change. */
function shared<Part extends object>(part: Part, encode: (part: Part) => string): string {
  const known = texts.get(part);
  if (known !== undefined) return known;
  const text = encode(part);
  if (Object.isFrozen(part)) texts.set(part, text);
  return text;
}

function quoted(text: string | null): string {
  return text === null ? 'null' : JSON.stringify(text);
}

/** Ids have nothing to escape. */
function id(value: string | null): string {
  return value === null ? 'null' : `"${value}"`;
}

function instant(value: Instant | null | undefined): string {
  const text = instantOrNull(value);
  return text === null ? 'null' : `"${text}"`;
}
