/** Names one step for the record: where it was called, with what, and which earlier record it continues. */

import { canonicalArguments } from '../core/codec.ts';
import { judgeStep } from '../core/resume-plan.ts';
import { placeIdentity, stepIdentity, type PlaceFacts } from '../core/step-identity.ts';
import type { RecordedStep } from '../core/task-run.ts';
import type { FlowScope } from './flow-scope.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import { isAnnotated } from './annotations.ts';

export interface StepRequest {
  readonly site: CallSite;
  readonly key: string | undefined;
  readonly taskKey: string;
  readonly args: readonly unknown[];
  /** Identity of the task that the call is inside of; empty in the body of a flow. */
  readonly parentStep: string;
}

/** Longer inputs count by their hash; shorter ones stand for themselves, which spares it. */
const INPUT_CHARS_MAX = 64;

/** Content of the arguments; parts marked `opaque` count by their mark only. */
export function identifyStep(ports: EnginePorts, request: StepRequest): string {
  const { args } = request;
  const compared = args.some(isAnnotated) ? args.map((arg) => (isAnnotated(arg) && arg.kind === 'opaque' ? 'opaque' : arg)) : args;
  const input = compared.length === 0 ? '' : inputOf(compared, ports);
  return stepIdentity({ parentStep: request.parentStep, place: placeOf(request, ports), input }, ports.hash);
}

/** A hash is told from a text by its mark: the text of a list starts with `[`, `Array` or `<`. */
function inputOf(args: readonly unknown[], { hash }: EnginePorts): string {
  const text = canonicalArguments(args);
  return text.length <= INPUT_CHARS_MAX ? text : `#${hash(text)}`;
}

/** The newest place of each call site: one line tends to call one task. */
const places = new WeakMap<CallSite, { readonly facts: PlaceFacts; readonly identity: string }>();

function placeOf({ site, key: given, taskKey }: StepRequest, { hash }: EnginePorts): string {
  const key = given ?? null;
  const newest = places.get(site);
  if (newest?.facts.taskKey === taskKey && newest.facts.key === key) return newest.identity;
  const facts: PlaceFacts = { callSite: site.id, key, taskKey };
  const identity = placeIdentity(facts, hash);
  places.set(site, { facts, identity });
  return identity;
}

/** The record of an earlier attempt that this step continues; `undefined` when the step is new. */
export function takeRecorded(flow: FlowScope | null, step: string): RecordedStep | undefined {
  return flow?.ledger?.take(step);
}

/** Whether the earlier record spares the work: it completed, was not rolled back, its code is the same, and its value was kept. */
export function isReusable(recorded: RecordedStep, sourceHash: string): boolean {
  return judgeStep(recorded, sourceHash).reuse;
}
