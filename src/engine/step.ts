/** Names one step for the record: where it was called, with what, and which earlier record it continues. */

import { canonicalArguments, canonicalText, OPAQUE_MARK, type SharedTexts } from '../core/codec.ts';
import { ROLLED_BACK } from '../core/participation.ts';
import { judgeStep } from '../core/resume-plan.ts';
import { isSeveral, numberAmongAlike, type Alike } from './alike.ts';
import {
  alikeStep,
  isUnsure,
  numberedStep,
  placeIdentity,
  stepIdentity,
  unsureStep,
  type PlaceFacts,
} from '../core/step-identity.ts';
import type { RecordedStep } from '../core/task-run.ts';
import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { CallSite, EnginePorts } from './ports.ts';

export interface StepRequest {
  readonly site: CallSite;
  readonly key: string | undefined;
  readonly taskKey: string;
  readonly alike: Alike;
  /**
   * The values by which the call is compared: see `comparedInput`. `null`: its upstream failed, so it never gets its
   * inputs.
   */
  readonly args: readonly unknown[] | null;
  /** A part of the arguments was marked `opaque`. */
  readonly hasOpaque: boolean;
  /** Identity of the surrounding task's step; empty in the body of a flow. */
  readonly parentStep: string;
  readonly flow: FlowScope | null;
  readonly shared?: SharedTexts | undefined;
}

/** Longer inputs count by their hash; shorter ones are used as they are, without hashing. */
const INPUT_CHARS_MAX = 64;
/** Stands for inputs that are missing. The text of a list never begins with it. */
const NO_INPUT = '!';

/** The name of the step: see `core/step-identity.ts`. */
export function identifyStep(ports: EnginePorts, request: StepRequest): string {
  const { args, parentStep, key, flow, alike } = request;
  const text =
    args === null ? NO_INPUT : args.length === 0 ? '' : canonicalArguments(args, ports.largeParts, request.shared);
  const step = stepIdentity({ parentStep, place: placeOf(request, ports), input: inputOf(text, ports) }, ports.hash);
  const isPartial = text.startsWith(OPAQUE_MARK);
  const isUnknown = isUnsure(parentStep) || (isPartial && key === undefined);
  if (key === undefined && isSeveral(alike)) {
    const number = isUnknown ? null : numberAmongAlike(alike, ports.within !== undefined);
    return alikeStep(
      step,
      number === null || !request.hasOpaque ? number : `${number}~${flow?.nextEqual(step + number) ?? 0}`,
      ports.hash,
    );
  }
  if (isUnknown) return unsureStep(step);
  if (!isPartial && !request.hasOpaque) return step;
  return numberedStep(step, flow?.nextEqual(step) ?? 0, ports.hash);
}

/**
 * The values by which a call is compared: without those that the caller has marked `opaque`, with `this` where the
 * function looks at it.
 *
 * @param args as the engine compares them: see `FoundFutures.compared`
 */
export function comparedInput(
  definition: TaskDefinition,
  thisArg: unknown,
  args: readonly unknown[],
  hasOpaque: boolean,
): Pick<StepRequest, 'args' | 'hasOpaque'> {
  return { args: usesThis(definition, thisArg) ? [...args, { this: thisArg }] : args, hasOpaque };
}

const thisUsers = new WeakMap<TaskDefinition, boolean>();

/**
 * A method's object is an input, too. Arrow functions have none, and most functions called as `lib.load(…)` never ask
 * for it.
 */
export function usesThis(definition: TaskDefinition, thisArg: unknown): boolean {
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
  return usesThis(definition, thisArg) ? [...parts, ...canonicalText(thisArg, 'this').opaque] : parts;
}

/** Whether the source of a function begins with the parameters of an arrow function. */
const ARROW = /^(?:async\s*)?(?:\(|[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>)/u;

/**
 * A hash begins with a mark of its own; the text of a list begins with `[`, `Array`, `<` or the mark of opaque values.
 */
function inputOf(text: string, { hash }: EnginePorts): string {
  return text.length <= INPUT_CHARS_MAX ? text : `#${hash(text)}`;
}

/** The newest place of each call site: most lines call one task only. */
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

/** A step that an earlier attempt recorded, as the call that it belongs to gets it. */
export interface TakenStep extends RecordedStep {
  /** It failed, and a branch was begun for that: the failure stands. */
  readonly hasBranch?: boolean;
}

/**
 * The record of an earlier attempt that this step continues; `undefined` when the step is new.
 *
 * @param transaction the one around the call
 * @param sourceHash of its function, where that is known
 */
export function takeRecorded(
  flow: FlowScope | null,
  step: string,
  transaction: OpenTransaction | null,
  sourceHash?: string,
): TakenStep | undefined {
  const taken = flow?.ledger?.take(
    step,
    (recorded) =>
      2 * fits(transaction, recorded.participation?.within ?? []) + (recorded.sourceHash === sourceHash ? 1 : 0),
  );
  if (!taken) return undefined;
  if (taken.state.type !== 'COMPLETED')
    return flow?.ledger?.hasBranch(taken.state.details.childFlowRunId ?? taken.id)
      ? { ...taken, hasBranch: true }
      : taken;
  if (!wasTakenBack(flow, taken)) return taken;
  return { ...taken, state: { ...taken.state, name: ROLLED_BACK } };
}

function fits(transaction: OpenTransaction | null, within: readonly string[]): number {
  return transaction === null ? -within.length : transaction.fits(within);
}

/** Whether the step is a subflow in a transaction that was rolled back: its tasks were, and are done again. */
export function wasTakenBack(flow: FlowScope | null, { state, participation }: RecordedStep): boolean {
  if (state.details.childFlowRunId === undefined || participation === undefined) return false;
  return flow?.book?.isRolledBack(participation.within, flow.depth) === true || state.name === ROLLED_BACK;
}

/** Whether the recorded step failed for good: its failure was answered by a branch, and its code is unchanged. */
export function isFailedForGood(recorded: TakenStep, sourceHash: string): boolean {
  const { state, step } = recorded;
  return (
    recorded.hasBranch === true &&
    (state.type === 'FAILED' || state.type === 'CRASHED') &&
    !isUnsure(step) &&
    recorded.sourceHash === sourceHash
  );
}

/**
 * Whether the recorded step makes the work unnecessary: it completed, was not rolled back, its code is unchanged, and
 * its value was kept.
 */
export function isReusable(recorded: RecordedStep, sourceHash: string): boolean {
  return judgeStep(recorded, sourceHash).reuse;
}
