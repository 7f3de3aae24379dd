/** Names one step for the record: where it was called, with what, and which earlier record it continues. */

import { canonicalArguments, canonicalText, OPAQUE_MARK, type SharedTexts } from '../core/codec.ts';
import { judgeStep } from '../core/resume-plan.ts';
import { isSeveral, numberAmongAlike, type Alike } from './alike.ts';
import { alikeStep, isUnsure, numberedStep, placeIdentity, stepIdentity, unsureStep, type PlaceFacts } from '../core/step-identity.ts';
import type { RecordedStep } from '../core/task-run.ts';
import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { CallSite, EnginePorts } from './ports.ts';

export interface StepRequest {
  readonly site: CallSite;
  readonly key: string | undefined;
  readonly taskKey: string;
  readonly alike: Alike;
  /** What the call is compared by: see `comparedInput`. `null`: its upstream failed, so it never learns its inputs. */
  readonly args: readonly unknown[] | null;
  /** A part of the arguments was marked `opaque`. */
  readonly hasOpaque: boolean;
  /** Identity of the task that the call is inside of; empty in the body of a flow. */
  readonly parentStep: string;
  readonly flow: FlowScope | null;
  readonly shared?: SharedTexts | undefined;
}

/** Longer inputs count by their hash; shorter ones stand for themselves, which spares it. */
const INPUT_CHARS_MAX = 64;
/** In place of an input that never came about: no text of a list begins so. */
const NO_INPUT = '!';

/** The name of the step: see `core/step-identity.ts`. */
export function identifyStep(ports: EnginePorts, request: StepRequest): string {
  const { args, parentStep, key, flow, alike } = request;
  const text = args === null ? NO_INPUT : args.length === 0 ? '' : canonicalArguments(args, ports.largeParts, request.shared);
  const step = stepIdentity({ parentStep, place: placeOf(request, ports), input: inputOf(text, ports) }, ports.hash);
  const isPartial = text.startsWith(OPAQUE_MARK);
  const isUnknown = isUnsure(parentStep) || (isPartial && key === undefined);
  if (key === undefined && isSeveral(alike)) {
    const number = isUnknown ? null : numberAmongAlike(alike, ports.within !== undefined);
    return alikeStep(step, number === null || !request.hasOpaque ? number : `${number}~${flow?.nextEqual(step + number) ?? 0}`, ports.hash);
  }
  if (isUnknown) return unsureStep(step);
  if (!isPartial && !request.hasOpaque) return step;
  return numberedStep(step, flow?.nextEqual(step) ?? 0, ports.hash);
}

/**
 * The values by which a call is compared: without those that the caller has marked `opaque`, with `this` where the function looks at it.
 *
 * @param args as the engine compares them: see `FoundFutures.compared`
 */
export function comparedInput(definition: TaskDefinition, thisArg: unknown, args: readonly unknown[], hasOpaque: boolean): Pick<StepRequest, 'args' | 'hasOpaque'> {
  return { args: looksAtThis(definition, thisArg) ? [...args, { this: thisArg }] : args, hasOpaque };
}

const thisUsers = new WeakMap<TaskDefinition, boolean>();

/** A method's object is an input, too. Arrow functions have none, and most functions called as `lib.load(…)` never ask for it. */
export function looksAtThis(definition: TaskDefinition, thisArg: unknown): boolean {
  if (thisArg === undefined || thisArg === null) return false;
  let uses = thisUsers.get(definition);
  if (uses === undefined) {
    const source = Function.prototype.toString.call(definition.fn);
    uses = !ARROW.test(source) && source.includes('this');
    thisUsers.set(definition, uses);
  }
  return uses;
}

/** The parts of a call's input that cannot be compared by content, as paths. */
export function opaqueParts(definition: TaskDefinition, thisArg: unknown, args: readonly unknown[]): readonly string[] {
  const parts = args.flatMap((arg, index) => canonicalText(arg, definition.inputs.at(index)).opaque);
  return looksAtThis(definition, thisArg) ? [...parts, ...canonicalText(thisArg, 'this').opaque] : parts;
}

/** The parameters of a function, when they begin its source, are those of an arrow function. */
const ARROW = /^(?:async\s*)?(?:\(|[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>)/u;

/** A hash is told from a text by its mark: the text of a list starts with `[`, `Array`, `<` or the mark of what is opaque. */
function inputOf(text: string, { hash }: EnginePorts): string {
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
