/** Takes a run that is due, before anybody else does. */

import { CLAIM_FLOW_RUN, TELL_PROCESS_END } from '../../contract/claim.ts';
import { SET_FLOW_RUN_STATE } from '../../contract/routes/flow-runs.ts';
import type { RunLease } from '../../core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../../core/ids.ts';
import type { ControlPlane } from './plane.ts';

/** Why a run is not given. */
export interface Refused {
  readonly refused: string;
}

/**
 * @param processId registered with the server; it gets the lease
 * @param worker the name of the worker that takes it
 */
export async function claimRun(
  plane: ControlPlane,
  id: FlowRunId,
  processId: ProcessId,
  worker?: string,
): Promise<RunLease | Refused> {
  if (plane.kind === 'prefect') return await claimOfPrefect(plane, id, processId);
  const body = { process_id: processId, ...(worker === undefined ? {} : { worker }) };
  const { plain } = await plane.ask(CLAIM_FLOW_RUN, { params: { id }, body });
  if (plain.lease_token !== null) return { processId, token: plain.lease_token };
  return { refused: plain.reason ?? 'It was not given.' };
}

/** That server has no leases: of those who propose Pending, one is accepted. */
async function claimOfPrefect(plane: ControlPlane, id: FlowRunId, processId: ProcessId): Promise<RunLease | Refused> {
  const { plain } = await plane.ask(SET_FLOW_RUN_STATE, {
    params: { id: await plane.runNames.remote(id) },
    body: { state: { type: 'PENDING' } },
    once: true,
  });
  if (plain.status === 'ACCEPT') return { processId, token: 0 };
  const reason = 'reason' in plain.details ? plain.details.reason : null;
  return { refused: reason ?? `The server answered ${plain.status}.` };
}

/** How the process of a Crashed run ended: a server that found it dead by itself does not know. */
export async function tellProcessEnd(
  plane: Pick<ControlPlane, 'ask'>,
  told: { readonly id: FlowRunId; readonly leaseToken: number; readonly evidence: string; readonly message: string },
): Promise<void> {
  const { id, leaseToken, evidence, message } = told;
  await plane.ask(TELL_PROCESS_END, { params: { id }, body: { lease_token: leaseToken, evidence, message } });
}
