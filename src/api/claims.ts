import { CLAIM_FLOW_RUN } from '../contract/claim.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { ok, operation, type Operation } from './operation.ts';

export function claimOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(CLAIM_FLOW_RUN, async ({ params, body }) => {
      const claimed = await useCases.claimFlowRun({
        id: params['id'] as FlowRunId,
        processId: body.process_id.toLowerCase() as ProcessId,
      });
      return claimed.status === 'accept'
        ? ok({ lease_token: claimed.run.lease?.token ?? null, reason: null })
        : ok({ lease_token: null, reason: claimed.reason });
    }),
  ];
}
