/** How a worker of ours takes a run. */

import { Action, type RouteContract, UuidIn } from './route.ts';
import { EXACT, Nullable } from './schema/scalars.ts';
import { Type } from './type.ts';

/** Ours alone: the state and the lease, which Prefect's runs do not have, in one transaction. */
export const CLAIM_FLOW_RUN = {
  method: 'POST',
  path: '/ostinato/flow_runs/{id}/claim',
  name: 'ostinato_claim_flow_run',
  tag: 'Ostinato',
  summary: 'Take a run that is due: Pending, and the lease of it',
  body: Action({
    /** Registered as a process that runs flows. */
    process_id: UuidIn,
  }),
  answers: {
    200: Type.Object(
      {
        /** `null`: the run is another's, or may not begin now. */
        lease_token: Nullable(Type.Integer()),
        /** Why it is not given; `null` when it is. */
        reason: Nullable(Type.String()),
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;
