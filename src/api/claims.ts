import { CLAIM_FLOW_RUN, TELL_PROCESS_END } from '../contract/claim.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { ok, operation, type Operation } from './operation.ts';

export function claimOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(CLAIM_FLOW_RUN, async ({ params, body }) => {
      const claimed = await useCases.claimFlowRun({
        id: params['id'] as FlowRunId,
        processId: body.process_id.toLowerCase() as ProcessId,
        worker: body.worker ?? null,
      });
      return claimed.status === 'accept'
        ? ok({ lease_token: claimed.run.lease?.token ?? null, reason: null })
        : ok({ lease_token: null, reason: claimed.reason });
    }),
    operation(TELL_PROCESS_END, async ({ params, body }) => {
      const { lease_token: leaseToken, evidence, message } = body;
      const id = params['id'] as FlowRunId;
      return ok({ is_told: await useCases.tellProcessEnd({ id, leaseToken, evidence, message }) });
    }),
  ];
}
