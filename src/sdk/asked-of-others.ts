/**
 * The ways into what a flow asks of others: a run of a deployment, the answer of a person. What they take is loaded
 * with the first call.
 */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FlowRun } from '../core/flow-run.ts';
import { captureCallSite } from '../platform/call-sites.ts';
import type { Approval, ApprovalOptions, FormOption } from './approval-options.ts';
import type { RunDeploymentOptions } from './run-deployment-options.ts';
import { ensureDoor } from './runtime.ts';

/**
 * Asks for a run of a deployment, which whoever serves it runs, and waits for its end.
 *
 * @param name `FLOW/NAME`, the name alone where it is one of a kind, or the id
 * @returns the run as it is when it is over or when `timeoutSeconds` are: whether it did well is in its `state`
 * @throws `not-found` without such a deployment; `bad-parameters` for ones that the server refuses
 */
export async function runDeployment(name: string, options: RunDeploymentOptions = {}): Promise<FlowRun> {
  const site = captureCallSite(runDeployment);
  ensureDoor();
  const { askForRun } = await import('./run-deployment.ts');
  return await askForRun(name, options, site);
}

/**
 * Asks people, and waits for the first answer: a step of the flow, which a continued run goes on waiting in, or takes
 * the answer of. Only in the body of a flow. Answered with `ostinato approval answer`.
 *
 * @throws `timed-out` when nobody answers by `due` and there is no default; `bad-input` for options that do not fit
 * @example const { approved } = await approval({ title: 'Deploy?', due: '2h', default: { approved: false } });
 */
export function approval<S extends StandardSchemaV1>(
  options: ApprovalOptions<StandardSchemaV1.InferInput<S>> & FormOption<S>,
): Promise<StandardSchemaV1.InferOutput<S>>;
export function approval(options: ApprovalOptions): Promise<Approval>;
export async function approval(
  options: ApprovalOptions<unknown> & Partial<FormOption<StandardSchemaV1>>,
): Promise<unknown> {
  const site = captureCallSite(approval);
  ensureDoor();
  const { askApproval } = await import('./ask-approval.ts');
  return await askApproval(options, site);
}
