/** Names one step for the record: where it was called, with what, and which earlier record it continues. */

import { canonicalText } from '../core/codec.ts';
import { judgeStep } from '../core/resume-plan.ts';
import { stepIdentity } from '../core/step-identity.ts';
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

/** Content of the arguments; parts marked `opaque` count by their mark only. */
export function identifyStep(ports: EnginePorts, request: StepRequest): string {
  const { args } = request;
  const hashed = args.some((arg) => isAnnotated(arg)) ? args.map((arg) => (isAnnotated(arg) && arg.kind === 'opaque' ? 'opaque' : arg)) : args;
  const inputHash = hashed.length === 0 ? '' : ports.hash(canonicalText(hashed).text);
  return stepIdentity({ parentStep: request.parentStep, callSite: request.site.id, key: request.key ?? null, taskKey: request.taskKey, inputHash }, ports.hash);
}

/** The record of an earlier attempt that this step continues; `undefined` when the step is new. */
export function takeRecorded(flow: FlowScope | null, step: string): RecordedStep | undefined {
  return flow?.ledger?.take(step);
}

/** Whether the earlier record spares the work: it completed, was not rolled back, its code is the same, and its value was kept. */
export function isReusable(recorded: RecordedStep, sourceHash: string): boolean {
  return judgeStep(recorded, sourceHash).reuse;
}
